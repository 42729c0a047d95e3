"""What the nightly check found about participants, and what that holds or lets vest later."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.columns import id_column, moment, only, reference


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
