"""Participants: each customer's place in the forest of an offer, with its aggregates."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    UniqueConstraint,
    bindparam,
    update,
)
from sqlmodel import Field, Session, SQLModel, col, select

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


def find(db: Session, participant_id: int) -> Participant | None:
    """Return the participant with this id."""
    return db.get(Participant, participant_id)


def find_by_member(db: Session, *, offer_id: int, member_id: int) -> Participant | None:
    """Return the member's place in the offer."""
    return db.exec(
        select(Participant).where(
            Participant.offer_id == offer_id, Participant.member_id == member_id
        )
    ).first()


def of_member(db: Session, member_id: int) -> list[Participant]:
    """Return a member's places in all offers, oldest first."""
    return list(
        db.exec(
            select(Participant)
            .where(Participant.member_id == member_id)
            .order_by(col(Participant.id))
        )
    )


def of_offer(db: Session, offer_id: int) -> list[Participant]:
    """Return everybody in the offer, parents before children."""
    wanted = select(Participant).where(Participant.offer_id == offer_id)
    return list(db.exec(wanted.order_by(col(Participant.depth), col(Participant.id))))


def path(db: Session, participant_id: int) -> list[dict[str, Any]]:
    """Return the columns of the participant and of everybody above, the root last.

    Call ``offers.lock`` before, when something will be written.  This is the way of every credited
    event, so it goes without ORM objects.
    """
    table = Participant.__table__  # type: ignore[attr-defined]
    above = (
        select(table.c.id, table.c.parent_id)
        .where(table.c.id == participant_id)
        .cte("above", recursive=True)
    )
    above = above.union_all(
        select(table.c.id, table.c.parent_id).where(table.c.id == above.c.parent_id)
    )
    wanted = select(table).join(above, table.c.id == above.c.id).order_by(table.c.depth.desc())
    return [dict(row) for row in db.connection().execute(wanted).mappings()]


def save(db: Session, rows: list[dict[str, Any]]) -> None:
    """Write back changed aggregates; each row has an ``id`` and the same other columns."""
    if not rows:
        return
    table = Participant.__table__  # type: ignore[attr-defined]
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    statement = update(table).where(table.c.id == bindparam("row_id")).values(columns)
    db.connection().execute(
        statement,
        [{"row_id": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in rows],
    )
