"""One question at a time: the card, the reply to it, and everything that was ever asked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, ConsentMissing, FieldInvalid, Gone, NotFound
from server.services import answers, ask_histories, asks, withdrawals
from server.web import caller, languages, sessions
from server.web.attention import is_looked_at
from server.web.database import reading, transaction

bp = Blueprint("answers", __name__)


def card(member_id: int) -> asks.Card | None:
    """Return the question of this session, if there is one; what is shown was asked.

    That is written by the request that shows it, once in a session, and only if somebody looks
    (docs/DECISIONS/0036).
    """
    now = clock.now()
    session, language = sessions.of_the_day(now), languages.current()
    with reading() as db:
        shown = asks.shown(db, member_id=member_id, session=session, language=language, now=now)
        if shown is not None or not is_looked_at():
            return shown
        if not asks.is_due(db, member_id=member_id, session=session, now=now):
            return None
    with transaction() as db:
        return asks.ask_next(db, member_id=member_id, session=session, language=language, now=now)


@bp.post("/asks/<ask_id>")
def reply(ask_id: str) -> tuple[str, int] | Response:
    """Note the reply to a card: an answer, not now, or never; the first one stays."""
    member_id = caller.customer().member_id
    said = request.form.get("reply", "")
    try:
        with transaction() as db:
            if said in ("not_now", "never"):
                is_first = answers.decline(
                    db,
                    member_id=member_id,
                    ask_public_id=ask_id,
                    is_for_good=said == "never",
                    now=clock.now(),
                )
            else:
                is_first = answers.answer(
                    db,
                    member_id=member_id,
                    ask_public_id=ask_id,
                    choice=_choice(),
                    text_hash=request.form.get("consent_hash", ""),
                    language=request.form.get("language", ""),
                    surface="site",
                    now=clock.now(),
                )
    except (FieldInvalid, ConsentMissing) as error:
        return _again(member_id, languages.told(error)), 422
    except (Conflict, Gone) as error:
        flash(languages.told(error), "bad")
        return redirect(url_for("wallet.show"), 303)

    flash(_noted(said, is_first=is_first), "good")
    return redirect(url_for("wallet.show"), 303)


@bp.get("/my-data/questions")
def show() -> str:
    """Show what a customer was asked, what they answered, and what they may still be asked."""
    return _page(caller.customer().member_id)


@bp.post("/my-data/questions/<question_id>/choice")
def change(question_id: str) -> tuple[str, int] | Response:
    """Choose another answer to a question that was answered."""
    member_id = caller.customer().member_id
    try:
        with transaction() as db:
            answers.change(
                db,
                member_id=member_id,
                question_public_id=question_id,
                choice=_choice(),
                now=clock.now(),
            )
    except (FieldInvalid, NotFound) as error:
        return _page(member_id, error=languages.told(error)), 422

    flash(gettext("Your answer is changed. Nothing else is."), "good")
    return redirect(url_for("answers.show"), 303)


@bp.post("/my-data/questions/withdrawal")
def withdraw() -> Response:
    """Delete an answer with its consent; doing it twice changes nothing."""
    member_id = caller.customer().member_id
    with transaction() as db:
        withdrawals.withdraw(
            db,
            member_id=member_id,
            consent_public_id=request.form.get("consent", ""),
            now=clock.now(),
        )
    flash(gettext("Your answer is deleted. Nothing that you earned changed."), "good")
    return redirect(url_for("answers.show"), 303)


def _choice() -> int:
    """Return which answer was chosen, or one that there is not."""
    typed = request.form.get("choice", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len("100") else -1


def _noted(said: str, *, is_first: bool) -> str:
    if not is_first:
        words = gettext("You had replied before; that reply stays. You can change it in My data.")
    elif said == "never":
        words = gettext("Noted. You will not be asked about this again.")
    elif said == "not_now":
        words = gettext("Noted. Nothing changes for you.")
    else:
        words = gettext("Thank you. You can change or delete your answer in My data.")
    return str(words)


def _again(member_id: int, error: str) -> str:
    """Show the card again with what is wrong."""
    now = clock.now()
    with reading() as db:
        card = asks.shown(
            db,
            member_id=member_id,
            session=sessions.of_the_day(now),
            language=languages.current(),
            now=now,
        )
    return render_template("customer/question.html", card=card, error=error)


def _page(member_id: int, *, error: str = "") -> str:
    language, now = languages.current(), clock.now()
    with reading() as db:
        budgets = ask_histories.of_member(db, member_id=member_id, language=language, now=now)
        given = answers.of_member(db, member_id=member_id, language=language, now=now)
    return render_template("customer/questions.html", budgets=budgets, answers=given, error=error)
