"""Heartbeats: when each background process was last seen at work."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from server.store.columns import moment


class Heartbeat(SQLModel, table=True):
    """The last sign of life of one kind of process."""

    __tablename__ = "heartbeat"

    process: str = Field(primary_key=True, max_length=20)
    seen_at: datetime = moment()


def beat(db: Session, process: str, *, now: datetime) -> None:
    """Note that a process is alive."""
    row = db.get(Heartbeat, process)
    if row is None:
        db.add(Heartbeat(process=process, seen_at=now))
    else:
        row.seen_at = now


def find(db: Session, process: str) -> Heartbeat | None:
    """Return the last sign of life of a process."""
    return db.get(Heartbeat, process)
