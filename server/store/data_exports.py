"""Exports: everything that is held about a person, as one file that a job builds for them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    Table,
    UniqueConstraint,
    delete,
    text,
    update,
)
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col

from server.store.columns import id_column, moment, reference, whole


class ExportState(StrEnum):
    """How far an export is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


LIVE = (ExportState.QUEUED, ExportState.RUNNING)
"""While an export is still being built."""


class DataExport(SQLModel, table=True):
    """One file with everything about one member, built in ``steps`` and kept for a week.

    ``archive`` is the ZIP as far as it is built; the last step makes it whole.  A member has one
    that is being built at most.
    """

    __tablename__ = "data_export"
    __table_args__ = (
        UniqueConstraint("public_id", name="export_id_is_unique"),
        CheckConstraint(
            "state IN ('queued', 'running', 'ready', 'failed')", name="export_state_is_known"
        ),
        CheckConstraint("step BETWEEN 0 AND steps", name="export_step_is_one_of_its_steps"),
        CheckConstraint(
            "state <> 'ready' OR (step = steps AND archive IS NOT NULL AND size IS NOT NULL"
            " AND sha256 IS NOT NULL AND ready_at IS NOT NULL)",
            name="ready_export_is_whole",
        ),
        Index(
            "one_live_export_per_member",
            "member_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("exports_of_a_member", "member_id", "id"),
        Index("exports_by_their_end", "expires_at"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    member_id: int = reference("member.id", name="export_of_a_member")
    language: str = Field(max_length=5)
    state: str = Field(default=ExportState.QUEUED, max_length=10)
    step: int = Field(default=0)
    steps: int = Field()
    asked_at: datetime = moment()
    ready_at: datetime | None = moment(optional=True)
    expires_at: datetime = moment()
    size: int | None = whole(optional=True)
    sha256: str | None = Field(default=None, max_length=64)
    archive: bytes | None = Field(default=None, sa_type=LargeBinary)


class Export(NamedTuple):
    """One export without its archive, which may be large."""

    id: int
    public_id: str
    member_id: int
    language: str
    state: str
    step: int
    steps: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    size: int | None
    sha256: str | None


_TABLE: Table = DataExport.__table__  # type: ignore[attr-defined]
_WITHOUT_ARCHIVE = rows_of(*(_TABLE.c[name] for name in Export._fields))


def of_member(db: Session, member_id: int) -> list[Export]:
    """Return a member's exports, newest first."""
    wanted = _WITHOUT_ARCHIVE.where(_TABLE.c.member_id == member_id)
    rows = db.connection().execute(wanted.order_by(_TABLE.c.id.desc()))
    return [Export(*row) for row in rows]


def live_of_member(db: Session, member_id: int) -> Export | None:
    """Return the export that is being built for a member, if one is."""
    wanted = _WITHOUT_ARCHIVE.where(_TABLE.c.member_id == member_id, _TABLE.c.state.in_(LIVE))
    row = db.connection().execute(wanted).first()
    return Export(*row) if row else None


def member_of(db: Session, export_id: int) -> int | None:
    """Return whose export it is, if it is still there."""
    wanted = rows_of(_TABLE.c.member_id).where(_TABLE.c.id == export_id)
    return db.connection().execute(wanted).scalar()


def lock(db: Session, export_id: int) -> Export | None:
    """Return an export and keep everybody else from changing it until we commit."""
    wanted = _WITHOUT_ARCHIVE.where(_TABLE.c.id == export_id).with_for_update()
    row = db.connection().execute(wanted).first()
    return Export(*row) if row else None


def archive(db: Session, export_id: int) -> bytes:
    """Return an export's file as far as it is built."""
    kept = db.connection().execute(rows_of(_TABLE.c.archive).where(_TABLE.c.id == export_id))
    return kept.scalar() or b""


def find_ready(
    db: Session, *, member_id: int, public_id: str, now: datetime
) -> tuple[Export, bytes] | None:
    """Return a member's own export with its file, while it can be fetched."""
    wanted = rows_of(*_WITHOUT_ARCHIVE.selected_columns, _TABLE.c.archive).where(
        _TABLE.c.member_id == member_id,
        _TABLE.c.public_id == public_id,
        _TABLE.c.state == ExportState.READY,
        _TABLE.c.expires_at > now,
    )
    row = db.connection().execute(wanted).first()
    return (Export(*row[:-1]), row[-1]) if row else None


def change(db: Session, export_id: int, **columns: Any) -> None:
    """Change an export; call ``lock`` before."""
    db.connection().execute(update(_TABLE).where(_TABLE.c.id == export_id).values(**columns))


def remove_older(db: Session, *, member_id: int, than_id: int) -> int:
    """Forget the exports that a member asked for before this one; return how many."""
    older = (col(DataExport.member_id) == member_id) & (col(DataExport.id) < than_id)
    return int(db.execute(delete(DataExport).where(older)).rowcount)  # type: ignore[attr-defined]


def fail_live(db: Session, *, asked_until: datetime) -> int:
    """Give up what was asked for long ago and is still being built; return how many."""
    stuck = update(_TABLE).where(_TABLE.c.state.in_(LIVE), _TABLE.c.asked_at <= asked_until)
    return db.connection().execute(stuck.values(state=ExportState.FAILED, archive=None)).rowcount
