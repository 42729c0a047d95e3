"""In person: a friend opens a code, both confirm, and devices that make codes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from server import clock
from server.errors import AlreadyReferred, ClaimRefused, ConsentMissing
from server.services import consents, device_keys, in_person, meetings
from server.web import caller, languages
from server.web.database import reading, transaction

bp = Blueprint("meetings", __name__)


@bp.get("/p")
def enter() -> str | Response:
    """Let a friend type a code that they were told."""
    typed = request.args.get("code", "").strip()
    if typed:
        return redirect(url_for("meetings.show", said=typed[:200]), 303)
    return render_template("customer/code.html")


@bp.get("/p/<said>")
def show(said: str) -> str | tuple[str, int]:
    """Show what a code stands for, without an account when it was scanned; nothing is recorded.

    One that was said is short, and only who is signed in may try.
    """
    if len(said) <= in_person.SAID_AT_MOST:
        caller.customer()
    return _page(said)


@bp.post("/p/<said>")
def take(said: str) -> str | tuple[str, int] | Response:
    """Record that a friend took the code, with their consent; a repetition changes nothing."""
    member_id = caller.customer().member_id
    try:
        with transaction() as db:
            meetings.take(
                db,
                member_id=member_id,
                said=said,
                consent_hash=request.form.get("consent_hash", ""),
                language=languages.current(),
                surface="site",
                now=clock.now(),
            )
    except (ClaimRefused, AlreadyReferred, ConsentMissing) as error:
        return _page(said, error=languages.told(error), again=isinstance(error, ConsentMissing))
    return redirect(url_for("meetings.show", said=said), 303)


@bp.get("/meetings")
def show_all() -> str | tuple[str, int]:
    """Show who took the member's codes and waits for a word, and the member's devices."""
    caller.customer()
    return _list()


@bp.post("/meetings/<public_id>/decision")
def decide(public_id: str) -> str | tuple[str, int] | Response:
    """Record whether it was the person whom the member met."""
    member_id = caller.customer().member_id
    is_confirmed = request.form.get("decision") == "confirm"
    try:
        with transaction() as db:
            meetings.decide(
                db,
                member_id=member_id,
                public_id=public_id,
                is_confirmed=is_confirmed,
                now=clock.now(),
            )
    except (ClaimRefused, AlreadyReferred, ConsentMissing) as error:
        return _list(error=languages.told(error))
    if is_confirmed:
        flash(gettext("Confirmed. It counts from now on."), "good")
    else:
        flash(gettext("Declined. It does not count."), "good")
    return redirect(url_for("meetings.show_all"), 303)


@bp.post("/devices/<kid>/revoke")
def revoke(kid: str) -> Response:
    """End a device: codes that it made and nobody took are void."""
    member_id = caller.customer().member_id
    with transaction() as db:
        device_keys.revoke(db, member_id=member_id, kid=kid, now=clock.now())
    flash(gettext("That device makes no codes any more."), "good")
    return redirect(url_for("meetings.show_all"), 303)


def _page(said: str, *, error: str = "", again: bool = False) -> str | tuple[str, int]:
    reader = current_user.member_id if current_user.is_authenticated else None
    meeting, state = None, "refused"
    try:
        with reading() as db:
            meeting = meetings.look(db, said=said, now=clock.now())
        state = _state(meeting, reader)
    except ClaimRefused as refusal:
        error = error or languages.told(refusal)
    if error and not again:
        state = "refused"
    page = render_template(
        "customer/meeting.html",
        meeting=meeting,
        state=state,
        error=error,
        said=said,
        consent=consents.text(consents.REFERRAL, languages.current()),
    )
    return (page, 422) if error or state == "refused" else page


def _state(meeting: meetings.MeetingView, reader: int | None) -> str:
    """Return what a reader can do about a code."""
    if meeting.friend_id is None:
        return "open" if reader is not None else "signed-out"
    if meeting.friend_id != reader:
        return "taken"
    return meeting.outcome or "waiting"


def _list(*, error: str = "") -> str | tuple[str, int]:
    member_id = caller.customer().member_id
    with reading() as db:
        page = render_template(
            "customer/meetings.html",
            waiting=meetings.waiting(db, member_id=member_id, now=clock.now()),
            devices=device_keys.of_member(db, member_id=member_id),
            error=error,
        )
    return (page, 422) if error else page
