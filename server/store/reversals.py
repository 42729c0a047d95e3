"""Reversals: refunds of reported orders."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment, reference, whole


class Reversal(SQLModel, table=True):
    """One refund of one order, whole or in part.  Written once."""

    __tablename__ = "reversal"
    __table_args__ = (
        UniqueConstraint("conversion_id", "reversal_ref", name="reversal_once_per_order"),
        CheckConstraint("amount_minor > 0", name="reversal_is_positive"),
    )

    id: int | None = id_column()
    conversion_id: int = reference("conversion.id", name="reversal_of_a_conversion")
    reversal_ref: str = Field(max_length=100)
    amount_minor: int = whole()
    credited_before_minor: int = whole()
    credited_after_minor: int = whole()
    reversed_at: datetime = moment()


def find(db: Session, *, conversion_id: int, reversal_ref: str) -> Reversal | None:
    """Return the refund that was reported under this reference."""
    return db.exec(
        select(Reversal).where(
            Reversal.conversion_id == conversion_id, Reversal.reversal_ref == reversal_ref
        )
    ).first()
