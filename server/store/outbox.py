"""The outbox: what must still happen because of a change, written in that change's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, bindparam, text
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment

CALL = "stripe."
"""How the kinds begin that need somebody else's server."""


class OutboxMessage(SQLModel, table=True):
    """One thing to do.  A job marks it done in the transaction in which it did it."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "outbox_waiting",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: int | None = id_column()
    kind: str = Field(max_length=40)
    content: dict[str, Any] = Field(sa_type=JSON)
    due_at: datetime = moment()
    attempts: int = Field(default=0)
    last_error: str | None = Field(default=None, max_length=200)
    done_at: datetime | None = moment(optional=True)


_LOCK = (
    select(OutboxMessage)
    .where(OutboxMessage.id == bindparam("message_id"), col(OutboxMessage.done_at).is_(None))
    .with_for_update(skip_locked=True)
    .execution_options(populate_existing=True)
)


def put(db: Session, *, kind: str, content: dict[str, Any], due_at: datetime) -> None:
    """Note something to do once this transaction is committed."""
    db.add(OutboxMessage(kind=kind, content=content, due_at=due_at))


def newest_id(db: Session) -> int:
    """Return the id of the newest message, or 0."""
    return db.exec(select(func.max(OutboxMessage.id))).one() or 0


def waiting(
    db: Session, *, now: datetime, limit: int, after_id: int = 0, calls: bool = False
) -> list[int]:
    """Return the ids of what is due, oldest first; on demand only of what came after another.

    ``calls`` asks for what needs somebody else's server, which is kept apart from the rest.
    """
    is_call = col(OutboxMessage.kind).startswith(CALL)
    wanted = select(OutboxMessage.id).where(
        col(OutboxMessage.done_at).is_(None),
        OutboxMessage.due_at <= now,
        col(OutboxMessage.id) > after_id,
        is_call if calls else ~is_call,
    )
    oldest_first = (col(OutboxMessage.due_at), col(OutboxMessage.id))
    return [i for i in db.exec(wanted.order_by(*oldest_first).limit(limit)) if i is not None]


def lock(db: Session, message_id: int) -> OutboxMessage | None:
    """Return a message that is not done, unless another worker holds it."""
    return db.exec(_LOCK, params={"message_id": message_id}).first()
