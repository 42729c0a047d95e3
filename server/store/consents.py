"""What people agreed to: which text, when, and whether they took it back."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class Consent(SQLModel, table=True):
    """One person's permission for one purpose.  Only ``withdrawn_at`` is ever written later."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("public_id", name="consent_id_is_unique"),)

    id: int | None = id_column()
    public_id: str = Field(max_length=36)
    member_id: int = reference("member.id", name="consent_of_a_member", index=True)
    purpose: str = Field(max_length=40)
    text_hash: str = Field(max_length=64)
    text_version: str = Field(max_length=20)
    language: str = Field(max_length=5)
    surface: str = Field(max_length=20)
    given_at: datetime = moment()
    withdrawn_at: datetime | None = moment(optional=True)


def find(db: Session, consent_id: int) -> Consent | None:
    """Return the consent with this id."""
    return db.get(Consent, consent_id)


def of_member(db: Session, member_id: int) -> list[Consent]:
    """Return what a member agreed to, newest first."""
    wanted = select(Consent).where(Consent.member_id == member_id)
    return list(db.exec(wanted.order_by(col(Consent.id).desc())))


def withdraw(db: Session, consent_id: int, *, now: datetime) -> bool:
    """Take a consent back; return whether it was still alive."""
    taken = db.execute(
        update(Consent)
        .where(col(Consent.id) == consent_id, col(Consent.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]
