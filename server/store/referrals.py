"""Referrals: the edges of the tree."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment, reference


class Referral(SQLModel, table=True):
    """One friend, brought to one offer by one share: the first verified one.  Written once."""

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("offer_id", "friend_id", name="friend_is_referred_once_per_offer"),
        UniqueConstraint("friend_id", "event_id", name="referral_once_per_event"),
    )

    id: int | None = id_column()
    event_id: str = Field(max_length=36)
    offer_id: int = reference("offer.id", name="referral_of_an_offer")
    friend_id: int = reference("member.id", name="referral_of_a_friend")
    share_id: int = reference("share.id", name="referral_by_a_share", index=True)
    visit_id: int | None = reference("visit.id", name="referral_after_a_visit", optional=True)
    consent_id: int = reference("consent.id", name="referral_has_a_consent")
    claimed_at: datetime = moment()


def find(db: Session, *, offer_id: int, friend_id: int) -> Referral | None:
    """Return who brought this friend to this offer."""
    return db.exec(
        select(Referral).where(Referral.offer_id == offer_id, Referral.friend_id == friend_id)
    ).first()


def find_by_event(db: Session, *, friend_id: int, event_id: str) -> Referral | None:
    """Return the referral that the device reported under this id."""
    return db.exec(
        select(Referral).where(Referral.friend_id == friend_id, Referral.event_id == event_id)
    ).first()
