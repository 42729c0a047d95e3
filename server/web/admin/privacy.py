"""What customers ask a brand for by right, with the clock that runs, and answering it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, FieldInvalid
from server.services import privacy_answers
from server.web.admin import desk
from server.web.database import reading, transaction

bp = Blueprint("privacy", __name__, url_prefix="/brands/<slug>/requests")


@bp.get("")
def show(slug: str) -> str | tuple[str, int]:
    """List what waits, what is due first comes first, and what was answered."""
    return _page(desk.sit_down("requests:answer", slug))


@bp.post("/<request_id>/answer")
def answer(slug: str, request_id: str) -> str | tuple[str, int] | Response:
    """Answer a request, or refuse it with the reason; the person reads it on their page."""
    at = desk.sit_down("requests:answer", slug)
    words = request.form.get("words", "").replace("\r\n", "\n")
    is_refusal = request.form.get("decision") == "refuse"
    try:
        with transaction() as db:
            privacy_answers.answer(
                db,
                brand_id=at.brand.brand_id,
                public_id=request_id,
                actor=at.actor,
                words=words,
                is_refusal=is_refusal,
                now=clock.now(),
            )
    except (FieldInvalid, Conflict) as error:
        return _page(at, request_id, words=words, error=str(error))
    flash("The person reads your answer on their page.", "good")
    return redirect(url_for("privacy.show", slug=slug), 303)


@bp.post("/<request_id>/extension")
def extend(slug: str, request_id: str) -> str | tuple[str, int] | Response:
    """Take two months more for a request, and tell the person why."""
    at = desk.sit_down("requests:answer", slug)
    reason = request.form.get("reason", "").strip()
    try:
        with transaction() as db:
            privacy_answers.extend(
                db,
                brand_id=at.brand.brand_id,
                public_id=request_id,
                actor=at.actor,
                reason=reason,
                now=clock.now(),
            )
    except (FieldInvalid, Conflict) as error:
        return _page(at, request_id, reason=reason, error=str(error))
    flash("You have two months more. The person reads why.", "good")
    return redirect(url_for("privacy.show", slug=slug), 303)


def _page(
    at: desk.Desk, wrong: str = "", *, words: str = "", reason: str = "", error: str = ""
) -> str | tuple[str, int]:
    with reading() as db:
        queue = privacy_answers.queue(db, brand_id=at.brand.brand_id, now=clock.now())
    page = render_template(
        "admin/privacy.html",
        at=at,
        queue=queue,
        wrong=wrong,
        words=words,
        reason=reason,
        error=error,
        most=privacy_answers.SHOWN_AT_MOST,
    )
    return (page, 422) if error else page
