"""A brand's conversations with its customers: read, answer, solve."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, EventTaken, FieldInvalid, Invalid, ProductError
from server.services import conversation_rules, conversations, inboxes
from server.services.conversation_rules import Colleague
from server.web import attention, forms
from server.web.admin import desk
from server.web.database import reading, transaction

bp = Blueprint("talks", __name__, url_prefix="/brands/<slug>/conversations")
PERMISSION = "conversations:answer"


@bp.get("")
def show_all(slug: str) -> str:
    """List what waits for an answer, what is answered, and what is solved."""
    at = desk.sit_down(PERMISSION, slug)
    with reading() as db:
        inbox = inboxes.of_brand(db, brand_id=at.brand.brand_id)
    return render_template(
        "admin/conversations.html", at=at, inbox=inbox, most=inboxes.SHOWN_AT_MOST
    )


@bp.get("/<conversation_id>")
def show(slug: str, conversation_id: str) -> str:
    """Show a conversation; what somebody of the team looks at is read."""
    at = desk.sit_down(PERMISSION, slug)
    by = _colleague(at)
    with reading() as db:
        thread = inboxes.read(db, by=by, public_id=conversation_id)
    if thread.conversation.unread and attention.is_looked_at():
        seen = thread.messages[-1].number
        with transaction() as db:
            conversations.mark_read(db, by=by, public_id=conversation_id, number=seen)
        at = desk.sit_down(PERMISSION, slug)
    return _page(at, thread)


@bp.post("/<conversation_id>/messages")
def answer(slug: str, conversation_id: str) -> tuple[str, int] | Response:
    """Answer a customer; a form that is sent twice answers once."""
    at = desk.sit_down(PERMISSION, slug)
    by = _colleague(at, shown_as=request.form.get("shown_as", ""))
    words = request.form.get("words", "")
    try:
        with transaction() as db:
            conversations.write(
                db,
                by=by,
                public_id=conversation_id,
                event_id=forms.event_id(),
                words=words,
                now=clock.now(),
            )
    except (Invalid, EventTaken) as error:
        with reading() as db:
            thread = inboxes.read(db, by=by, public_id=conversation_id)
        return _page(at, thread, words=words, shown_as=by.shown_as, error=error), 422

    flash("The customer reads your answer on their page.", "good")
    return redirect(url_for("talks.show", slug=slug, conversation_id=conversation_id), 303)


@bp.post("/<conversation_id>/solution")
def solve(slug: str, conversation_id: str) -> Response:
    """Mark a conversation as solved, unless the customer wrote something meanwhile."""
    by = _colleague(desk.sit_down(PERMISSION, slug))
    try:
        with transaction() as db:
            conversations.solve(
                db, by=by, public_id=conversation_id, seen=forms.seen(), now=clock.now()
            )
    except Conflict as error:
        flash(str(error), "bad")
    else:
        flash("It is marked as solved. The customer sees it, and can open it again.", "good")
    return redirect(url_for("talks.show", slug=slug, conversation_id=conversation_id), 303)


@bp.post("/<conversation_id>/reopening")
def reopen(slug: str, conversation_id: str) -> Response:
    """Say that a conversation is not solved after all."""
    by = _colleague(desk.sit_down(PERMISSION, slug))
    with transaction() as db:
        conversations.reopen(db, by=by, public_id=conversation_id, now=clock.now())
    flash("It is open again.", "good")
    return redirect(url_for("talks.show", slug=slug, conversation_id=conversation_id), 303)


def _colleague(at: desk.Desk, *, shown_as: str = "") -> Colleague:
    return Colleague(at.brand.brand_id, at.member_id, at.brand.role, shown_as)


def _page(
    at: desk.Desk,
    thread: inboxes.Thread,
    *,
    words: str = "",
    shown_as: str | None = None,
    error: ProductError | None = None,
) -> str:
    """Show a conversation with the form for an answer, under the name that was used last."""
    if shown_as is None:
        with reading() as db:
            shown_as = inboxes.name_of(db, by=_colleague(at))
    return render_template(
        "admin/conversation.html",
        at=at,
        thread=thread,
        it=thread.conversation,
        words=words,
        shown_as=shown_as,
        error=str(error) if error else "",
        wrong=error.field if isinstance(error, FieldInvalid) else "words",
        event_id=forms.new_event_id(),
        rules=conversation_rules,
    )
