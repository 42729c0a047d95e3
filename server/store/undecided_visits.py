"""Verified visits that nobody decided yet, with everything that decides whether they count."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam
from sqlalchemy import select as rows_of
from sqlmodel import Session

from server.store.shares import Share
from server.store.visits import Visit, VisitOutcome

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]
_THESE = _VISIT.c.id.in_(bindparam("visit_ids", expanding=True))


class Undecided(NamedTuple):
    """A verified visit with everything that decides whether it counts."""

    id: int
    participant_id: int
    visitor_key: bytes
    clicked_at: datetime
    verified_at: datetime
    friend_id: int | None
    withdrawn_at: datetime | None
    """When the share was withdrawn."""
    first_participant_id: int
    """Whose link the visitor first came by."""
    has_counted: bool
    """Whether a visit of this visitor counts already."""


def _undecided() -> Select[Any]:
    """Build the worker's look at a batch once: that costs far more than to execute it."""
    other, link = _VISIT.alias("other"), _SHARE.alias("link")
    is_same_visitor = (other.c.offer_id == _VISIT.c.offer_id) & (
        other.c.visitor_key == _VISIT.c.visitor_key
    )
    first = (
        rows_of(link.c.participant_id)
        .select_from(other.join(link, link.c.id == other.c.share_id))
        .where(is_same_visitor)
        .order_by(other.c.clicked_at, other.c.id)
        .limit(1)
        .correlate(_VISIT)
        .scalar_subquery()
    )
    counted = (
        rows_of(other.c.id)
        .where(is_same_visitor, other.c.outcome == VisitOutcome.COUNTED)
        .correlate(_VISIT)
        .exists()
    )
    return (
        rows_of(
            _VISIT.c.id,
            _SHARE.c.participant_id,
            _VISIT.c.visitor_key,
            _VISIT.c.clicked_at,
            _VISIT.c.verified_at,
            _VISIT.c.friend_id,
            _SHARE.c.withdrawn_at,
            first,
            counted,
        )
        .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
        .where(_THESE, _VISIT.c.outcome.is_(None))
        .order_by(_VISIT.c.verified_at, _VISIT.c.id)
        .with_for_update(of=_VISIT)
    )


_UNDECIDED = _undecided()


def lock(db: Session, visit_ids: list[int]) -> list[Undecided]:
    """Return those of the visits that are still not decided, oldest first, and lock them.

    Call ``offers.lock`` before: who holds it alone decides about the offer's visitors.
    """
    rows = db.connection().execute(_UNDECIDED, {"visit_ids": visit_ids})
    return [Undecided(*row) for row in rows]
