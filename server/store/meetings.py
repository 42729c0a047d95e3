"""Codes that one person gave another face to face."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference
from server.store.shares import Share


class MeetingOutcome(StrEnum):
    """What the sharer said about a friend who took their code."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"


class SpokenCode(SQLModel, table=True):
    """One code that its device told us of, so that it can be said aloud.  Written once."""

    __tablename__ = "spoken_code"
    __table_args__ = (
        UniqueConstraint("device_key_id", "nonce", name="spoken_code_is_told_once"),
        UniqueConstraint("spoken", name="spoken_code_means_one_code"),
    )

    id: int | None = id_column()
    device_key_id: int = reference("device_key.id", name="spoken_code_by_a_device")
    share_id: int = reference("share.id", name="spoken_code_of_a_share", index=True)
    nonce: str = Field(max_length=16)
    spoken: str = Field(max_length=12)
    issued_at: datetime = moment()
    expires_at: datetime = moment()


class Meeting(SQLModel, table=True):
    """One code that a friend took, with their consent; its nonce is used up.

    What the sharer says about it is written later, once.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("public_id", name="meeting_id_is_unique"),
        UniqueConstraint("device_key_id", "nonce", name="meeting_uses_its_nonce_once"),
        CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name="meeting_is_decided_at_a_moment"
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    device_key_id: int = reference("device_key.id", name="meeting_by_a_device")
    share_id: int = reference("share.id", name="meeting_of_a_share", index=True)
    nonce: str = Field(max_length=16)
    friend_id: int = reference("member.id", name="meeting_with_a_friend", index=True)
    consent_id: int = reference("consent.id", name="meeting_has_a_consent")
    taken_at: datetime = moment()
    outcome: str | None = Field(default=None, max_length=10)
    decided_at: datetime | None = moment(optional=True)


def find_by_nonce(db: Session, *, device_key_id: int, nonce: str) -> Meeting | None:
    """Return the meeting of a code, if somebody took it."""
    wanted = select(Meeting).where(Meeting.device_key_id == device_key_id, Meeting.nonce == nonce)
    return db.exec(wanted.execution_options(populate_existing=True)).first()


def find_by_spoken(db: Session, spoken: str) -> SpokenCode | None:
    """Return the code that is said like this."""
    return db.exec(select(SpokenCode).where(SpokenCode.spoken == spoken)).first()


def find_of_sharer(db: Session, *, member_id: int, public_id: str) -> Meeting | None:
    """Return a meeting through a share of this member."""
    wanted = (
        select(Meeting)
        .join(Share)
        .where(Meeting.public_id == public_id, Share.member_id == member_id)
    )
    return db.exec(wanted).first()


def waiting_for(db: Session, *, member_id: int, since: datetime) -> list[Meeting]:
    """Return what friends took of this member's codes and the member has not decided."""
    wanted = (
        select(Meeting)
        .join(Share)
        .where(
            Share.member_id == member_id,
            col(Meeting.taken_at) >= since,
            col(Meeting.outcome).is_(None),
        )
    )
    return list(db.exec(wanted.order_by(col(Meeting.taken_at), col(Meeting.id))))


def decide(db: Session, meeting_id: int, *, outcome: MeetingOutcome, now: datetime) -> bool:
    """Write down what the sharer says, unless they have said it; return whether it is new."""
    decided = db.execute(
        update(Meeting)
        .where(col(Meeting.id) == meeting_id, col(Meeting.outcome).is_(None))
        .values(outcome=outcome, decided_at=now)
    )
    return bool(decided.rowcount)  # type: ignore[attr-defined]
