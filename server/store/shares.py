"""Shares: one customer's consented sharing of one offer through one channel."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, bindparam, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class Share(SQLModel, table=True):
    """One share.  It owns a link code; only ``shown_as`` and ``withdrawn_at`` change later.

    ``event_id`` was made on the device, so that a repeated report is recognised.
    """

    __tablename__ = "share"
    __table_args__ = (
        UniqueConstraint("member_id", "event_id", name="share_once_per_event"),
        UniqueConstraint("code", name="link_code_is_unique"),
        CheckConstraint("length(code) = 10", name="link_code_has_ten_characters"),
    )

    id: int | None = id_column()
    event_id: str = Field(max_length=36)
    offer_id: int = reference("offer.id", name="share_of_an_offer", index=True)
    participant_id: int = reference("participant.id", name="share_by_a_participant", index=True)
    member_id: int = reference("member.id", name="share_by_a_member")
    consent_id: int = reference("consent.id", name="share_has_a_consent")
    channel: str = Field(max_length=20)
    shown_as: str = Field(default="", max_length=40)
    code: str = Field(max_length=10)
    created_at: datetime = moment()
    withdrawn_at: datetime | None = moment(optional=True)


_BY_CODE = select(Share).where(Share.code == bindparam("code"))
_ID_OF_EVENT = select(Share.id).where(
    Share.member_id == bindparam("member_id"), Share.event_id == bindparam("event_id")
)


def find(db: Session, share_id: int) -> Share | None:
    """Return the share with this id."""
    return db.get(Share, share_id)


def find_by_code(db: Session, code: str) -> Share | None:
    """Return the share that owns this link code."""
    return db.exec(_BY_CODE, params={"code": code}).first()


def find_by_event(db: Session, *, member_id: int, event_id: str) -> Share | None:
    """Return the share that the member's device reported under this id, which is seldom there."""
    wanted = {"member_id": member_id, "event_id": event_id}
    share_id = db.connection().execute(_ID_OF_EVENT, wanted).scalar()
    return None if share_id is None else find(db, share_id)


def rename(db: Session, *, member_id: int, code: str, shown_as: str) -> bool:
    """Let a member's share show another name; return whether there is such a share."""
    own = (col(Share.code) == code) & (col(Share.member_id) == member_id)
    done = db.execute(update(Share).where(own).values(shown_as=shown_as))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def of_member(db: Session, member_id: int) -> list[Share]:
    """Return a member's shares, newest first."""
    wanted = select(Share).where(Share.member_id == member_id)
    return list(db.exec(wanted.order_by(col(Share.id).desc())))


def withdraw(db: Session, *, consent_id: int, now: datetime) -> None:
    """End the share that stands on a consent, unless it ended before."""
    db.execute(
        update(Share)
        .where(col(Share.consent_id) == consent_id, col(Share.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
