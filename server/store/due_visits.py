"""Visits that are due to vest, and that nothing holds; no table of its own."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam, select
from sqlmodel import Session

from server.store import holds, visits
from server.store.shares import Share
from server.store.visits import Visit, VisitOutcome

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]


class Unvested(NamedTuple):
    """A visit that counts, whose review time is over."""

    id: int
    participant_id: int
    credited: bool


def due(
    db: Session, *, now: datetime, limit: int, offer_id: int | None = None
) -> list[tuple[int, int]]:
    """Return offer and id of counted visits whose return window is over, oldest first."""
    wanted = _due(select(_VISIT.c.offer_id, _VISIT.c.id), now)
    return visits.some(db, wanted, limit, offer_id)


def lock(db: Session, visit_ids: list[int], *, now: datetime) -> list[Unvested]:
    """Return those of the visits that are still due, oldest first, and lock them.

    Call ``offers.lock`` before: who holds it alone begins and ends holds of the offer.
    """
    wanted = _due(select(_VISIT.c.id, _SHARE.c.participant_id, _VISIT.c.credited), now)
    these = wanted.where(_VISIT.c.id.in_(bindparam("visit_ids", expanding=True)))
    rows = db.connection().execute(these.with_for_update(of=_VISIT), {"visit_ids": visit_ids})
    return [Unvested(*row) for row in rows]


def _due(wanted: Select[Any], now: datetime) -> Select[Any]:
    return (
        wanted.join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(
            _VISIT.c.vested_at.is_(None),
            _VISIT.c.vests_at <= now,
            _VISIT.c.outcome == VisitOutcome.COUNTED,
            holds.due_visits(now),
        )
        .order_by(_VISIT.c.vests_at, _VISIT.c.id)
    )
