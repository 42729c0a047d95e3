"""What keeps visits and orders from vesting: a hold, a watch, or a night that is not finished.

No table of its own.  A finding is about what came through the participant's own links within the
time that it covers: visits by when they were clicked, orders by when they were reported.  What came
through the links of those below or above is never part of it.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, and_, exists, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import Session

from rewards.integrity import HOLD_DAYS, WATCH_DAYS, Standing
from server.store.conversions import Conversion
from server.store.findings import Finding
from server.store.integrity_nights import IntegrityNight
from server.store.shares import Share
from server.store.visits import Visit, VisitOutcome

_FINDING: Table = Finding.__table__  # type: ignore[attr-defined]
_NIGHT: Table = IntegrityNight.__table__  # type: ignore[attr-defined]
_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]
_ORDER: Table = Conversion.__table__  # type: ignore[attr-defined]
_WATCH, _HOLD = timedelta(days=WATCH_DAYS), timedelta(days=HOLD_DAYS)
AGAIN = timedelta(hours=1)
"""When to look again at an order whose offer was not checked."""


class Period(NamedTuple):
    """Whose links, and from when until before when."""

    participant_id: int
    covers_from: datetime
    covers_until: datetime


def blocks(
    *,
    participant_id: ColumnElement[int],
    offer_id: ColumnElement[int],
    came_at: ColumnElement[datetime],
    vests_at: ColumnElement[datetime],
    now: datetime,
) -> ColumnElement[bool]:
    """Tell in a query whether something that is due must wait.

    A night that was not finished in 14 days holds nothing any more.
    """
    covered = and_(
        _FINDING.c.participant_id == participant_id,
        _FINDING.c.covers_from <= came_at,
        _FINDING.c.covers_until > came_at,
    )
    held = and_(_FINDING.c.standing == Standing.HOLD, _FINDING.c.ended_at.is_(None))
    watched = and_(_FINDING.c.standing == Standing.WATCH, vests_at > now - _WATCH)
    found = exists().where(covered, or_(held, watched)).correlate_except(_FINDING)
    return or_(found, _is_unfinished(offer_id, now))


def unvested_order(db: Session, conversion_id: int, *, now: datetime) -> datetime | None:
    """Return when to look again at an order that must wait; None if it may vest."""
    order = db.connection().execute(rows_of(_ORDER).where(_ORDER.c.id == conversion_id)).one()
    covering = rows_of(_FINDING.c.standing, _FINDING.c.ends_at, _FINDING.c.ended_at).where(
        _FINDING.c.participant_id == order.participant_id,
        _FINDING.c.covers_from <= order.reported_at,
        _FINDING.c.covers_until > order.reported_at,
    )
    until = []
    for standing, ends_at, ended_at in db.connection().execute(covering):
        if standing == Standing.WATCH:
            until.append(order.vests_at + _WATCH)
        elif ended_at is None:
            until.append(max(ends_at, now + AGAIN))
    unfinished = rows_of(_NIGHT.c.id).where(_is_unfinished(order.offer_id, now))
    if db.connection().execute(unfinished.limit(1)).first() is not None:
        until.append(now + AGAIN)
    return max((moment for moment in until if moment > now), default=None)


def due_visits(now: datetime) -> ColumnElement[bool]:
    """Tell in a query of visits and their shares which of those that are due may vest."""
    return ~blocks(
        participant_id=_SHARE.c.participant_id,
        offer_id=_VISIT.c.offer_id,
        came_at=_VISIT.c.clicked_at,
        vests_at=_VISIT.c.vests_at,
        now=now,
    )


def lock_visits(db: Session, period: Period) -> list[tuple[int, bool]]:
    """Return id and whether it is credited of the counted visits that have not vested, locked."""
    wanted = (
        rows_of(_VISIT.c.id, _VISIT.c.credited)
        .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(*_visits_of(period))
        .order_by(_VISIT.c.id)
        .with_for_update(of=_VISIT)
    )
    return [(row[0], row[1]) for row in db.connection().execute(wanted)]


def lock_orders(db: Session, period: Period) -> list[Conversion]:
    """Return the orders of a period that have not vested, locked and fresh."""
    wanted = rows_of(Conversion).where(*_orders_of(period)).order_by(_ORDER.c.id)
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return list(db.execute(fresh).scalars())


def orders_held(db: Session, conversion_ids: list[int]) -> set[int]:
    """Return which of these orders a hold keeps from vesting."""
    covered = and_(
        _FINDING.c.participant_id == _ORDER.c.participant_id,
        _FINDING.c.covers_from <= _ORDER.c.reported_at,
        _FINDING.c.covers_until > _ORDER.c.reported_at,
        _FINDING.c.standing == Standing.HOLD,
        _FINDING.c.ended_at.is_(None),
    )
    wanted = rows_of(_ORDER.c.id).where(
        _ORDER.c.id.in_(conversion_ids), _ORDER.c.vested_at.is_(None), exists().where(covered)
    )
    return set(db.connection().execute(wanted).scalars())


def count(db: Session, period: Period) -> tuple[int, int, int]:
    """Return how many visits and orders of a period wait, and the credit of these orders."""
    visits = rows_of(func.count()).select_from(
        _VISIT.join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
    )
    orders = rows_of(func.count(), func.coalesce(func.sum(_ORDER.c.credited_minor), 0))
    waiting = db.connection().execute(visits.where(*_visits_of(period))).scalar_one()
    number, credited = db.connection().execute(orders.where(*_orders_of(period))).one()
    return waiting, number, int(credited)


def _visits_of(period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        _SHARE.c.participant_id == period.participant_id,
        _VISIT.c.clicked_at >= period.covers_from,
        _VISIT.c.clicked_at < period.covers_until,
        _VISIT.c.outcome == VisitOutcome.COUNTED,
        _VISIT.c.vested_at.is_(None),
    )


def _orders_of(period: Period) -> tuple[ColumnElement[bool], ...]:
    return (
        _ORDER.c.participant_id == period.participant_id,
        _ORDER.c.reported_at >= period.covers_from,
        _ORDER.c.reported_at < period.covers_until,
        _ORDER.c.vested_at.is_(None),
        _ORDER.c.vests_at.is_not(None),
    )


def _is_unfinished(offer_id: Any, now: datetime) -> ColumnElement[bool]:
    found: Select[Any] = rows_of(_NIGHT.c.id).where(
        _NIGHT.c.offer_id == offer_id,
        _NIGHT.c.finished_at.is_(None),
        _NIGHT.c.night > now - _HOLD,
    )
    return found.correlate_except(_NIGHT).exists()
