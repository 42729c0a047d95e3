"""Whether a code can be used for an order: the one function that decides is the one that explains.

Partners ask it before they use a code; reservations and redemptions ask it again under a lock.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards.grants import Discount
from rewards.money import WHOLE, Money
from server import tokens
from server.errors import CodeRefused, RefusalKey
from server.services import refusal_texts
from server.store import codes as store
from server.store import reservations


@dataclass(frozen=True, slots=True)
class Use:
    """What a code would be used for; ``buyer_hash`` is already keyed, never a name."""

    brand_id: int
    order_total: Money
    buyer_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """What a partner is told about a code that can be used for an order.

    ``value_minor`` is the most that the code gives; with ``rate_basis_points`` it gives that share.
    """

    code: str
    value_minor: int
    rate_basis_points: int | None
    min_order_minor: int
    discount_minor: int
    currency: str
    expires_at: datetime


def check(db: Session, *, code: str, use: Use, now: datetime) -> Validity:
    """Tell whether a code can be used for an order now.

    Raises:
        CodeRefused: it cannot; ``key`` is one of RefusalKey.

    """
    row, held = reservations.code_and_hold(db, tokens.discount_code_as_kept(code))
    return checked(row, held, use=use, now=now)


def checked(
    row: store.DiscountCode | None,
    others: reservations.Reservation | None,
    *,
    use: Use,
    now: datetime,
) -> Validity:
    """Tell whether this code can be used; ``others`` is the hold of somebody else.

    Raises:
        CodeRefused: it cannot; ``key`` is one of RefusalKey.

    """
    key = _refusal(row, others, use, now)
    if key is not None:
        least = Money(least_order_minor(row), row.currency) if row else use.order_total
        raise CodeRefused(key, refusal_texts.sentences(key, least))
    assert row is not None
    return Validity(
        code=row.code,
        value_minor=row.left_minor,
        rate_basis_points=row.rate_basis_points,
        min_order_minor=least_order_minor(row),
        discount_minor=discount_of(row).off_minor_rounded_down(use.order_total.minor),
        currency=row.currency,
        expires_at=row.expires_at,
    )


def discount_of(row: store.DiscountCode) -> Discount:
    """Return what a code gives, as the engine knows it."""
    return Discount(row.left_minor, row.rate_basis_points)


def least_order_minor(row: store.DiscountCode) -> int:
    """Return the smallest order: an amount is never cut, and a share gives at least one unit."""
    if row.rate_basis_points is None:
        return max(row.min_order_minor, row.left_minor)
    return max(row.min_order_minor, -(-WHOLE // row.rate_basis_points))


def _refusal(  # noqa: C901, PLR0911 - one return for each refusal key
    row: store.DiscountCode | None,
    others: reservations.Reservation | None,
    use: Use,
    now: datetime,
) -> RefusalKey | None:
    """Return why a code cannot be used, the most final reason first."""
    if row is None:
        return RefusalKey.UNKNOWN
    if row.brand_id != use.brand_id:
        return RefusalKey.WRONG_BRAND
    if row.state == store.CodeState.REDEEMED:
        return RefusalKey.ALREADY_REDEEMED
    if row.state == store.CodeState.REVOKED:
        return RefusalKey.REVOKED
    if row.state == store.CodeState.EXPIRED or row.expires_at <= now:
        return RefusalKey.EXPIRED
    if row.issued_at > now:
        return RefusalKey.NOT_YET_VALID
    if row.currency != use.order_total.currency:
        return RefusalKey.CURRENCY_MISMATCH
    if row.holder_hash is not None and row.holder_hash != use.buyer_hash:
        return RefusalKey.HOLDER_MISMATCH
    if use.order_total.minor < least_order_minor(row):
        return RefusalKey.MINIMUM_NOT_MET
    if others is not None and others.expires_at > now:
        return RefusalKey.RESERVED_ELSEWHERE
    return None
