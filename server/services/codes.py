"""Discount codes: taken from payable money, put back, revoked or expired; each ends once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards import explain, grants
from rewards.decision import Reason
from rewards.facts import Granted, ReturnReason
from rewards.money import Money
from server import tokens
from server.errors import (
    CodeRefused,
    EventTaken,
    FieldInvalid,
    GrantRefused,
    NotFound,
    RefusalKey,
)
from server.services import audits, code_steps, events, forests, refusal_texts, sign_ins
from server.services import stripe_codes as stripe
from server.store import codes as store
from server.store import offers, outbox, participants, reservations

EXPIRE = "code.expire"
REASON_MAX = 200
_ENDED_AS = {
    ReturnReason.EXPIRED: store.CodeState.EXPIRED,
    ReturnReason.REVOKED: store.CodeState.REVOKED,
}
_CAUSES = {ReturnReason.EXPIRED: "expire", ReturnReason.REVOKED: "revoke"}


@dataclass(frozen=True, slots=True)
class CodeView:
    """One discount code, as its holder sees it.

    It gives ``left_minor`` off an order of at least ``min_order_minor``; with ``rate_basis_points``
    that share of it, at most ``left_minor``.  A personal code is for one buyer of the shop.
    """

    id: int
    code: str
    value_minor: int
    left_minor: int
    rate_basis_points: int | None
    min_order_minor: int
    is_personal: bool
    currency: str
    state: str
    why: str
    issued_at: datetime
    expires_at: datetime
    offer_public_id: str


def take(
    db: Session,
    *,
    member_id: int,
    offer_public_id: str,
    event_id: str,
    value_minor: int | None,
    now: datetime,
    holder_hash: str | None = None,
) -> CodeView:
    """Turn payable money into a discount code; without a value, all that is payable.

    ``holder_hash`` binds the code to the brand's own number for its buyer.  The same event again
    returns the first code.

    Raises:
        NotFound: the member takes no part in such an offer.
        GrantRefused: less than the smallest code, or more than is payable.
        EventTaken: the event id was used for another amount.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
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
        raise _refused(opened, Reason.BELOW_MINIMUM_GRANT, is_chosen=False)
    fact = Granted(f"grant:{event_id}", place.id, value)
    decision = forests.apply(db, opened, fact, now=now)
    if decision.refused:
        raise _refused(opened, decision.reason, is_chosen=True)
    row = store.DiscountCode(
        code=tokens.discount_code(),
        event_id=event_id,
        brand_id=offer.brand_id,
        offer_id=offer.id,
        participant_id=place.id,
        value_minor=value,
        left_minor=value,
        rate_basis_points=offer.code_rate_basis_points,
        min_order_minor=offer.code_min_order_minor,
        holder_hash=holder_hash,
        currency=opened.terms.currency,
        why=f"{why.sentence} {why.worked}"[:1000],
        issued_at=now,
        expires_at=now + timedelta(days=opened.terms.code_days),
    )
    db.add(row)
    db.flush()
    assert row.id is not None
    outbox.put(db, kind=EXPIRE, content={"code_id": row.id}, due_at=row.expires_at)
    events.publish(db, brand_id=row.brand_id, event=_granted(row, offer), now=now)
    stripe.follow(db, brand_id=row.brand_id, code_id=row.id, now=now)
    return view(row, offer)


def expire(db: Session, *, code_id: int, now: datetime) -> None:
    """Expire a code whose time is over and return its value to payable, once."""
    row, offer = _lock(db, code_id)
    if row.state in store.OUT and row.expires_at <= now:
        _end(db, row, offer, ReturnReason.EXPIRED, now=now)


def give_back(db: Session, *, member_id: int, code: str, now: datetime) -> CodeView:
    """Let a holder put an unused code back; its value is payable again.  Twice changes nothing.

    Raises:
        NotFound: the member holds no such code.
        CodeRefused: it was used, or an order holds it right now.

    """
    row = store.find_by_code(db, tokens.discount_code_as_kept(code))
    holder = participants.find(db, row.participant_id) if row is not None else None
    if row is None or row.id is None or holder is None or holder.member_id != member_id:
        raise NotFound("You have no such code.")
    row, offer = _lock(db, row.id)
    assert row.id is not None
    held = reservations.live(db, row.id)
    if held is not None and held.expires_at > now:
        raise _code_refused(RefusalKey.RESERVED_ELSEWHERE, row)
    return _revoked(db, row, offer, now=now)


def revoke(
    db: Session, *, brand_id: int, code: str, actor: str, reason: str, now: datetime
) -> CodeView:
    """Let a brand end a code that leaked, say; its value goes back to its holder.

    A hold for an order ends with it.  Revoking a code twice changes nothing.

    Raises:
        NotFound: the brand has no such code.
        CodeRefused: it was used.
        FieldInvalid: no reason is given.

    """
    if not 0 < len(reason.strip()) <= REASON_MAX:
        raise FieldInvalid("reason", f"Say why, in up to {REASON_MAX} characters.")
    found = of_brand(db, brand_id=brand_id, code=code)
    row, offer = _lock(db, found.id)
    before = row.state
    view_ = _revoked(db, row, offer, now=now)
    if before in store.OUT:
        audits.note(
            db,
            brand_id=brand_id,
            actor=actor,
            action="code.revoked",
            subject=f"code:{row.id}",
            before={"state": before},
            after={"state": row.state, "reason": reason.strip()},
            now=now,
        )
    return view_


def of_brand(db: Session, *, brand_id: int, code: str) -> CodeView:
    """Return a brand's code, however it was typed.

    Raises:
        NotFound: the brand has no such code.

    """
    row = store.find_by_code(db, tokens.discount_code_as_kept(code))
    if row is None or row.brand_id != brand_id:
        raise NotFound("This brand has no such code; check how it is written.")
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    return view(row, offer)


def view(row: store.DiscountCode, offer: offers.Offer) -> CodeView:
    """Return a code as its holder sees it."""
    assert row.id is not None
    return CodeView(
        id=row.id,
        code=row.code,
        value_minor=row.value_minor,
        left_minor=row.left_minor,
        rate_basis_points=row.rate_basis_points,
        min_order_minor=row.min_order_minor,
        is_personal=row.holder_hash is not None,
        currency=row.currency,
        state=row.state,
        why=row.why,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        offer_public_id=offer.public_id,
    )


def _lock(db: Session, code_id: int) -> tuple[store.DiscountCode, offers.Offer]:
    """Lock a code and, before it, its offer: one order of locks everywhere."""
    row = store.find(db, code_id)
    assert row is not None
    offer = offers.lock(db, row.offer_id)
    return store.lock(db, code_id), offer


def _revoked(
    db: Session, row: store.DiscountCode, offer: offers.Offer, *, now: datetime
) -> CodeView:
    if row.state == store.CodeState.REDEEMED:
        raise _code_refused(RefusalKey.ALREADY_REDEEMED, row)
    if row.state in store.OUT:
        is_late = row.expires_at <= now
        _end(db, row, offer, ReturnReason.EXPIRED if is_late else ReturnReason.REVOKED, now=now)
    return view(row, offer)


def _end(
    db: Session,
    row: store.DiscountCode,
    offer: offers.Offer,
    reason: ReturnReason,
    *,
    now: datetime,
) -> None:
    """End an unused code: its hold ends, and its value is payable again."""
    assert row.id is not None
    reservations.end_live(db, row.id, now=now)
    opened = forests.load(db, offer, row.participant_id)
    step = grants.end(code_steps.as_held(row), f"{_CAUSES[reason]}:{row.event_id}", reason)
    code_steps.take(db, row, step, opened, now=now, ended_as=_ENDED_AS[reason])
    code_steps.tell_end(db, row, offer, now=now)


def _code_refused(key: RefusalKey, row: store.DiscountCode) -> CodeRefused:
    return CodeRefused(key, refusal_texts.sentences(key, Money(row.value_minor, row.currency)))


def _granted(row: store.DiscountCode, offer: offers.Offer) -> events.GrantCreated:
    return events.GrantCreated(
        offer_id=offer.public_id,
        code_ending=row.code.rpartition("-")[2],
        value_minor=row.value_minor,
        rate_basis_points=row.rate_basis_points,
        currency=row.currency,
        expires_at=row.expires_at,
    )


def _first_code(
    first: store.DiscountCode, value_minor: int | None, offer: offers.Offer
) -> CodeView:
    if value_minor is not None and first.value_minor != value_minor:
        raise EventTaken("This request was already answered with another amount; start again.")
    return view(first, offer)


def _refused(opened: forests.Opened, reason: Reason | None, *, is_chosen: bool) -> GrantRefused:
    """Return why there is no code for an amount that the member chose, or for all there is."""
    least = Money(opened.terms.min_grant_minor, opened.terms.currency)
    if reason is not Reason.BELOW_MINIMUM_GRANT:
        return GrantRefused(
            Reason.MORE_THAN_PAYABLE,
            "This is more than what is payable now; choose a smaller amount.",
        )
    if is_chosen:
        return GrantRefused(
            reason, "The smallest code is {least}; choose at least this.", least=least
        )
    return GrantRefused(
        reason, "The smallest code is {least}; less than this is payable now.", least=least
    )
