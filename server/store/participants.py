"""Participants: each customer's place in the forest of an offer, with its aggregates."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    update,
)
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import BIG, id_column, moment, reference, whole


class Participant(SQLModel, table=True):
    """One customer in one offer.  Parent, root and depth never change.

    The aggregates are those of docs/ENGINE.md, once with everything credited (``pot``) and once
    with what has vested (``vest``); ``*_children_reward`` is in minor units x 10 000.
    """

    __tablename__ = "participant"
    __table_args__ = (
        UniqueConstraint("offer_id", "member_id", name="participant_once_per_offer"),
        UniqueConstraint("offer_id", "id", name="participant_in_its_offer"),
        ForeignKeyConstraint(
            ["offer_id", "parent_id"],
            ["participant.offer_id", "participant.id"],
            name="parent_is_in_the_same_offer",
        ),
        CheckConstraint("(parent_id IS NULL) = (depth = 0)", name="only_roots_have_no_parent"),
        CheckConstraint("depth BETWEEN 0 AND 64", name="depth_is_at_most_64"),
        CheckConstraint(
            "redeemed_minor BETWEEN 0 AND granted_minor", name="redeemed_is_part_of_granted"
        ),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="participant_of_an_offer")
    member_id: int = reference("member.id", name="participant_is_a_member", index=True)
    parent_id: int | None = Field(default=None, sa_type=BIG, index=True)
    root_id: int | None = Field(default=None, sa_type=BIG)
    depth: int = Field(default=0)
    joined_at: datetime = moment()

    pot_value: int = whole(0)
    pot_orders: int = whole(0)
    pot_visits: int = whole(0)
    pot_credit: int = whole(0)
    pot_branch_credit: int = whole(0)
    pot_children_reward: int = whole(0)
    vest_value: int = whole(0)
    vest_orders: int = whole(0)
    vest_visits: int = whole(0)
    vest_credit: int = whole(0)
    vest_branch_credit: int = whole(0)
    vest_children_reward: int = whole(0)
    reach: int = whole(0)
    granted_minor: int = whole(0)
    redeemed_minor: int = whole(0)


_TABLE: Table = Participant.__table__  # type: ignore[attr-defined]
_BY_MEMBER = select(Participant).where(
    Participant.offer_id == bindparam("offer_id"), Participant.member_id == bindparam("member_id")
)
_ID_OF_MEMBER = rows_of(_TABLE.c.id).where(
    _TABLE.c.offer_id == bindparam("offer_id"), _TABLE.c.member_id == bindparam("member_id")
)
_SAVE = update(_TABLE).where(_TABLE.c.id == bindparam("row_id"))


def _paths() -> Select[Any]:
    """Build the way of every credited event once: that costs far more than to execute it."""
    own = rows_of(_TABLE.c.id, _TABLE.c.parent_id).where(
        _TABLE.c.id.in_(bindparam("participant_ids", expanding=True))
    )
    above = own.cte("above", recursive=True)
    above = above.union(
        rows_of(_TABLE.c.id, _TABLE.c.parent_id).where(_TABLE.c.id == above.c.parent_id)
    )
    return rows_of(_TABLE).join(above, _TABLE.c.id == above.c.id).order_by(_TABLE.c.depth.desc())


_PATHS = _paths()


def find(db: Session, participant_id: int) -> Participant | None:
    """Return the participant with this id."""
    return db.get(Participant, participant_id)


def find_by_member(db: Session, *, offer_id: int, member_id: int) -> Participant | None:
    """Return the member's place in the offer."""
    return db.exec(_BY_MEMBER, params={"offer_id": offer_id, "member_id": member_id}).first()


def id_of_member(db: Session, *, offer_id: int, member_id: int) -> int | None:
    """Return the id of the member's place in the offer."""
    wanted = {"offer_id": offer_id, "member_id": member_id}
    return db.connection().execute(_ID_OF_MEMBER, wanted).scalar()


def members_of(db: Session, participant_ids: Collection[int]) -> dict[int, int]:
    """Return whose each of these places is."""
    wanted = rows_of(_TABLE.c.id, _TABLE.c.member_id).where(_TABLE.c.id.in_(participant_ids))
    return {row[0]: row[1] for row in db.connection().execute(wanted)}


def of_member(db: Session, member_id: int) -> list[Participant]:
    """Return a member's places in all offers, oldest first."""
    return list(
        db.exec(
            select(Participant)
            .where(Participant.member_id == member_id)
            .order_by(col(Participant.id))
        )
    )


def of_offer(db: Session, offer_id: int) -> Iterator[dict[str, Any]]:
    """Yield the columns of everybody in the offer, parents before children."""
    wanted = rows_of(_TABLE).where(_TABLE.c.offer_id == offer_id)
    rows = db.connection().execute(wanted.order_by(_TABLE.c.depth, _TABLE.c.id))
    return (dict(row) for row in rows.mappings())


def paths(db: Session, participant_ids: Collection[int]) -> list[dict[str, Any]]:
    """Return the columns of participants and of everybody above them, each once, deepest first.

    Call ``offers.lock`` before, when something will be written.  This is the way of every credited
    event, so it goes without ORM objects.
    """
    wanted = {"participant_ids": list(participant_ids)}
    return [dict(row) for row in db.connection().execute(_PATHS, wanted).mappings()]


def save(db: Session, rows: list[dict[str, Any]]) -> None:
    """Write back changed columns; each row has a ``row_id`` and the same columns."""
    if rows:
        db.connection().execute(_SAVE, rows)


def count_members(db: Session, offer_ids: Collection[int]) -> int:
    """Return how many different members take part in any of these offers."""
    wanted = select(func.count(func.distinct(Participant.member_id)))
    return db.exec(wanted.where(col(Participant.offer_id).in_(offer_ids))).one()


def count_by_offer(db: Session, offer_ids: Collection[int]) -> dict[int, int]:
    """Return how many members take part in each of these offers."""
    wanted = select(Participant.offer_id, func.count())
    found = wanted.where(col(Participant.offer_id).in_(offer_ids))
    return dict(db.exec(found.group_by(col(Participant.offer_id))).all())
