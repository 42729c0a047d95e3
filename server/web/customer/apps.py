"""The programs that a customer allowed to act for them."""

from flask import Blueprint, render_template

from server import clock
from server.services import authorizations, clients
from server.web import caller
from server.web.database import reading

bp = Blueprint("apps", __name__)


@bp.get("/connected-apps")
def show() -> str:
    """List the programs that may act for the customer, and what each may do."""
    member_id = caller.customer().member_id
    with reading() as db:
        connected = authorizations.connected(db, member_id=member_id, now=clock.now())
    return render_template("customer/apps.html", apps=connected, scopes=clients.APP_SCOPES)
