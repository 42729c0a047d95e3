"""A customer's own case: why something waits, what happens when, the answer and the appeal."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, ConsentMissing, EventTaken, Invalid, ProductError
from server.services import case_rules, consents, own_cases
from server.web import caller, forms, languages
from server.web.database import reading, transaction

bp = Blueprint("cases", __name__, url_prefix="/cases")

_REFUSALS = (Invalid, ConsentMissing, EventTaken, Conflict)


@bp.get("/<public_id>")
def show(public_id: str) -> str:
    """Show a case of the customer's own."""
    return _page(caller.customer().member_id, public_id)


@bp.post("/<public_id>/answers")
def answer(public_id: str) -> tuple[str, int] | Response:
    """Say something to whoever decides; a form that is sent twice says it once."""
    return _say(own_cases.answer, public_id, gettext("Whoever decides will read it."))


@bp.post("/<public_id>/appeal")
def appeal(public_id: str) -> tuple[str, int] | Response:
    """Let another person decide; a form that is sent twice appeals once."""
    return _say(own_cases.appeal, public_id, gettext("Another person will decide."))


def _say(act: Callable[..., None], public_id: str, told: str) -> tuple[str, int] | Response:
    """Hand on what the customer says; a refusal keeps their words."""
    member_id = caller.customer().member_id
    form = _form()
    try:
        with transaction() as db:
            act(db, member_id=member_id, public_id=public_id, form=form, now=clock.now())
    except _REFUSALS as error:
        return _page(member_id, public_id, words=form.words, error=error), 422

    flash(told, "good")
    return redirect(url_for("cases.show", public_id=public_id), 303)


def _form() -> own_cases.Form:
    return own_cases.Form(
        event_id=forms.event_id(),
        words=request.form.get("words", ""),
        text_hash=request.form.get("consent_hash", ""),
        language=request.form.get("language", ""),
        surface="site",
    )


def _page(
    member_id: int, public_id: str, *, words: str = "", error: ProductError | None = None
) -> str:
    with reading() as db:
        case = own_cases.read(db, member_id=member_id, public_id=public_id)
        consent = consents.text(consents.REVIEW, languages.current())
    return render_template(
        "customer/case.html",
        it=case,
        consent=consent,
        words=words,
        error=languages.told(error) if error else "",
        event_id=forms.new_event_id(),
        most=case_rules.WORDS_MAX,
    )
