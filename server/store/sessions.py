"""What the site remembers of a browser between two requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, delete
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class BrowserSession(SQLModel, table=True):
    """One browser's session.  The cookie holds a random token; only its hash is kept here."""

    __tablename__ = "browser_session"
    __table_args__ = (UniqueConstraint("token_hash", name="session_token_is_unique"),)

    id: int | None = id_column()
    token_hash: str = Field(max_length=64)
    member_id: int | None = reference(
        "member.id", name="session_of_a_member", index=True, optional=True
    )
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = moment()
    expires_at: datetime = moment()


def find(db: Session, token_hash: str) -> BrowserSession | None:
    """Return the session whose token has this hash."""
    return db.exec(select(BrowserSession).where(BrowserSession.token_hash == token_hash)).first()


def lock(db: Session, token_hash: str) -> BrowserSession | None:
    """Return the session whose token has this hash; nobody else changes it meanwhile."""
    wanted = select(BrowserSession).where(BrowserSession.token_hash == token_hash)
    return db.exec(wanted.with_for_update()).first()


def remove(db: Session, token_hash: str) -> None:
    """Forget the session whose token has this hash."""
    db.execute(delete(BrowserSession).where(col(BrowserSession.token_hash) == token_hash))


def of_member(db: Session, member_id: int, *, now: datetime) -> list[BrowserSession]:
    """Return the live sessions of a member, newest first."""
    wanted = select(BrowserSession).where(
        BrowserSession.member_id == member_id, BrowserSession.expires_at > now
    )
    return list(db.exec(wanted.order_by(col(BrowserSession.id).desc())))


def remove_of_member(db: Session, member_id: int) -> None:
    """Forget all sessions of a member."""
    db.execute(delete(BrowserSession).where(col(BrowserSession.member_id) == member_id))
