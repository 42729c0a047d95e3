"""Discount codes: taken from payable money, checked for partners, expired once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards import explain, grants
from rewards.decision import Reason
from rewards.facts import Granted, GrantReturned, ReturnReason
from rewards.money import Money
from server import tokens
from server.errors import CodeRefused, EventTaken, GrantRefused, NotFound, RefusalKey
from server.services import forests
from server.store import codes as store
from server.store import offers, outbox, participants, reservations

EXPIRE = "code.expire"


@dataclass(frozen=True, slots=True)
class CodeView:
    """One discount code, as its holder sees it."""

    code: str
    value_minor: int
    currency: str
    state: str
    why: str
    issued_at: datetime
    expires_at: datetime
    offer_public_id: str


@dataclass(frozen=True, slots=True)
class Validity:
    """What a partner is told about a code that can be used for an order."""

    code: str
    value_minor: int
    discount_minor: int
    currency: str
    expires_at: datetime


def take(
    db: Session,
    *,
    member_id: int,
    offer_public_id: str,
    event_id: str,
    value_minor: int | None,
    now: datetime,
) -> CodeView:
    """Turn payable money into a discount code; without a value, all that is payable.

    The same event again returns the first code.

    Raises:
        NotFound: the member takes no part in such an offer.
        GrantRefused: less than the smallest code, or more than is payable.
        EventTaken: the event id was used for another amount.

    """
    offer = offers.find_by_public_id(db, offer_public_id)
    if offer is None or offer.id is None:
        raise NotFound("There is no such offer.")
    offer = offers.lock(db, offer.id)
    assert offer.id is not None
    place = participants.find_by_member(db, offer_id=offer.id, member_id=member_id)
    if place is None or place.id is None:
        raise NotFound("You take no part in this offer yet.")
    first = store.find_by_event(db, participant_id=place.id, event_id=event_id)
    if first is not None:
        return _first_code(first, value_minor, offer)
    opened = forests.load(db, offer, place.id)
    node = opened.forest.participants[place.id]
    value = grants.largest_grant_minor(opened.terms, node) if value_minor is None else value_minor
    why = explain.why(opened.terms, node)
    if value < 1:
        raise _refused(opened, Reason.BELOW_MINIMUM_GRANT, "less than this is payable now")
    fact = Granted(f"grant:{event_id}", place.id, value)
    decision = forests.apply(db, opened, fact, now=now)
    if decision.refused:
        raise _refused(opened, decision.reason, "choose at least this")
    row = store.DiscountCode(
        code=tokens.discount_code(),
        event_id=event_id,
        brand_id=offer.brand_id,
        offer_id=offer.id,
        participant_id=place.id,
        value_minor=value,
        left_minor=value,
        currency=opened.terms.currency,
        why=f"{why.sentence} {why.worked}"[:1000],
        issued_at=now,
        expires_at=now + timedelta(days=opened.terms.code_days),
    )
    db.add(row)
    db.flush()
    outbox.put(db, kind=EXPIRE, content={"code_id": row.id}, due_at=row.expires_at)
    return view(row, offer)


def check(
    db: Session,
    *,
    brand_id: int,
    code: str,
    order_total: Money,
    now: datetime,
    reservation_id: str | None = None,
) -> Validity:
    """Tell whether a code can be used for an order now; this decides, and this explains.

    Raises:
        CodeRefused: it cannot; ``key`` is one of RefusalKey.

    """
    row = store.find_by_code(db, tokens.discount_code_as_kept(code))
    held = reservations.live(db, row.id) if row is not None and row.id is not None else None
    refusal = _refusal(row, held, brand_id, order_total, now=now, reservation_id=reservation_id)
    if refusal is not None:
        raise CodeRefused(*refusal)
    assert row is not None
    return Validity(
        code=row.code,
        value_minor=row.value_minor,
        discount_minor=min(row.value_minor, order_total.minor),
        currency=row.currency,
        expires_at=row.expires_at,
    )


def expire(db: Session, *, code_id: int, now: datetime) -> None:
    """Expire a code whose time is over and return its value to payable, once."""
    row = store.find(db, code_id)
    assert row is not None
    offer = offers.lock(db, row.offer_id)
    row = store.lock(db, code_id)
    if row.state not in {store.CodeState.ISSUED, store.CodeState.RESERVED} or row.expires_at > now:
        return
    held = reservations.live(db, code_id)
    if held is not None:
        held.ended_at = now
    row.state, row.ended_at = store.CodeState.EXPIRED, now
    opened = forests.load(db, offer, row.participant_id)
    fact = GrantReturned(
        f"expire:{row.event_id}",
        row.participant_id,
        row.value_minor,
        reason=ReturnReason.EXPIRED,
        undoes=f"grant:{row.event_id}",
    )
    forests.apply(db, opened, fact, now=now)


def view(row: store.DiscountCode, offer: offers.Offer) -> CodeView:
    """Return a code as its holder sees it."""
    return CodeView(
        code=row.code,
        value_minor=row.value_minor,
        currency=row.currency,
        state=row.state,
        why=row.why,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        offer_public_id=offer.public_id,
    )


def _first_code(
    first: store.DiscountCode, value_minor: int | None, offer: offers.Offer
) -> CodeView:
    if value_minor is not None and first.value_minor != value_minor:
        raise EventTaken("This request was already answered with another amount; start again.")
    return view(first, offer)


def _refused(opened: forests.Opened, reason: Reason | None, if_too_small: str) -> GrantRefused:
    if reason is Reason.BELOW_MINIMUM_GRANT:
        least = Money(opened.terms.min_grant_minor, opened.terms.currency)
        return GrantRefused(reason, f"The smallest code is {least}; {if_too_small}.")
    return GrantRefused(
        Reason.MORE_THAN_PAYABLE, "This is more than what is payable now; choose a smaller amount."
    )


def _refusal(  # noqa: PLR0911 - one return for each refusal key
    row: store.DiscountCode | None,
    held: reservations.Reservation | None,
    brand_id: int,
    order_total: Money,
    *,
    now: datetime,
    reservation_id: str | None,
) -> tuple[RefusalKey, str] | None:
    """Return why a code cannot be used, the most final reason first."""
    if row is None:
        return RefusalKey.UNKNOWN, "There is no such code; check how it is written."
    if row.brand_id != brand_id:
        return RefusalKey.WRONG_BRAND, "This code is for another shop."
    if row.state == store.CodeState.REDEEMED:
        return RefusalKey.ALREADY_REDEEMED, "This code was already used."
    if row.state == store.CodeState.REVOKED:
        return RefusalKey.REVOKED, "This code was revoked."
    if row.state == store.CodeState.EXPIRED or row.expires_at <= now:
        return RefusalKey.EXPIRED, "This code has expired; its value went back to its holder."
    if row.issued_at > now:
        return RefusalKey.NOT_YET_VALID, "This code is not valid yet."
    if row.currency != order_total.currency:
        return RefusalKey.CURRENCY_MISMATCH, f"This code is for orders in {row.currency}."
    if order_total.minor < row.value_minor:
        worth = Money(row.value_minor, row.currency)
        return (
            RefusalKey.MINIMUM_NOT_MET,
            f"This code is worth {worth}; the order must be at least that.",
        )
    if held is not None and held.expires_at > now and held.public_id != reservation_id:
        return RefusalKey.RESERVED_ELSEWHERE, "This code is held for another order right now."
    return None
