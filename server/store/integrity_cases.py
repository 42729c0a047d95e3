"""Cases about what the nightly check held: evidence, rulings and the appeal."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import Select

from server.store.columns import id_column, moment, only, reference
from server.store.offers import Offer
from server.store.participants import Participant


class CaseStep(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ASKED = "asked"
    """Somebody of the brand asked the participant something."""
    DECIDED = "decided"
    """A person confirmed the hold or denied it; a denial waits until it was not appealed."""
    APPEALED = "appealed"
    """The participant wants another person to decide."""
    CLOSED = "closed"


UNDECIDED = (CaseStep.OPEN, CaseStep.ASKED)


class CaseOutcome(StrEnum):
    """How a case ended."""

    RELEASED = "released"
    LAPSED = "lapsed"
    """Its time was over; that is in the participant's favour."""
    CHECKED = "checked"
    """The check ran at last and found nothing."""
    OVERTURNED = "overturned"
    DENIED = "denied"


class AppealRuling(StrEnum):
    """What the second person says."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class IntegrityCase(SQLModel, table=True):
    """What is held of one participant, with its evidence, and who decided what; closed once.

    ``deadline_at`` is when it ends by itself: in the participant's favour, unless a person denied
    it and no appeal came.  ``ground`` is on which somebody of the brand may look at it.
    """

    __tablename__ = "integrity_case"
    __table_args__ = (
        UniqueConstraint("public_id", name="integrity_case_id_is_unique"),
        CheckConstraint("ground IN ('abuse')", name="integrity_case_ground_is_known"),
        CheckConstraint(
            "state IN ('open', 'asked', 'decided', 'appealed', 'closed')",
            name="integrity_case_state_is_known",
        ),
        CheckConstraint(
            "ruling IS NULL OR ruling IN ('confirm', 'release', 'deny')",
            name="integrity_case_ruling_is_known",
        ),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name="closed_case_has_its_moment"
        ),
        CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name="closed_case_has_its_outcome"
        ),
        CheckConstraint(
            "ruling IS NULL OR (reviewer_id IS NOT NULL AND decided_at IS NOT NULL"
            " AND reason <> '')",
            name="only_a_person_rules_with_a_reason",
        ),
        CheckConstraint(
            "state <> 'appealed' OR (ruling = 'deny' AND appealed_at IS NOT NULL)",
            name="only_a_denial_is_appealed",
        ),
        CheckConstraint(
            "appeal_ruling IS NULL OR (appeal_reviewer_id IS NOT NULL AND appealed_at IS NOT NULL"
            " AND appeal_decided_at IS NOT NULL AND appeal_reason <> '')",
            name="only_a_person_rules_about_an_appeal",
        ),
        CheckConstraint(
            "appeal_ruling IS NULL OR appeal_ruling IN ('uphold', 'overturn')",
            name="appeal_ruling_is_known",
        ),
        CheckConstraint(
            "appeal_reviewer_id IS NULL OR appeal_reviewer_id <> reviewer_id",
            name="an_appeal_goes_to_another_person",
        ),
        CheckConstraint(
            "outcome IS NULL OR outcome <> 'denied' OR (ruling IS NOT NULL AND ruling = 'deny')",
            name="only_a_person_denies",
        ),
        Index(
            "one_undecided_case_per_person",
            "participant_id",
            unique=True,
            **only("state IN ('open', 'asked')"),
        ),
        Index("integrity_cases_of_a_brand", "brand_id", "state", "deadline_at"),
        Index("integrity_case_by_deadline", "deadline_at", **only("state <> 'closed'")),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    brand_id: int = reference("brand.id", name="integrity_case_of_a_brand")
    participant_id: int = reference(
        "participant.id", name="integrity_case_about_a_participant", index=True
    )
    ground: str = Field(default="abuse", max_length=10)
    evidence: list[str] = Field(sa_type=JSON)
    numbers: list[dict[str, Any]] = Field(sa_type=JSON)
    state: str = Field(default=CaseStep.OPEN, max_length=8)
    opened_at: datetime = moment()
    deadline_at: datetime = moment()
    closed_at: datetime | None = moment(optional=True)
    outcome: str | None = Field(default=None, max_length=10)
    ruling: str | None = Field(default=None, max_length=7)
    takes_orders: bool = Field(default=False)
    reviewer_id: int | None = reference("member.id", name="case_decided_by", optional=True)
    reason: str = Field(default="", max_length=1000)
    decided_at: datetime | None = moment(optional=True)
    appealed_at: datetime | None = moment(optional=True)
    appeal_ruling: str | None = Field(default=None, max_length=8)
    appeal_reviewer_id: int | None = reference("member.id", name="appeal_decided_by", optional=True)
    appeal_reason: str = Field(default="", max_length=1000)
    appeal_decided_at: datetime | None = moment(optional=True)


def lock_undecided(db: Session, participant_id: int) -> IntegrityCase | None:
    """Return the case about a participant that nobody decided yet; the offer is locked."""
    wanted = select(IntegrityCase).where(
        IntegrityCase.participant_id == participant_id, col(IntegrityCase.state).in_(UNDECIDED)
    )
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return db.exec(fresh).first()


def lock(db: Session, case_id: int) -> IntegrityCase:
    """Return a case, fresh, and keep everybody else from changing it; lock its offer before."""
    wanted = select(IntegrityCase).where(IntegrityCase.id == case_id)
    return db.exec(wanted.with_for_update().execution_options(populate_existing=True)).one()


def find_of_brand(
    db: Session, *, brand_id: int, public_id: str
) -> tuple[IntegrityCase, Participant, Offer] | None:
    """Return the brand's case with this id, whose it is, and in which offer."""
    wanted = _with_offer().where(
        IntegrityCase.brand_id == brand_id, IntegrityCase.public_id == public_id
    )
    return db.exec(wanted).first()


def find_of_member(
    db: Session, *, member_id: int, public_id: str
) -> tuple[IntegrityCase, Participant, Offer] | None:
    """Return the member's own case with this id."""
    wanted = _with_offer().where(
        Participant.member_id == member_id, IntegrityCase.public_id == public_id
    )
    return db.exec(wanted).first()


def of_brand(
    db: Session, brand_id: int, *, states: tuple[CaseStep, ...], limit: int
) -> list[tuple[IntegrityCase, Participant, Offer]]:
    """Return a brand's cases in some states, the next deadline first."""
    wanted = _with_offer().where(
        IntegrityCase.brand_id == brand_id, col(IntegrityCase.state).in_(states)
    )
    order = (col(IntegrityCase.deadline_at), col(IntegrityCase.id))
    return list(db.exec(wanted.order_by(*order).limit(limit)))


def due(db: Session, *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return case and offer where a case has reached its deadline, in the order of locking."""
    wanted = (
        select(IntegrityCase.id, Participant.offer_id)
        .join(Participant, col(Participant.id) == IntegrityCase.participant_id)
        .where(IntegrityCase.state != CaseStep.CLOSED, IntegrityCase.deadline_at <= now)
        .order_by(col(Participant.offer_id), col(IntegrityCase.id))
    )
    return [(case_id, offer_id) for case_id, offer_id in db.exec(wanted.limit(limit)) if case_id]


def _with_offer() -> Select[IntegrityCase, Participant, Offer]:
    return (
        select(IntegrityCase, Participant, Offer)
        .join(Participant, col(Participant.id) == IntegrityCase.participant_id)
        .join(Offer, col(Offer.id) == Participant.offer_id)
    )
