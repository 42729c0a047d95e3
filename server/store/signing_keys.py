"""The keys that sign receipts: one at a time, and the earlier ones' public halves."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store import writing
from server.store.columns import id_column, moment


class SigningKey(SQLModel, table=True):
    """One key pair.  When it is retired, its private half goes and its public half stays.

    ``public_jwk`` is JSON; ``sealed_private`` opens with the key of the settings alone.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        UniqueConstraint("kid", name="signing_key_name_is_unique"),
        CheckConstraint(
            "(retired_at IS NULL) = (sealed_private IS NOT NULL)",
            name="retired_key_signs_no_more",
        ),
        Index(
            "one_signing_key_at_a_time",
            "algorithm",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: int | None = id_column()
    kid: str = Field(max_length=43)
    algorithm: str = Field(max_length=10)
    public_jwk: str = Field(max_length=500)
    sealed_private: str | None = Field(default=None, sa_type=Text, nullable=True)
    created_at: datetime = moment()
    retired_at: datetime | None = moment(optional=True)


def current(db: Session) -> SigningKey | None:
    """Return the key that signs now."""
    return db.exec(select(SigningKey).where(col(SigningKey.retired_at).is_(None))).first()


def put_first(db: Session, values: dict[str, object]) -> bool:
    """Write a new key, unless another one signs already; return whether it was written."""
    return writing.put_first(db, SigningKey, values) is not None


def retire(db: Session, *, made_before: datetime, now: datetime) -> int:
    """Retire the key that signs, if it is that old; its private half is gone then."""
    retired = db.execute(
        update(SigningKey)
        .where(col(SigningKey.retired_at).is_(None), col(SigningKey.created_at) <= made_before)
        .values(retired_at=now, sealed_private=None)
    )
    return int(retired.rowcount)  # type: ignore[attr-defined]


def every(db: Session) -> list[SigningKey]:
    """Return all keys, newest first."""
    return list(db.exec(select(SigningKey).order_by(col(SigningKey.id).desc())))
