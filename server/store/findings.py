"""What the nightly check found about participants, and what that holds or lets vest later."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Table, UniqueConstraint, func
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from rewards.integrity import Standing
from server.store.columns import id_column, moment, only, reference
from server.store.integrity_cases import UNDECIDED, IntegrityCase
from server.store.participants import Participant


class FindingOutcome(StrEnum):
    """How a hold ended."""

    RELEASED = "released"
    """A person let it go."""
    LAPSED = "lapsed"
    """Its time was over, and nobody had confirmed it."""
    CHECKED = "checked"
    """It was held unchecked, and the check ran at last."""
    DENIED = "denied"


class Finding(SQLModel, table=True):
    """What one night found about one participant, if it was something; a hold ends once.

    It is about what came through the participant's own links from ``covers_from`` until before
    ``covers_until``.  A hold keeps that pending until it has ended; after a watch it vests seven
    days later, so that nothing of it waits longer than until ``ends_at``.
    """

    __tablename__ = "integrity_finding"
    __table_args__ = (
        UniqueConstraint("participant_id", "night", name="finding_once_per_person_and_night"),
        CheckConstraint("standing IN ('watch', 'hold')", name="finding_holds_or_watches"),
        CheckConstraint("covers_from < covers_until", name="finding_covers_some_time"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN ('released', 'lapsed', 'checked', 'denied')",
            name="finding_outcome_is_known",
        ),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_hold_has_an_outcome"),
        CheckConstraint("ended_at IS NULL OR standing = 'hold'", name="only_holds_are_ended"),
        CheckConstraint(
            "outcome IS NULL OR outcome <> 'denied' OR case_id IS NOT NULL",
            name="nothing_is_denied_without_a_case",
        ),
        Index(
            "hold_that_has_not_ended",
            "participant_id",
            **only("standing = 'hold' AND ended_at IS NULL"),
        ),
    )

    id: int | None = id_column()
    participant_id: int = reference("participant.id", name="finding_about_a_participant")
    case_id: int | None = reference(
        "integrity_case.id", name="finding_in_a_case", index=True, optional=True
    )
    night: datetime = moment()
    standing: str = Field(max_length=5)
    is_checked: bool = Field(default=True)
    sentence: str = Field(max_length=200)
    anomalies: list[dict[str, Any]] = Field(sa_type=JSON)
    covers_from: datetime = moment()
    covers_until: datetime = moment()
    began_at: datetime = moment()
    ends_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)
    outcome: str | None = Field(default=None, max_length=10)


_TABLE: Table = Finding.__table__  # type: ignore[attr-defined]
_IS_OPEN = (col(Finding.standing) == Standing.HOLD, col(Finding.ended_at).is_(None))


def cleared(db: Session, participant_ids: list[int]) -> dict[int, datetime]:
    """Return until when participants were held before, after a check: nothing is held twice."""
    wanted = rows_of(_TABLE.c.participant_id, func.max(_TABLE.c.covers_until)).where(
        _TABLE.c.participant_id.in_(participant_ids),
        _TABLE.c.standing == Standing.HOLD,
        _TABLE.c.is_checked,
    )
    found = db.connection().execute(wanted.group_by(_TABLE.c.participant_id))
    return {row[0]: row[1] for row in found}


def unchecked_until(db: Session, participant_id: int) -> datetime | None:
    """Return until when a participant was held because the check could not run."""
    wanted = rows_of(func.max(_TABLE.c.covers_until)).where(
        _TABLE.c.participant_id == participant_id,
        _TABLE.c.standing == Standing.HOLD,
        ~_TABLE.c.is_checked,
    )
    return db.connection().execute(wanted).scalar()


def lock_unchecked(db: Session, offer_id: int) -> list[Finding]:
    """Return the open holds of an offer that no check has looked at; the offer is locked."""
    wanted = select(Finding).join(Participant, col(Participant.id) == Finding.participant_id)
    wanted = wanted.where(
        Participant.offer_id == offer_id, *_IS_OPEN, col(Finding.is_checked).is_(False)
    )
    fresh = wanted.order_by(col(Finding.id)).execution_options(populate_existing=True)
    return list(db.exec(fresh.with_for_update(of=Finding)))


def lock_of_case(db: Session, case_id: int) -> list[Finding]:
    """Return the open holds of a case, fresh; its offer is locked."""
    wanted = select(Finding).where(Finding.case_id == case_id, *_IS_OPEN)
    fresh = wanted.order_by(col(Finding.id)).execution_options(populate_existing=True)
    return list(db.exec(fresh.with_for_update()))


def lock(db: Session, finding_id: int) -> Finding | None:
    """Return a finding, fresh; its offer is locked."""
    wanted = select(Finding).where(Finding.id == finding_id)
    return db.exec(wanted.with_for_update().execution_options(populate_existing=True)).first()


def of_case(db: Session, case_id: int) -> list[Finding]:
    """Return everything that belongs to a case, oldest first."""
    return list(
        db.exec(select(Finding).where(Finding.case_id == case_id).order_by(col(Finding.id)))
    )


def open_of_participant(db: Session, participant_id: int) -> list[Finding]:
    """Return what holds something of a participant now, oldest first."""
    wanted = select(Finding).where(Finding.participant_id == participant_id, *_IS_OPEN)
    return list(db.exec(wanted.order_by(col(Finding.id))))


def latest_watch(db: Session, participant_id: int) -> Finding | None:
    """Return the last watch of a participant; its offer is locked."""
    wanted = select(Finding).where(
        Finding.participant_id == participant_id, Finding.standing == Standing.WATCH
    )
    last = wanted.order_by(col(Finding.id).desc()).limit(1)
    return db.exec(last.execution_options(populate_existing=True)).first()


def of_participant_in_cases(db: Session, participant_id: int) -> list[tuple[Finding, str]]:
    """Return what holds something of a participant now, each with the id of its case."""
    wanted = (
        select(Finding, IntegrityCase.public_id)
        .join(IntegrityCase, col(IntegrityCase.id) == Finding.case_id)
        .where(Finding.participant_id == participant_id, *_IS_OPEN)
    )
    return [(row[0], row[1]) for row in db.exec(wanted.order_by(col(Finding.id)))]


def lapsed(db: Session, *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return finding and offer of open holds whose time is over, though their case goes on.

    Where a person has decided, the case's own deadline counts.
    """
    wanted = (
        select(Finding.id, Participant.offer_id)
        .join(Participant, col(Participant.id) == Finding.participant_id)
        .join(IntegrityCase, col(IntegrityCase.id) == Finding.case_id)
        .where(*_IS_OPEN, Finding.ends_at <= now, col(IntegrityCase.state).in_(UNDECIDED))
        .order_by(col(Participant.offer_id), col(Finding.id))
    )
    return [(row_id, offer_id) for row_id, offer_id in db.exec(wanted.limit(limit)) if row_id]
