"""The words that people agreed to, kept for as long as anybody's consent stands on them."""

from datetime import datetime

from sqlalchemy import Text, bindparam
from sqlmodel import Field, Session, SQLModel, select

from server.store import writing
from server.store.columns import moment


class ConsentText(SQLModel, table=True):
    """One text that somebody agreed to, by the hash of its words.  Written once.

    ``purpose`` and ``version`` are those of its first use.
    """

    __tablename__ = "consent_text"

    hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=40)
    version: str = Field(max_length=20)
    language: str = Field(max_length=5)
    words: str = Field(sa_type=Text)
    first_used_at: datetime = moment()


_IS_KEPT = select(ConsentText.hash).where(ConsentText.hash == bindparam("hash"))


def keep(
    db: Session,
    *,
    hash_: str,
    purpose: str,
    version: str,
    language: str,
    words: str,
    now: datetime,
) -> None:
    """Keep a text, unless it is kept already."""
    connection = db.connection()
    if connection.execute(_IS_KEPT, {"hash": hash_}).first() is not None:
        return  # nearly always; so that nobody waits for another one who writes the same
    values = {
        "hash": hash_,
        "purpose": purpose,
        "version": version,
        "language": language,
        "words": words,
        "first_used_at": now,
    }
    writing.put_unless_there(db, ConsentText, values)


def find(db: Session, hash_: str) -> ConsentText | None:
    """Return the text with this hash."""
    return db.get(ConsentText, hash_)
