"""Erasing a person: one step for each table; why the rest may stay is in ``what_stays``.

A step deletes the person's rows, or takes the person out of rows that others stand on: their sums,
the books, the places in a tree.  ``tests/house/test_erasures.py`` holds the list beside the tables,
so that a new table needs a line here or there.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, delete, func, or_, select, update
from sqlmodel import Session

from server import tokens
from server.store import erasing_cases, tables
from server.store.erasing import DELETED, Erasing, Step
from server.store.members import ERASED
from server.store.privacy_requests import BY_THE_PERSON, RequestState
from server.store.stripe_events import EventState
from server.store.visits import EVIDENCE

__all__ = ["DELETED", "STEPS", "Erasing", "Step", "begin", "offers_of", "run"]

_OF = tables.METADATA.tables
KEY_BYTES = 8
"""As long as a visitor key, so that a random one looks like the others."""


def begin(db: Session, *, member_id: int, now: datetime) -> Erasing:
    """Learn by which names the person stands in rows that do not name the member."""
    visit, conversion = _OF["visit"], _OF["conversion"]
    own, ordered = _OF["own_identity"], _OF["order_identity"]
    tokens_ = select(visit.c.token).where(visit.c.friend_id == member_id)
    hashes = (
        select(ordered.c.hash)
        .join(conversion, conversion.c.id == ordered.c.conversion_id)
        .where(conversion.c.buyer_id == member_id)
        .union(select(own.c.hash).where(own.c.member_id == member_id))
    )
    return Erasing(
        member_id,
        now,
        frozenset(db.execute(tokens_).scalars()),
        frozenset(db.execute(hashes).scalars()),
    )


def offers_of(db: Session, member_id: int) -> list[int]:
    """Return the offers in which something of the person will change, in order of locking."""
    participant, visit, referral = _OF["participant"], _OF["visit"], _OF["referral"]
    conversion = _OF["conversion"]
    found = db.execute(
        select(participant.c.offer_id)
        .where(participant.c.member_id == member_id)
        .union(
            select(visit.c.offer_id).where(visit.c.friend_id == member_id),
            select(referral.c.offer_id).where(referral.c.friend_id == member_id),
            select(conversion.c.offer_id).where(conversion.c.buyer_id == member_id),
        )
    )
    return sorted(row[0] for row in found if row[0] is not None)


def _deleted(table: str, *, by: str = "member_id") -> Step:
    """Return the step that deletes every row of the person."""

    def run(db: Session, erasing: Erasing) -> None:
        db.execute(delete(_OF[table]).where(_OF[table].c[by] == erasing.member_id))

    return Step(table, DELETED, run)


def _met(table: str, *names: str) -> Step:
    """Return the step that deletes what the person's devices made, or what names them there."""
    own, device = _OF[table], _OF["device_key"]

    def run(db: Session, erasing: Erasing) -> None:
        devices = select(device.c.id).where(device.c.member_id == erasing.member_id)
        named = (own.c[name] == erasing.member_id for name in names)
        db.execute(delete(own).where(or_(own.c.device_key_id.in_(devices), *named)))

    return Step(table, DELETED, run)


def _shares(db: Session, erasing: Erasing) -> None:
    share = _OF["share"]
    _each(
        db,
        share,
        share.c.member_id == erasing.member_id,
        lambda: {"event_id": str(uuid.uuid4()), "code": tokens.link_code(), "shown_as": ""},
        withdrawn_at=func.coalesce(share.c.withdrawn_at, erasing.now),
    )


def _visits(db: Session, erasing: Erasing) -> None:
    visit = _OF["visit"]
    _each(
        db,
        visit,
        visit.c.friend_id == erasing.member_id,
        lambda: {
            "token": tokens.secret()[:22],
            "visitor_key": tokens.noise(KEY_BYTES),
            **dict.fromkeys(("nonce", "friend_id", *EVIDENCE)),
        },
    )


def _referrals(db: Session, erasing: Erasing) -> None:
    referral = _OF["referral"]
    _each(
        db,
        referral,
        referral.c.friend_id == erasing.member_id,
        lambda: {"event_id": str(uuid.uuid4()), "visit_id": None},
    )


def _consents(db: Session, erasing: Erasing) -> None:
    consent = _OF["consent"]
    theirs = consent.c.member_id == erasing.member_id
    stands = [select(_OF[name].c.consent_id) for name in ("share", "referral")]
    is_needed = or_(*(consent.c.id.in_(these) for these in stands))
    db.execute(delete(consent).where(theirs, ~is_needed))
    _each(
        db,
        consent,
        theirs,
        lambda: {"public_id": str(uuid.uuid4()), "language": "", "surface": ""},
        withdrawn_at=func.coalesce(consent.c.withdrawn_at, erasing.now),
    )


def _orders(db: Session, erasing: Erasing) -> None:
    conversion = _OF["conversion"]
    db.execute(
        update(conversion).where(conversion.c.buyer_id == erasing.member_id).values(buyer_id=None)
    )


def _order_identities(db: Session, erasing: Erasing) -> None:
    """Delete the person's hashes wherever they stand, at orders that nobody took for theirs too."""
    ordered = _OF["order_identity"]
    db.execute(delete(ordered).where(ordered.c.hash.in_(erasing.identities)))


def _codes(db: Session, erasing: Erasing) -> None:
    code = _OF["discount_code"]
    theirs = update(code).where(code.c.participant_id.in_(erasing.places))
    db.execute(theirs.values(holder_hash=None, why=""))


def _openings(db: Session, erasing: Erasing) -> None:
    opening, unlock = _OF["content_opening"], _OF["content_unlock"]
    theirs = select(unlock.c.id).where(unlock.c.participant_id.in_(erasing.places))
    db.execute(delete(opening).where(opening.c.unlock_id.in_(theirs)))


def _requests(db: Session, erasing: Erasing) -> None:
    request = _OF["privacy_request"]
    theirs = request.c.member_id == erasing.member_id
    is_open = request.c.state == RequestState.OPEN
    _each(db, request, theirs, lambda: {"event_id": str(uuid.uuid4())})
    db.execute(update(request).where(theirs).values(words="", answer="", extension_reason=""))
    closed = {"state": RequestState.ANSWERED, "answered_by": BY_THE_PERSON}
    db.execute(update(request).where(theirs, is_open).values(**closed, answered_at=erasing.now))


def _events(db: Session, erasing: Erasing) -> None:
    """Take the person's visit and number out of what Stripe told us of a checkout."""
    event = _OF["stripe_event"]
    for name in sorted(erasing.visit_tokens):
        where = event.c.facts["reference"].as_string() == name
        for row_id, facts in db.execute(select(event.c.id, event.c.facts).where(where)).all():
            _write_facts(db, row_id, {**facts, "reference": None})
    waiting = select(event.c.id, event.c.facts).where(event.c.state == EventState.WAITING)
    for row_id, facts in db.execute(waiting).all():  # once worked, an event knows no buyer
        if any(hash_ in erasing.identities for _, _, hash_ in facts.get("buyer", ())):
            _write_facts(db, row_id, {**facts, "buyer": []})


def _write_facts(db: Session, row_id: int, facts: dict[str, Any]) -> None:
    event = _OF["stripe_event"]
    db.execute(update(event).where(event.c.id == row_id).values(facts=facts))


def _messages(db: Session, erasing: Erasing) -> None:
    """Delete what was said in the person's conversations, and leave what they wrote for brands."""
    message, conversation = _OF["message"], _OF["conversation"]
    own = select(conversation.c.id).where(conversation.c.member_id == erasing.member_id)
    db.execute(delete(message).where(message.c.conversation_id.in_(own)))
    written = update(message).where(message.c.author_id == erasing.member_id)
    number = cast(message.c.id, String)
    db.execute(written.values(author_id=None, shown_as="", event_id=number))


def _member(db: Session, erasing: Erasing) -> None:
    member = _OF["member"]
    db.execute(
        update(member)
        .where(member.c.id == erasing.member_id)
        .values(issuer=ERASED, subject=tokens.secret(), erased_at=erasing.now)
    )


STEPS = (
    _deleted("browser_session"),
    _deleted("oauth_code"),
    _deleted("oauth_token"),
    _deleted("team_member"),
    _deleted("data_export"),
    _deleted("answer"),
    _deleted("ask"),
    _deleted("ask_account"),
    _met("meeting", "friend_id"),
    _met("spoken_code"),
    _deleted("device_key"),
    *erasing_cases.STEPS,
    Step("message", DELETED, _messages),
    _deleted("conversation"),
    Step("content_opening", DELETED, _openings),
    Step("stripe_event", "loses the visit and the buyer", _events, ("facts",)),
    _deleted("own_identity"),
    Step("order_identity", DELETED, _order_identities),
    Step("conversion", "loses the buyer", _orders, ("buyer_id",)),
    Step(
        "visit",
        "of the person's own: names nobody, and gets a token and a key that nobody knows",
        _visits,
        ("token", "visitor_key", "nonce", "friend_id", *EVIDENCE),
    ),
    Step("referral", "loses the visit, gets a new id", _referrals, ("event_id", "visit_id")),
    Step(
        "share",
        "ends, loses the name, gets a link that nobody knows",
        _shares,
        ("event_id", "code", "shown_as", "withdrawn_at"),
    ),
    Step(
        "consent",
        "ends, loses language and place, gets a new id; goes if nothing stands on it",
        _consents,
        ("public_id", "language", "surface", "withdrawn_at"),
    ),
    Step(
        "discount_code", "loses the customer number and the reasons", _codes, ("holder_hash", "why")
    ),
    Step(
        "privacy_request",
        "loses all words; an open one is closed",
        _requests,
        ("event_id", "words", "answer", "extension_reason"),
    ),
    Step("member", "becomes a husk that nobody signs in as", _member, ("issuer", "subject")),
)
"""What erasing does, in order: first what refers to a row, then the row."""


def run(db: Session, erasing: Erasing) -> None:
    """Take every step; the person must be locked, and the offers of ``offers_of``."""
    db.flush()
    for step in STEPS:
        step.run(db, erasing)
    db.expire_all()


def _each(
    db: Session,
    table: Table,
    theirs: ColumnElement[bool],
    fresh: Callable[[], dict[str, Any]],
    **columns: Any,
) -> None:
    """Write values into every row of the person that are made anew for each."""
    for row_id in db.execute(select(table.c.id).where(theirs)).scalars().all():
        db.execute(update(table).where(table.c.id == row_id).values(**fresh(), **columns))
