"""What happened in one offer, summed up per participant; no table of its own.

The aggregates of a participant must equal what these sums give.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import Session, col, select

from rewards.decision import Reason
from server.store.codes import CodeState, DiscountCode
from server.store.conversions import Conversion
from server.store.redemptions import Redemption
from server.store.shares import Share
from server.store.visits import Visit, VisitOutcome


class OrderSums(NamedTuple):
    """A participant's own orders: credit in minor units, and how many."""

    value: int = 0
    orders: int = 0
    vested_value: int = 0
    vested_orders: int = 0


class VisitSums(NamedTuple):
    """A participant's own verified visits: all, those that count in money, those vested."""

    verified: int = 0
    credited: int = 0
    vested: int = 0


class CodeSums(NamedTuple):
    """A participant's codes: value not returned, and of it what is redeemed, in minor units."""

    granted: int = 0
    redeemed: int = 0


def orders_of(db: Session, offer_id: int) -> dict[int, OrderSums]:
    """Return the sums of every participant with orders; wholly refunded orders count no longer."""
    vested = col(Conversion.vested_at).is_not(None)
    rows = db.execute(
        sa.select(
            col(Conversion.participant_id),
            func.sum(col(Conversion.credited_minor)),
            func.count(),
            func.sum(case((vested, col(Conversion.credited_minor)), else_=0)),
            func.sum(case((vested, 1), else_=0)),
        )
        .where(
            col(Conversion.offer_id) == offer_id,
            col(Conversion.reason).is_(None) | col(Conversion.reason).in_(tuple(Reason)),
            col(Conversion.refunded_minor) < col(Conversion.net_minor),
        )
        .group_by(col(Conversion.participant_id))
    )
    return {who: OrderSums(*map(int, sums)) for who, *sums in rows if who is not None}


def visits_of(db: Session, offer_id: int) -> dict[int, VisitSums]:
    """Return the sums of every participant with verified visits."""
    is_vested = col(Visit.vested_at).is_not(None) & col(Visit.credited)
    rows = db.exec(
        select(
            Share.participant_id,
            func.count(),
            func.sum(case((col(Visit.credited), 1), else_=0)),
            func.sum(case((is_vested, 1), else_=0)),
        )
        .join(Visit, col(Visit.share_id) == Share.id)
        .where(Visit.offer_id == offer_id, Visit.outcome == VisitOutcome.COUNTED)
        .group_by(col(Share.participant_id))
    )
    return {who: VisitSums(*map(int, sums)) for who, *sums in rows}


def codes_of(db: Session, offer_id: int) -> dict[int, CodeSums]:
    """Return the sums of every participant with codes that were not returned."""
    rows = db.exec(
        select(
            DiscountCode.participant_id,
            func.sum(DiscountCode.left_minor),
            func.coalesce(func.sum(Redemption.value_minor - Redemption.rolled_back_minor), 0),
        )
        .join(
            Redemption,
            (col(Redemption.code_id) == DiscountCode.id) & col(Redemption.ended_at).is_(None),
            isouter=True,
        )
        .where(
            DiscountCode.offer_id == offer_id,
            col(DiscountCode.state).not_in((CodeState.EXPIRED, CodeState.REVOKED)),
        )
        .group_by(col(DiscountCode.participant_id))
    )
    return {who: CodeSums(*map(int, sums)) for who, *sums in rows}


def issued_of(db: Session, offer_id: int) -> list[tuple[int, str, int]]:
    """Return participant, event and face value of every code of an offer, whatever became of it."""
    wanted = select(DiscountCode.participant_id, DiscountCode.event_id, DiscountCode.value_minor)
    rows = db.exec(wanted.where(DiscountCode.offer_id == offer_id))
    return [(who, event, int(value)) for who, event, value in rows]
