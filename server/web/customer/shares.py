"""What a customer shared, what came of it, and taking it back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.services import branches, channels, shares, wallets
from server.web import caller
from server.web.database import reading, settings, transaction
from server.web.pictures import branches as drawn
from server.web.pictures import trees

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
        link_of=_link_of,
    )


@bp.get("/shares/<code>")
def detail(code: str) -> str:
    """Show one share with the picture of what it set in motion."""
    member_id = caller.customer().member_id
    with reading() as db:
        share = wallets.share_of_member(db, member_id=member_id, code=code)
        branch = branches.of_share(db, member_id=member_id, code=code, now=clock.now())
    tree = drawn.tree_of(branch)
    return render_template(
        "customer/share.html",
        share=share,
        branch=branch,
        tree=tree,
        picture=trees.lay_out(tree),
        dots=trees.dots,
        in_words=drawn.in_words(tree),
        channels=channels.CHANNELS,
        link_of=_link_of,
    )


@bp.post("/shares/<code>/withdrawal")
def withdraw(code: str) -> Response:
    """Withdraw one share; doing it twice changes nothing."""
    member_id = caller.customer().member_id
    with transaction() as db:
        shares.withdraw(db, member_id=member_id, code=code, now=clock.now())
    flash(gettext("The link no longer works. What it earned before stays yours."), "good")
    return redirect(url_for("shares.show"), 303)


def _link_of(code: str) -> str:
    return f"{settings().link_url}/r/{code}"
