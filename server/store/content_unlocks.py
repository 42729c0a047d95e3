"""Who unlocked which content, and when they first opened it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, bindparam
from sqlmodel import Session, SQLModel

from server.store import writing
from server.store.columns import id_column, moment, only, reference
from server.store.content_items import ContentItem
from server.store.participants import Participant


class ContentUnlock(SQLModel, table=True):
    """One grant of one item to one participant, with the numbers that gave it.

    Only ``locked_at`` is ever written later: visits were taken back before the item was opened.
    Reached again, it is a new row.
    """

    __tablename__ = "content_unlock"
    __table_args__ = (
        CheckConstraint("reach_visits >= needed_visits", name="unlock_reached_what_it_needed"),
        Index(
            "one_standing_unlock_per_participant",
            "participant_id",
            "item_id",
            unique=True,
            **only("locked_at IS NULL"),
        ),
        Index("unlocks_of_a_participant", "participant_id", "id"),
    )

    id: int | None = id_column()
    item_id: int = reference("content_item.id", name="unlock_of_an_item", index=True)
    participant_id: int = reference("participant.id", name="unlock_by_a_participant")
    unlocked_at: datetime = moment()
    reach_visits: int
    needed_visits: int
    locked_at: datetime | None = moment(optional=True)


class ContentOpening(SQLModel, table=True):
    """The first time that somebody opened what they unlocked; from then on it is theirs."""

    __tablename__ = "content_opening"
    __table_args__ = (UniqueConstraint("unlock_id", name="opening_once_per_unlock"),)

    id: int | None = id_column()
    unlock_id: int = reference("content_unlock.id", name="opening_of_an_unlock")
    first_opened_at: datetime = moment()


class Standing(NamedTuple):
    """An unlock that stands."""

    id: int
    participant_id: int
    item_id: int
    unlocked_at: datetime
    reach_visits: int
    needed_visits: int
    first_opened_at: datetime | None


_UNLOCK: Table = ContentUnlock.__table__  # type: ignore[attr-defined]
_OPENING: Table = ContentOpening.__table__  # type: ignore[attr-defined]
_ITEM: Table = ContentItem.__table__  # type: ignore[attr-defined]
_PLACE: Table = Participant.__table__  # type: ignore[attr-defined]
_STANDS = _UNLOCK.c.locked_at.is_(None)
_STANDING = (
    sa.select(*(_UNLOCK.c[name] for name in Standing._fields[:-1]), _OPENING.c.first_opened_at)
    .select_from(_UNLOCK)
    .outerjoin(_OPENING, _OPENING.c.unlock_id == _UNLOCK.c.id)
    .where(_STANDS)
    .order_by(_UNLOCK.c.id)
)
_OF_PARTICIPANTS = _STANDING.where(
    _UNLOCK.c.participant_id.in_(bindparam("participant_ids", expanding=True))
)
_OF_OFFER = _STANDING.join(_PLACE, _PLACE.c.id == _UNLOCK.c.participant_id).where(
    _PLACE.c.offer_id == bindparam("offer_id")
)


def standing(db: Session, participant_ids: Collection[int]) -> list[Standing]:
    """Return the unlocks of some participants that stand."""
    rows = db.connection().execute(_OF_PARTICIPANTS, {"participant_ids": list(participant_ids)})
    return [Standing._make(row) for row in rows]


def standing_of_offer(db: Session, offer_id: int) -> list[Standing]:
    """Return every unlock in an offer that stands."""
    rows = db.connection().execute(_OF_OFFER, {"offer_id": offer_id})
    return [Standing._make(row) for row in rows]


def grant(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write unlocks; whoever has an item keeps the unlock that stands."""
    for row in rows:
        writing.put_first(db, ContentUnlock, row)


def grant_reached(
    db: Session, *, item_id: int, offer_id: int, needed_visits: int, now: datetime
) -> int:
    """Unlock an item for everybody in its offer who reached it already; return how many.

    The offer must be locked.
    """
    stands = sa.exists().where(
        _UNLOCK.c.participant_id == _PLACE.c.id, _UNLOCK.c.item_id == item_id, _STANDS
    )
    reached = sa.select(
        sa.literal(item_id),
        _PLACE.c.id,
        sa.literal(now, _UNLOCK.c.unlocked_at.type),
        _PLACE.c.reach,
        sa.literal(needed_visits),
    ).where(_PLACE.c.offer_id == offer_id, _PLACE.c.reach >= needed_visits, ~stands)
    columns = ["item_id", "participant_id", "unlocked_at", "reach_visits", "needed_visits"]
    done = db.connection().execute(sa.insert(_UNLOCK).from_select(columns, reached))
    return int(done.rowcount)


def lock_again(db: Session, unlock_ids: Collection[int], *, now: datetime) -> None:
    """Take unlocks back that nobody has opened."""
    opened = sa.exists().where(_OPENING.c.unlock_id == _UNLOCK.c.id)
    db.connection().execute(
        sa.update(_UNLOCK)
        .where(_UNLOCK.c.id.in_(unlock_ids), _STANDS, ~opened)
        .values(locked_at=now)
    )


def note_opening(db: Session, *, unlock_id: int, now: datetime) -> bool:
    """Note that an unlock was opened; tell whether it was the first time."""
    values = {"unlock_id": unlock_id, "first_opened_at": now}
    return writing.put_first(db, ContentOpening, values) is not None


def opened_by_brand(db: Session, member_id: int) -> dict[int, int]:
    """Return how many items of each brand a member has opened, each once."""
    wanted = (
        sa.select(_ITEM.c.brand_id, sa.func.count(sa.distinct(_ITEM.c.id)))
        .select_from(_OPENING)
        .join(_UNLOCK, _UNLOCK.c.id == _OPENING.c.unlock_id)
        .join(_ITEM, _ITEM.c.id == _UNLOCK.c.item_id)
        .join(_PLACE, _PLACE.c.id == _UNLOCK.c.participant_id)
        .where(_PLACE.c.member_id == member_id)
        .group_by(_ITEM.c.brand_id)
    )
    rows = db.connection().execute(wanted)
    return {int(brand_id): int(count) for brand_id, count in rows}
