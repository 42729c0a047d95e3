"""The branch below a place, by generations; no table of its own.

Friends are counted where they stand in the forest, which never changes: not when a permission ends
and not when somebody is erased.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam, case, func
from sqlalchemy import select as rows_of
from sqlmodel import Session

from server.store.participants import Participant
from server.store.referrals import Referral


class Generation(NamedTuple):
    """Who stands so many steps below a place, with what came through their own links."""

    is_by_share: bool
    """Whether the share that was asked for brought them, or whoever stands above them."""
    depth: int
    people: int
    orders: int


_PLACE: Table = Participant.__table__  # type: ignore[attr-defined]
_REFERRAL: Table = Referral.__table__  # type: ignore[attr-defined]


def _generations() -> Select[Any]:
    """Build the walk once; it goes down a generation at a time, so that a limit cuts the ends."""
    is_early = _PLACE.c.joined_at < bindparam("before")
    is_by_share = (
        rows_of(_REFERRAL.c.id)
        .where(
            _REFERRAL.c.offer_id == _PLACE.c.offer_id,
            _REFERRAL.c.friend_id == _PLACE.c.member_id,
            _REFERRAL.c.share_id == bindparam("share_id"),
        )
        .correlate(_PLACE)
        .exists()
    )
    seen = (_PLACE.c.id, _PLACE.c.depth, _PLACE.c.pot_orders)
    friends = rows_of(*seen, case((is_by_share, 1), else_=0).label("by_share")).where(
        _PLACE.c.parent_id == bindparam("participant_id"), is_early
    )
    below = friends.cte("below", recursive=True)
    below = below.union_all(
        rows_of(*seen, below.c.by_share).where(_PLACE.c.parent_id == below.c.id, is_early)
    )
    some = rows_of(below).limit(bindparam("most")).subquery("some")
    return (
        rows_of(some.c.by_share, some.c.depth, func.count(), func.sum(some.c.pot_orders))
        .group_by(some.c.by_share, some.c.depth)
        .order_by(some.c.by_share, some.c.depth)
    )


_GENERATIONS = _generations()
_REACH_BELOW = rows_of(func.coalesce(func.sum(_PLACE.c.reach), 0)).where(
    _PLACE.c.parent_id == bindparam("participant_id")
)


def generations(
    db: Session, *, participant_id: int, share_id: int, before: datetime, most: int
) -> list[Generation]:
    """Return who joined below a place before a moment, nearest first, at most so many people."""
    wanted = {"participant_id": participant_id, "share_id": share_id}
    found = db.connection().execute(_GENERATIONS, {**wanted, "before": before, "most": most})
    return [Generation(bool(row[0]), row[1], row[2], int(row[3])) for row in found]


def reach_below(db: Session, participant_id: int) -> int:
    """Return how many verified visits came through all links below a place."""
    return int(
        db.connection().execute(_REACH_BELOW, {"participant_id": participant_id}).scalar_one()
    )
