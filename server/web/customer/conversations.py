"""Conversations with brands, as the customer sees them: begin, read, write, solve, end."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import (
    Conflict,
    ConsentMissing,
    EventTaken,
    FieldInvalid,
    Invalid,
    ProductError,
)
from server.services import (
    consents,
    conversation_rules,
    conversations,
    inboxes,
    withdrawals,
)
from server.services.conversation_rules import Customer, Opening
from server.web import attention, caller, forms, languages
from server.web.database import glance, reading, transaction
from server.web.presentation import is_signed_in

bp = Blueprint("conversations", __name__, url_prefix="/conversations")


@bp.app_template_global()
def unread_conversations() -> int:
    """Return in how many conversations whoever is signed in has something to read."""
    if not is_signed_in():
        return 0
    with glance() as db:
        return inboxes.unread_of_member(db, member_id=caller.customer().member_id)


@bp.get("")
def show_all() -> str:
    """List a customer's conversations."""
    member_id = caller.customer().member_id
    with reading() as db:
        found = inboxes.of_member(db, member_id=member_id)
    return render_template(
        "customer/conversations.html", conversations=found, most=inboxes.SHOWN_AT_MOST
    )


@bp.get("/new")
def new() -> str:
    """Offer the form for a new conversation, about one share if the address names it."""
    member_id = caller.customer().member_id
    typed = Opening(
        brand_slug=request.args.get("brand", ""),
        share_code=request.args.get("share", ""),
        kind="question",
        subject="",
        shown_as="",
        words="",
    )
    return _form(member_id, typed)


@bp.post("")
def begin() -> tuple[str, int] | Response:
    """Begin a conversation, with its consent; a form that is sent twice begins one."""
    member_id = caller.customer().member_id
    names = ("brand", "share", "kind", "subject", "shown_as", "words")
    typed = Opening(*(request.form.get(name, "") for name in names))
    try:
        with transaction() as db:
            begun = conversations.begin(
                db,
                member_id=member_id,
                event_id=forms.event_id(),
                opening=typed,
                text_hash=request.form.get("consent_hash", ""),
                language=request.form.get("language", ""),
                surface="site",
                now=clock.now(),
            )
    except (Invalid, ConsentMissing, EventTaken) as error:
        return _form(member_id, typed, error), 422

    flash(gettext("Your message is with the brand. You find the answer here."), "good")
    return redirect(url_for("conversations.show", public_id=begun), 303)


@bp.get("/<public_id>")
def show(public_id: str) -> str:
    """Show a conversation; what is shown to somebody is read."""
    by = Customer(caller.customer().member_id)
    thread = _thread(by, public_id)
    if thread.conversation.unread and attention.is_looked_at():
        seen = thread.messages[-1].number
        with transaction() as db:
            conversations.mark_read(db, by=by, public_id=public_id, number=seen)
    return _page(thread)


@bp.post("/<public_id>/messages")
def write(public_id: str) -> tuple[str, int] | Response:
    """Write a message; a form that is sent twice writes one."""
    by = Customer(caller.customer().member_id)
    words = request.form.get("words", "")
    try:
        with transaction() as db:
            conversations.write(
                db,
                by=by,
                public_id=public_id,
                event_id=forms.event_id(),
                words=words,
                now=clock.now(),
            )
    except (Invalid, EventTaken) as error:
        return _page(_thread(by, public_id), words=words, error=error), 422

    flash(gettext("Your message is with the brand."), "good")
    return redirect(url_for("conversations.show", public_id=public_id), 303)


@bp.post("/<public_id>/solution")
def solve(public_id: str) -> Response:
    """Mark a conversation as solved, unless the brand wrote something meanwhile."""
    by = Customer(caller.customer().member_id)
    try:
        with transaction() as db:
            conversations.solve(db, by=by, public_id=public_id, seen=forms.seen(), now=clock.now())
    except Conflict as error:
        flash(languages.told(error), "bad")
    else:
        flash(gettext("It is marked as solved. You can still write."), "good")
    return redirect(url_for("conversations.show", public_id=public_id), 303)


@bp.post("/<public_id>/reopening")
def reopen(public_id: str) -> Response:
    """Say that a conversation is not solved after all."""
    by = Customer(caller.customer().member_id)
    with transaction() as db:
        conversations.reopen(db, by=by, public_id=public_id, now=clock.now())
    flash(gettext("It is open again."), "good")
    return redirect(url_for("conversations.show", public_id=public_id), 303)


@bp.post("/<public_id>/end")
def end(public_id: str) -> Response:
    """Take the permission back: the brand sees nothing of it any more, and nobody writes."""
    by = Customer(caller.customer().member_id)
    thread = _thread(by, public_id)
    with transaction() as db:
        withdrawals.withdraw(
            db,
            member_id=by.member_id,
            consent_public_id=thread.consent_public_id,
            now=clock.now(),
        )
    flash(gettext("You ended this conversation. The brand no longer sees it."), "good")
    return redirect(url_for("conversations.show", public_id=public_id), 303)


def _thread(by: Customer, public_id: str) -> inboxes.Thread:
    with reading() as db:
        return inboxes.read(db, by=by, public_id=public_id)


def _form(member_id: int, typed: Opening, error: ProductError | None = None) -> str:
    """Show the form with what was typed, and what is wrong with it."""
    with reading() as db:
        brands = conversation_rules.addressees(db, member_id=member_id)
        about = None
        if typed.share_code:
            about = inboxes.about(db, member_id=member_id, share_code=typed.share_code)
        consent = consents.text(consents.CONVERSATION, languages.current())
    return render_template(
        "customer/conversation_new.html",
        brands=brands,
        about=about,
        consent=consent,
        typed=typed,
        event_id=forms.new_event_id(),
        error=languages.told(error) if error else "",
        wrong=error.field if isinstance(error, FieldInvalid) else "",
        rules=conversation_rules,
    )


def _page(thread: inboxes.Thread, *, words: str = "", error: ProductError | None = None) -> str:
    return render_template(
        "customer/conversation.html",
        thread=thread,
        it=thread.conversation,
        words=words,
        error=languages.told(error) if error else "",
        event_id=forms.new_event_id(),
        most=conversation_rules.WORDS_MAX,
    )
