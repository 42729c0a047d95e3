"""The programs that a customer allowed to act for them."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server import clock
from server.services import authorizations, clients
from server.web import caller
from server.web.database import reading, transaction

bp = Blueprint("apps", __name__)


@bp.get("/connected-apps")
def show() -> str:
    """List the programs that may act for the customer, and what each may do."""
    member_id = caller.customer().member_id
    with reading() as db:
        connected = authorizations.connected(db, member_id=member_id, now=clock.now())
    return render_template("customer/apps.html", apps=connected, scopes=clients.APP_SCOPES)


@bp.post("/connected-apps/<family>/disconnection")
def disconnect(family: str) -> Response:
    """End what one program may do; doing it twice changes nothing."""
    member_id = caller.customer().member_id
    with transaction() as db:
        authorizations.disconnect(db, member_id=member_id, family=family, now=clock.now())
    flash("Disconnected. The app has to ask you again.", "good")
    return redirect(url_for("apps.show"), 303)
