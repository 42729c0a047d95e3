"""Using a code up for an order: once, however many ask at the same time."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import grants
from server import tokens
from server.errors import NotFound, OrderRefTaken, RedemptionEnded
from server.services import code_steps, events, forests, identities, validations
from server.services.identities import Identity
from server.services.validations import Use
from server.store import codes as code_store
from server.store import members, offers, participants, reservations, writing
from server.store import redemptions as store


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """One use of one code for one order, and how much of it was rolled back."""

    id: int
    public_id: str
    code: str
    order_ref: str
    order_total_minor: int
    discount_minor: int
    rolled_back_minor: int
    currency: str
    redeemed_at: datetime
    ended_at: datetime | None
    is_new: bool = False


def redeem(
    db: Session,
    *,
    client_id: int | None,
    code: str,
    order_ref: str,
    use: Use,
    now: datetime,
    reservation_id: str | None = None,
    buyer: tuple[Identity, ...] = (),
) -> RedemptionView:
    """Use a code up for one order; ``client_id`` is the partner, or None where Stripe did it.

    The code's owner is known from now on by what the ``buyer`` is known by.  The same order and
    code again get the first answer, so a partner may retry freely.

    Raises:
        CodeRefused: the code cannot be used; ``key`` is one of RefusalKey.
        OrderRefTaken: the reference was used for an order with another total.
        RedemptionEnded: this order's use was rolled back; a new use needs a new reference.
        NotFound: the partner holds no such reservation of this code.

    """
    kept = tokens.discount_code_as_kept(code)
    owner_id = _lock_owner(db, kept) if buyer else None
    offer = offers.lock_of_code(db, code=kept, brand_id=use.brand_id)
    if offer is None:
        validations.checked(code_store.find_by_code(db, kept), None, use=use, now=now)
        raise AssertionError("a code that is not the brand's is always refused")
    row = code_store.lock_by_code(db, kept)  # after its offer: one order of locks
    assert row is not None
    assert row.id is not None
    first = store.find_by_order(db, code_id=row.id, client_id=client_id, order_ref=order_ref)
    if first is not None:
        return _first_answer(first, row, use)
    live = reservations.live(db, row.id)
    held = _own(live, client_id=client_id, order_ref=order_ref, named=reservation_id)
    found = validations.checked(row, None if held else live, use=use, now=now)
    redemption = store.Redemption(
        public_id=tokens.public_id(),
        code_id=row.id,
        brand_id=row.brand_id,
        client_id=client_id,
        reservation_id=held.id if held else None,
        order_ref=order_ref,
        order_total_minor=use.order_total.minor,
        value_minor=found.discount_minor,
        redeemed_at=now,
    )
    redemption.id = writing.put(db, store.Redemption, redemption.model_dump(exclude={"id"}))
    if live is not None:
        reservations.end_live(db, row.id, now=now)
    step = grants.redeem(
        code_steps.as_held(row), f"redeem:{redemption.public_id}", use.order_total.minor
    )
    code_steps.take(db, row, step, forests.load(db, offer, row.participant_id), now=now)
    if owner_id is not None:
        identities.learn(db, member_id=owner_id, identities=buyer, now=now)
    created = events.RedemptionCreated(
        redemption.public_id, row.code, order_ref, redemption.value_minor, row.currency
    )
    events.publish(db, brand_id=row.brand_id, event=created, now=now)
    return view(redemption, row, is_new=True)


def find(db: Session, *, brand_id: int, public_id: str) -> RedemptionView:
    """Return the brand's redemption.

    Raises:
        NotFound: the brand has no such redemption.

    """
    row = store.find(db, brand_id=brand_id, public_id=public_id)
    if row is None:
        raise NotFound("There is no such redemption.")
    return _view(db, row)


def of_brand(
    db: Session,
    *,
    brand_id: int,
    before_id: int | None,
    limit: int,
    order_ref: str | None = None,
    code: str | None = None,
) -> list[RedemptionView]:
    """Return uses of a brand's codes, newest first, from before an id on."""
    of_code = None
    if code is not None:
        found = code_store.find_by_code(db, tokens.discount_code_as_kept(code))
        if found is None or found.brand_id != brand_id:
            return []
        of_code = found.id
    rows = store.of_brand(
        db,
        brand_id=brand_id,
        before_id=before_id,
        limit=limit,
        order_ref=order_ref,
        code_id=of_code,
    )
    return [view(row, code) for row, code in rows]


def view(
    row: store.Redemption, code: code_store.DiscountCode, *, is_new: bool = False
) -> RedemptionView:
    """Return a redemption as partners see it."""
    assert row.id is not None
    return RedemptionView(
        id=row.id,
        public_id=row.public_id,
        code=code.code,
        order_ref=row.order_ref,
        order_total_minor=row.order_total_minor,
        discount_minor=row.value_minor,
        rolled_back_minor=row.rolled_back_minor,
        currency=code.currency,
        redeemed_at=row.redeemed_at,
        ended_at=row.ended_at,
        is_new=is_new,
    )


def _lock_owner(db: Session, kept: str) -> int | None:
    """Return whose a code is and keep them from being erased, unless they are gone."""
    row = code_store.find_by_code(db, kept)
    place = participants.find(db, row.participant_id) if row is not None else None
    if place is None or not members.lock_living(db, place.member_id):
        return None
    return place.member_id


def _first_answer(
    first: store.Redemption, row: code_store.DiscountCode, use: Use
) -> RedemptionView:
    if (first.order_total_minor, row.currency) != (use.order_total.minor, use.order_total.currency):
        raise OrderRefTaken(first.order_ref)
    if first.ended_at is not None:
        raise RedemptionEnded(first.order_ref)
    return view(first, row)


def _own(
    live: reservations.Reservation | None,
    *,
    client_id: int | None,
    order_ref: str,
    named: str | None,
) -> reservations.Reservation | None:
    """Return the hold if it is the partner's own: the one named, or the one for this order."""
    own = live if live is not None and live.client_id == client_id else None
    if named is None:
        return own if own is not None and own.order_ref == order_ref else None
    if own is None or own.public_id != named:
        raise NotFound("There is no such live reservation of this code; it may have ended.")
    return own


def _view(db: Session, row: store.Redemption) -> RedemptionView:
    code = code_store.find(db, row.code_id)
    assert code is not None
    return view(row, code)
