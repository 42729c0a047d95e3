"""Settings of a person: language, browsers, apps, devices; nothing that asks for more."""

from flask import Blueprint, redirect, render_template, session
from flask_login import logout_user
from werkzeug.wrappers import Response

from server import clock
from server.services import authorizations, browsers, device_keys
from server.web import caller, sessions
from server.web.database import reading, settings, transaction

bp = Blueprint("preferences", __name__)


@bp.get("/settings")
def show() -> str:
    """Show what a person can set, and where each thing is looked after."""
    member_id, now = caller.customer().member_id, clock.now()
    with reading() as db:
        signed_in = browsers.signed_in(
            db, member_id=member_id, token_hash=sessions.name_kept(), now=now
        )
        apps = authorizations.connected(db, member_id=member_id, now=now)
        devices = device_keys.of_member(db, member_id=member_id)
    return render_template(
        "customer/settings.html",
        browsers=signed_in,
        apps=apps,
        devices=devices,
        site_url=settings().site_url,
    )


@bp.post("/settings/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    """Sign the person out of every browser, this one too."""
    member_id = caller.customer().member_id
    with transaction() as db:
        browsers.sign_out_everywhere(db, member_id=member_id)
    logout_user()
    session.clear()
    return redirect("/", 303)
