"""People who signed in: an issuer and a subject, and nothing else about them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment


class Member(SQLModel, table=True):
    """One person as one identity provider knows them.  Never changes."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="member_identity_is_unique"),)

    id: int | None = id_column()
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    created_at: datetime = moment()


def find(db: Session, member_id: int) -> Member | None:
    """Return the member with this id."""
    return db.get(Member, member_id)


def find_by_identity(db: Session, *, issuer: str, subject: str) -> Member | None:
    """Return the member that this provider knows by this subject."""
    return db.exec(select(Member).where(Member.issuer == issuer, Member.subject == subject)).first()
