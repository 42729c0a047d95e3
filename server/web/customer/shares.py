"""What a customer shared, what came of it, and taking it back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.services import channels, shares, wallets
from server.web import caller
from server.web.database import reading, settings, transaction

bp = Blueprint("shares", __name__)


@bp.get("/shares")
def show() -> str:
    """List a customer's shares with what came through them."""
    member_id = caller.customer().member_id
    with reading() as db:
        wallet = wallets.of_member(db, member_id=member_id)
    return render_template(
        "customer/shares.html",
        shares=wallet.shares,
        channels=channels.CHANNELS,
        link_of=lambda code: f"{settings().link_url}/r/{code}",
    )


@bp.post("/shares/<code>/withdrawal")
def withdraw(code: str) -> Response:
    """Withdraw one share; doing it twice changes nothing."""
    member_id = caller.customer().member_id
    with transaction() as db:
        shares.withdraw(db, member_id=member_id, code=code, now=clock.now())
    flash(gettext("The link no longer works. What it earned before stays yours."), "good")
    return redirect(url_for("shares.show"), 303)
