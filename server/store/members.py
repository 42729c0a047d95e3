"""People who signed in: an issuer and a subject, and nothing else about them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment

ERASED = "erased"
"""The issuer of everybody who is no longer anybody; no provider is called so."""
GONE = "This account was erased. Sign in again to begin anew."


class Member(SQLModel, table=True):
    """One person as one identity provider knows them.  Changes once, when the person is erased.

    Then a husk stays, for the money facts that name it: issuer ``erased``, a random subject that
    no provider gives, and ``erased_at``.
    """

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="member_identity_is_unique"),)

    id: int | None = id_column()
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    created_at: datetime = moment()
    erased_at: datetime | None = moment(optional=True)


_ID = select(Member.id).where(
    Member.issuer == bindparam("issuer"), Member.subject == bindparam("subject")
)

_LIVING = select(Member.id).where(
    Member.id == bindparam("member_id"), col(Member.erased_at).is_(None)
)
_KEEP = _LIVING.with_for_update(read=True, key_share=True)
_TAKE = (
    select(Member)
    .where(Member.id == bindparam("member_id"), col(Member.erased_at).is_(None))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def find(db: Session, member_id: int) -> Member | None:
    """Return the member with this id."""
    return db.get(Member, member_id)


def id_of_identity(db: Session, *, issuer: str, subject: str) -> int | None:
    """Return the id of the member that this provider knows by this subject."""
    return db.connection().execute(_ID, {"issuer": issuer, "subject": subject}).scalar()


def lock_living(db: Session, member_id: int) -> bool:
    """Keep a person from being erased until we commit; tell whether they are still there.

    Call this before any other lock when something of the person will be written.  Any number of
    writers hold it together (in PostgreSQL it is the lock of a foreign key), and erasing waits for
    them or they for it, so that nothing of a person is written after the person is erased.
    """
    return db.connection().execute(_KEEP, {"member_id": member_id}).first() is not None


def lock(db: Session, member_id: int) -> Member | None:
    """Return a person who was not erased, and keep everybody from writing anything of theirs."""
    return db.exec(_TAKE, params={"member_id": member_id}).first()
