"""Referrals: the edges of the tree."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, or_, select

from server.store.columns import id_column, moment, reference
from server.store.consents import Consent
from server.store.shares import Share


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
    visit_id: int | None = reference(
        "visit.id", name="referral_after_a_visit", index=True, optional=True
    )
    consent_id: int = reference("consent.id", name="referral_has_a_consent")
    claimed_at: datetime = moment()


class Earlier(NamedTuple):
    """What a new claim must know of an earlier one."""

    offer_id: int
    share_id: int
    consent_id: int
    claimed_at: datetime


_BY_FRIEND = select(Referral).where(
    Referral.offer_id == bindparam("offer_id"), Referral.friend_id == bindparam("friend_id")
)
_IN_THE_WAY = select(
    Referral.offer_id, Referral.share_id, Referral.consent_id, Referral.claimed_at
).where(
    Referral.friend_id == bindparam("friend_id"),
    or_(Referral.offer_id == bindparam("offer_id"), Referral.event_id == bindparam("event_id")),
)
_PARENT = (
    select(Share.participant_id)
    .join(Referral, col(Referral.share_id) == Share.id)
    .join(Consent, col(Consent.id) == Referral.consent_id)
    .where(
        Referral.offer_id == bindparam("offer_id"),
        Referral.friend_id == bindparam("friend_id"),
        col(Consent.withdrawn_at).is_(None),
    )
)


def find(db: Session, *, offer_id: int, friend_id: int) -> Referral | None:
    """Return who brought this friend to this offer."""
    return db.exec(_BY_FRIEND, params={"offer_id": offer_id, "friend_id": friend_id}).first()


def in_the_way(db: Session, *, friend_id: int, offer_id: int, event_id: str) -> list[Earlier]:
    """Return the friend's referrals to this offer, or that were reported under this id."""
    wanted = {"friend_id": friend_id, "offer_id": offer_id, "event_id": event_id}
    return [Earlier(*row) for row in db.connection().execute(_IN_THE_WAY, wanted)]


def parent_id(db: Session, *, offer_id: int, friend_id: int) -> int | None:
    """Return the place of whoever brought this friend to this offer, if that still counts."""
    wanted = {"offer_id": offer_id, "friend_id": friend_id}
    return db.connection().execute(_PARENT, wanted).scalar()
