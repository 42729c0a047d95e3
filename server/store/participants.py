"""Participants: each customer's place in the forest of an offer, with its aggregates."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
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
        CheckConstraint("granted_minor >= 0", name="granted_is_not_negative"),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="participant_of_an_offer")
    member_id: int | None = reference(
        "member.id", name="participant_is_a_member", index=True, optional=True
    )
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
            select(Participant).where(Participant.member_id == member_id).order_by(Participant.id)
        )
    )


def of_offer(db: Session, offer_id: int) -> list[Participant]:
    """Return everybody in the offer, parents before children."""
    wanted = select(Participant).where(Participant.offer_id == offer_id)
    return list(db.exec(wanted.order_by(Participant.depth, Participant.id)))


def path(db: Session, participant_id: int) -> list[Participant]:
    """Return the participant and everybody above, ending with the root.

    Call ``offers.lock`` before, when something will be written.
    """
    above = (
        select(Participant.id, Participant.parent_id)
        .where(Participant.id == participant_id)
        .cte("above", recursive=True)
    )
    above = above.union_all(
        select(Participant.id, Participant.parent_id).where(
            col(Participant.id) == above.c.parent_id
        )
    )
    wanted = (
        select(Participant)
        .join(above, col(Participant.id) == above.c.id)
        .order_by(col(Participant.depth).desc())
        .execution_options(populate_existing=True)
    )
    return list(db.exec(wanted))
