"""Using a code up for an order: once, however many ask at the same time."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards.facts import Redeemed
from rewards.money import Money
from server import tokens
from server.errors import NotFound
from server.services import codes, forests
from server.store import codes as code_store
from server.store import offers, reservations
from server.store import redemptions as store


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """One use of one code for one order."""

    public_id: str
    code: str
    order_ref: str
    discount_minor: int
    currency: str
    redeemed_at: datetime
    is_new: bool


def redeem(
    db: Session,
    *,
    client_id: int,
    brand_id: int,
    code: str,
    order_ref: str,
    order_total: Money,
    now: datetime,
    reservation_id: str | None = None,
) -> RedemptionView:
    """Use a code up for one order.

    The same order and code again get the first answer, so a partner may retry freely.

    Raises:
        CodeRefused: the code cannot be used; ``key`` is one of RefusalKey.
        NotFound: the partner holds no such reservation of this code.

    """
    kept = tokens.discount_code_as_kept(code)
    row = code_store.find_by_code(db, kept)
    if row is None or row.brand_id != brand_id:
        codes.check(db, brand_id=brand_id, code=code, order_total=order_total, now=now)
        raise AssertionError("an unknown code is always refused")
    offer = offers.lock(db, row.offer_id)  # the offer first, then the code: one order of locks
    row = code_store.lock_by_code(db, kept)
    assert row is not None
    assert row.id is not None
    first = store.find_by_order(db, code_id=row.id, client_id=client_id, order_ref=order_ref)
    if first is not None:
        return _view(first, row, is_new=False)
    held = _hold(db, client_id=client_id, code_id=row.id, order_ref=order_ref, named=reservation_id)
    found = codes.check(
        db,
        brand_id=brand_id,
        code=code,
        order_total=order_total,
        now=now,
        reservation_id=held.public_id if held else None,
    )
    redemption = store.Redemption(
        public_id=tokens.public_id(),
        code_id=row.id,
        brand_id=brand_id,
        client_id=client_id,
        reservation_id=held.id if held else None,
        order_ref=order_ref,
        order_total_minor=order_total.minor,
        value_minor=found.discount_minor,
        redeemed_at=now,
    )
    db.add(redemption)
    row.state, row.ended_at = code_store.CodeState.REDEEMED, now
    if held is not None:
        held.ended_at = now
    opened = forests.load(db, offer, row.participant_id)
    fact = Redeemed(f"redeem:{redemption.public_id}", row.participant_id, found.discount_minor)
    forests.apply(db, opened, fact, now=now)
    return _view(redemption, row, is_new=True)


def _hold(
    db: Session, *, client_id: int, code_id: int, order_ref: str, named: str | None
) -> reservations.Reservation | None:
    """Return the partner's own hold of this code: the one named, or the one for this order."""
    held = reservations.live(db, code_id)
    own = held is not None and held.client_id == client_id
    if named is None:
        return held if held is not None and own and held.order_ref == order_ref else None
    if held is None or not own or held.public_id != named:
        raise NotFound("There is no such live reservation of this code; it may have ended.")
    return held


def _view(row: store.Redemption, code: code_store.DiscountCode, *, is_new: bool) -> RedemptionView:
    return RedemptionView(
        public_id=row.public_id,
        code=code.code,
        order_ref=row.order_ref,
        discount_minor=row.value_minor,
        currency=code.currency,
        redeemed_at=row.redeemed_at,
        is_new=is_new,
    )
