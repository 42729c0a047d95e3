"""What people ask for by right, and the clock that runs for the answer.

An answer is due within one calendar month.  Whoever answers may take up to two more, if they say
why within the first (GDPR Art. 12(3)).
"""

import calendar
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from server import tokens
from server.errors import EventTaken, Invalid, NotFound
from server.services import sign_ins
from server.store import brands, offers, participants, writing
from server.store import privacy_requests as store
from server.store.privacy_requests import RequestKind, RequestState

WORDS_MAX = 2000
MONTHS, MORE_MONTHS = 1, 2
SOON = timedelta(days=7)
OPEN_AT_MOST = 20
"""How many requests of one person may wait at once; nobody needs more, and a script would."""


class Alarm(StrEnum):
    """How urgent an open request is."""

    NONE = "none"
    SOON = "soon"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a person can ask: a brand, or without a name in addresses whoever runs this server."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request with its clock; ``days_left`` is below 0 when it is overdue.

    ``brand`` is empty when whoever runs this server was asked.
    """

    public_id: str
    kind: RequestKind
    brand: str
    words: str
    received_at: datetime
    due_at: datetime
    ends_at: datetime
    days_left: int
    alarm: Alarm
    extension_reason: str
    state: RequestState
    answer: str
    answered_at: datetime | None
    answered_by: str


def months_later(at: datetime, months: int) -> datetime:
    """Return the same time of the same day some months later, or of the last day there is.

    So a month after 31 January is 28 or 29 February (Regulation 1182/71, Art. 3(2)(c)).
    """
    at = at.astimezone(UTC)
    years, month = divmod(at.month - 1 + months, 12)
    last = calendar.monthrange(at.year + years, month + 1)[1]
    return at.replace(year=at.year + years, month=month + 1, day=min(at.day, last))


def addressees(db: Session, *, member_id: int) -> list[Addressee]:
    """Return the brands that a person can ask: those in whose offers they take part, by name."""
    found: dict[str, str] = {}
    for place in participants.of_member(db, member_id):
        offer = offers.find(db, place.offer_id)
        assert offer is not None
        brand = brands.find(db, offer.brand_id)
        assert brand is not None
        found[brand.slug] = brand.name
    return [Addressee(slug, name) for slug, name in sorted(found.items(), key=lambda it: it[1])]


def file(
    db: Session,
    *,
    member_id: int,
    event_id: str,
    kind: str,
    brand_slug: str,
    words: str,
    now: datetime,
) -> RequestView:
    """Take a person's request, and start its clock; without a brand it goes to the operator.

    The same form again returns the first request.

    Raises:
        NotSignedIn: the person was erased meanwhile.
        NotFound: the person takes no part in anything of such a brand.
        Invalid: there is no such kind, nothing is said, or too much, or too many wait already.
        EventTaken: the form was used for another request.

    """
    sign_ins.lock_living(db, member_id)
    if kind not in set(RequestKind):
        raise Invalid("Choose what you ask for.")
    words = words.strip()
    if len(words) > WORDS_MAX:
        raise Invalid("Say it in at most {most} characters.", most=WORDS_MAX)
    if not words and kind != RequestKind.ACCESS:
        raise Invalid("Say in your own words what it is about.")
    brand = _addressed(db, member_id, brand_slug)
    first = store.find_by_event(db, member_id=member_id, event_id=event_id)
    if first is None and store.count_open(db, member_id) >= OPEN_AT_MOST:
        raise Invalid("Your other requests wait for their answers; please wait for one of them.")
    values = {
        "public_id": tokens.public_id(),
        "event_id": event_id,
        "member_id": member_id,
        "brand_id": brand and brand.id,
        "kind": kind,
        "words": words,
        "received_at": now,
        "due_at": months_later(now, MONTHS),
    }
    writing.put_first(db, store.PrivacyRequest, values)  # the unique constraint decides
    row = store.find_by_event(db, member_id=member_id, event_id=event_id)
    assert row is not None
    if (row.kind, row.words, row.brand_id) != (kind, words, brand and brand.id):
        raise EventTaken("This form was sent before with other words; please send the one here.")
    return view(row, brand=brand.name if brand else "", now=now)


def note_done(db: Session, *, member_id: int, kind: RequestKind, now: datetime) -> None:
    """Note a request that the person fulfilled by themselves, with one click and at once."""
    writing.put(
        db,
        store.PrivacyRequest,
        {
            "public_id": tokens.public_id(),
            "event_id": str(uuid.uuid4()),
            "member_id": member_id,
            "kind": kind,
            "received_at": now,
            "due_at": months_later(now, MONTHS),
            "state": RequestState.ANSWERED,
            "answered_at": now,
            "answered_by": store.BY_THE_PERSON,
        },
    )


def of_member(db: Session, *, member_id: int, now: datetime) -> list[RequestView]:
    """Return what a person asked for, newest first."""
    return [view(row, brand=name or "", now=now) for row, name in store.of_member(db, member_id)]


def view(row: store.PrivacyRequest, *, brand: str, now: datetime) -> RequestView:
    """Return a request with its clock."""
    ends_at = row.extended_until or row.due_at
    return RequestView(
        public_id=row.public_id,
        kind=RequestKind(row.kind),
        brand=brand,
        words=row.words,
        received_at=row.received_at,
        due_at=row.due_at,
        ends_at=ends_at,
        days_left=(ends_at.date() - now.astimezone(UTC).date()).days,
        alarm=_alarm(row, ends_at, now),
        extension_reason=row.extension_reason,
        state=RequestState(row.state),
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
    )


def _alarm(row: store.PrivacyRequest, ends_at: datetime, now: datetime) -> Alarm:
    if row.state != RequestState.OPEN or now < ends_at - SOON:
        return Alarm.NONE
    return Alarm.OVERDUE if now > ends_at else Alarm.SOON


def _addressed(db: Session, member_id: int, slug: str) -> brands.Brand | None:
    if not slug:
        return None
    if slug not in {one.slug for one in addressees(db, member_id=member_id)}:
        raise NotFound("You take no part in anything of this brand.")
    return brands.find_by_slug(db, slug)
