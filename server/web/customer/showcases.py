"""The offers that a customer can share; their answers decide the order, and nothing else."""

from flask import Blueprint, render_template

from server import clock
from server.services import answers, showcases
from server.web import caller, languages
from server.web.attention import is_looked_at
from server.web.database import reading, transaction

bp = Blueprint("showcases", __name__)


@bp.get("/offers")
def show() -> str:
    """List the offers, those first that fit what the customer answered, with the reason."""
    member_id, now = caller.customer().member_id, clock.now()
    with reading() as db:
        showcase = showcases.of_member(
            db, member_id=member_id, language=languages.current(), now=now
        )
        is_news = answers.is_use_news(db, answer_ids=showcase.used, now=now)
    if is_news and is_looked_at():  # what nothing uses is deleted
        with transaction() as db:
            answers.note_use(db, answer_ids=showcase.used, now=now)
    return render_template("customer/offers.html", offers=showcase.offers)
