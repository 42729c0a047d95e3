"""Answering what people ask for by right: by a brand's team, or by whoever runs this server.

``brand_id`` None means the latter, everywhere here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.errors import Conflict, FieldInvalid, NotFound
from server.services import audits, privacy_requests
from server.services.privacy_requests import RequestView
from server.store import privacy_requests as store
from server.store.privacy_requests import RequestState

ANSWER_MAX, REASON_MAX = 2000, 500
SHOWN_AT_MOST = 100
WARNED_AT_MOST_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an answer, what is due first comes first, and what was answered lately."""

    waiting: tuple[RequestView, ...]
    closed: tuple[RequestView, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """How many requests are past their time, and how many more end within a week."""

    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class Late:
    """A request whose time is over; it names nobody."""

    public_id: str
    days: int


def queue(db: Session, *, brand_id: int | None, now: datetime) -> Queue:
    """Return the requests to a brand or to the operator."""
    views = [
        tuple(privacy_requests.view(row, brand="", now=now) for row in rows)
        for rows in (
            store.open_of(db, brand_id),
            store.closed_of(db, brand_id, limit=SHOWN_AT_MOST),
        )
    ]
    return Queue(*views)


def due(db: Session, *, brand_id: int | None, now: datetime) -> Due:
    """Count what a brand or the operator must answer now or soon."""
    overdue = store.count_ended(db, brand_id, before=now)
    soon = store.count_ended(db, brand_id, before=now + privacy_requests.SOON)
    return Due(overdue, soon - overdue)


def answer(
    db: Session,
    *,
    brand_id: int | None,
    public_id: str,
    actor: str,
    words: str,
    is_refusal: bool = False,
    now: datetime,
) -> RequestView:
    """Answer a request, or refuse it with the reason; the person reads the words on their page.

    The same answer again changes nothing.

    Raises:
        NotFound: there is no such request to this brand.
        FieldInvalid: nothing is said, or too much.
        Conflict: it was answered otherwise, or its person was erased.

    """
    row = _lock(db, brand_id, public_id)
    words = _checked("words", words, ANSWER_MAX)
    state = RequestState.REFUSED if is_refusal else RequestState.ANSWERED
    if row.state != RequestState.OPEN:
        if (row.state, row.answer) == (state, words):
            return privacy_requests.view(row, brand="", now=now)
        raise Conflict("This request was answered already; what was said stands.")
    row.state, row.answer, row.answered_at, row.answered_by = state, words, now, actor
    db.flush()
    _note(db, row, f"request.{state}", actor, now)
    return privacy_requests.view(row, brand="", now=now)


def extend(
    db: Session,
    *,
    brand_id: int | None,
    public_id: str,
    actor: str,
    reason: str,
    now: datetime,
) -> RequestView:
    """Take two months more for a request, once, and tell the person why.

    Raises:
        NotFound: there is no such request to this brand.
        FieldInvalid: no reason is given, or a too long one.
        Conflict: it was answered or extended before, or its first month is over.

    """
    row = _lock(db, brand_id, public_id)
    reason = _checked("reason", reason, REASON_MAX)
    if row.state != RequestState.OPEN:
        raise Conflict("This request was answered already; what was said stands.")
    if row.extended_until is not None:
        if row.extension_reason == reason:
            return privacy_requests.view(row, brand="", now=now)
        raise Conflict("More time can be taken once, and it was taken.")
    if now > row.due_at:
        raise Conflict("The first month is over; more time can only be taken within it.")
    months = privacy_requests.MONTHS + privacy_requests.MORE_MONTHS
    row.extended_until = privacy_requests.months_later(row.received_at, months)
    row.extension_reason = reason
    db.flush()
    _note(db, row, "request.extended", actor, now)
    return privacy_requests.view(row, brand="", now=now)


def warn_overdue(db: Session, *, now: datetime) -> list[Late]:
    """Return the requests whose time is over, each once a day, for the log."""
    before = now - WARNED_AT_MOST_EVERY
    late = []
    for row in store.overdue(db, now=now, warned_before=before):
        assert row.id is not None
        if store.warn(db, row.id, now=now, warned_before=before):
            ends_at = row.extended_until or row.due_at
            late.append(Late(row.public_id, (now - ends_at).days))
    return late


def _lock(db: Session, brand_id: int | None, public_id: str) -> store.PrivacyRequest:
    row = None
    if "\0" not in public_id:  # PostgreSQL keeps no such text
        row = store.lock(db, brand_id=brand_id, public_id=public_id)
    if row is None:
        raise NotFound("There is no such request.")
    return row


def _checked(field: str, words: str, most: int) -> str:
    words = words.strip()
    if not 0 < len(words) <= most:
        raise FieldInvalid(field, f"Say something, in up to {most} characters.")
    return words


def _note(db: Session, row: store.PrivacyRequest, action: str, actor: str, now: datetime) -> None:
    """Write down that somebody of the brand dealt with it; never what was said."""
    if row.brand_id is not None:
        audits.note(
            db,
            brand_id=row.brand_id,
            actor=actor,
            action=action,
            subject=f"request:{row.public_id}",
            now=now,
        )
