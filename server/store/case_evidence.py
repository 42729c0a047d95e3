"""Single visits and orders of a held period, without anything that leads to a visitor or buyer."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, select
from sqlmodel import Session

from server.store.conversions import Conversion
from server.store.holds import Period
from server.store.shares import Share
from server.store.visits import Visit

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]
_ORDER: Table = Conversion.__table__  # type: ignore[attr-defined]


class VisitSeen(NamedTuple):
    """One visit: when, whether the page was read, and what became of it."""

    clicked_at: datetime
    engaged: bool | None
    outcome: str | None


class OrderSeen(NamedTuple):
    """One order: when it was reported, and what it counts for."""

    reported_at: datetime
    credited_minor: int
    vested_at: datetime | None


def of_period(
    db: Session, period: Period, *, limit: int
) -> tuple[list[VisitSeen], list[OrderSeen]]:
    """Return the first visits and orders of a period."""
    visits = (
        select(_VISIT.c.clicked_at, _VISIT.c.engaged, _VISIT.c.outcome)
        .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(
            _SHARE.c.participant_id == period.participant_id,
            _VISIT.c.clicked_at >= period.covers_from,
            _VISIT.c.clicked_at < period.covers_until,
        )
        .order_by(_VISIT.c.clicked_at, _VISIT.c.id)
    )
    orders = (
        select(_ORDER.c.reported_at, _ORDER.c.credited_minor, _ORDER.c.vested_at)
        .where(
            _ORDER.c.participant_id == period.participant_id,
            _ORDER.c.reported_at >= period.covers_from,
            _ORDER.c.reported_at < period.covers_until,
        )
        .order_by(_ORDER.c.reported_at, _ORDER.c.id)
    )
    connection = db.connection()
    return (
        [VisitSeen(*row) for row in connection.execute(visits.limit(limit))],
        [OrderSeen(*row) for row in connection.execute(orders.limit(limit))],
    )
