"""Erasing everything about oneself: what it would do, doing it, and a goodbye."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict
from server.services import erasures
from server.web import caller, languages
from server.web.database import database, reading, transaction

bp = Blueprint("erasures", __name__, url_prefix="/my-data")


@bp.get("/erase")
def before() -> str:
    """Say in numbers what goes, what stays and what is given up; nothing happens yet."""
    return _page(caller.customer().member_id)


@bp.post("/erase")
def erase() -> str | tuple[str, int] | Response:
    """Erase the person, if they ticked that they know what it means; nothing brings them back."""
    member_id = caller.customer().member_id
    if request.form.get("sure") != "yes":
        return _page(member_id, error=gettext("Tick the box if you want to erase everything.")), 422
    try:
        with transaction() as db:
            erasures.erase(db, member_id=member_id, now=clock.now())
    except Conflict as error:
        return _page(member_id, error=languages.told(error)), 409

    database().settle()
    session.clear()
    return redirect(url_for("erasures.after"), 303)


@bp.get("/erased")
def after() -> str:
    """Say what happened, to somebody whom we no longer know."""
    return render_template("customer/erased.html")


def _page(member_id: int, *, error: str = "") -> str:
    with reading() as db:
        preview = erasures.preview(db, member_id=member_id, now=clock.now())
    return render_template("customer/erase.html", preview=preview, error=error)
