"""People who signed in: an issuer and a subject, and nothing else about them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, bindparam
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


_ID = select(Member.id).where(
    Member.issuer == bindparam("issuer"), Member.subject == bindparam("subject")
)


def find(db: Session, member_id: int) -> Member | None:
    """Return the member with this id."""
    return db.get(Member, member_id)


def id_of_identity(db: Session, *, issuer: str, subject: str) -> int | None:
    """Return the id of the member that this provider knows by this subject."""
    return db.connection().execute(_ID, {"issuer": issuer, "subject": subject}).scalar()
