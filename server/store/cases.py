"""Cases: held matters that are looked into."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference, whole


class CaseKind(StrEnum):
    """What a case is about."""

    DISPUTE = "dispute"


class CaseState(StrEnum):
    """Whether a case still holds something."""

    OPEN = "open"
    CLOSED = "closed"


class ReviewCase(SQLModel, table=True):
    """One held matter of a brand, with its evidence in sentences; closed once, with an outcome.

    ``source_ref`` is what the world calls it, such as the id of a dispute.  While a case about an
    order is open, the order does not vest.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        UniqueConstraint("public_id", name="case_id_is_unique"),
        UniqueConstraint("brand_id", "kind", "source_ref", name="case_once_per_source"),
        CheckConstraint("kind IN ('dispute')", name="case_kind_is_known"),
        CheckConstraint("state IN ('open', 'closed')", name="case_state_is_known"),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND outcome IS NOT NULL)",
            name="closed_case_has_an_outcome",
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    brand_id: int = reference("brand.id", name="case_of_a_brand")
    kind: str = Field(max_length=20)
    source_ref: str = Field(max_length=100)
    conversion_id: int | None = reference(
        "conversion.id", name="case_about_a_conversion", index=True, optional=True
    )
    amount_minor: int = whole(0)
    evidence: list[str] = Field(sa_type=JSON)
    state: str = Field(default=CaseState.OPEN, max_length=10)
    outcome: str | None = Field(default=None, max_length=20)
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(optional=True)


def lock_by_source(
    db: Session, *, brand_id: int, kind: CaseKind, source_ref: str
) -> ReviewCase | None:
    """Return the case about something and keep everybody else from changing it."""
    return db.exec(
        select(ReviewCase)
        .where(
            ReviewCase.brand_id == brand_id,
            ReviewCase.kind == kind,
            ReviewCase.source_ref == source_ref,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def is_held(db: Session, conversion_id: int) -> bool:
    """Tell whether an open case keeps an order from vesting."""
    wanted = select(ReviewCase.id).where(
        ReviewCase.conversion_id == conversion_id, ReviewCase.state == CaseState.OPEN
    )
    return db.exec(wanted).first() is not None


def open_of_brand(db: Session, brand_id: int) -> list[ReviewCase]:
    """Return the open cases of a brand, oldest first."""
    wanted = select(ReviewCase).where(
        ReviewCase.brand_id == brand_id, ReviewCase.state == CaseState.OPEN
    )
    return list(db.exec(wanted.order_by(col(ReviewCase.id))))
