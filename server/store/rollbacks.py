"""Rollbacks: uses of codes that were undone, in part or whole."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment, reference, whole


class Rollback(SQLModel, table=True):
    """One undoing of one redemption; ``code_state`` is where it left the code.  Written once."""

    __tablename__ = "rollback"
    __table_args__ = (
        UniqueConstraint("redemption_id", "rollback_ref", name="rollback_once_per_redemption"),
        CheckConstraint("amount_minor > 0", name="rollback_is_positive"),
    )

    id: int | None = id_column()
    redemption_id: int = reference("redemption.id", name="rollback_of_a_redemption")
    rollback_ref: str = Field(max_length=100)
    amount_minor: int = whole()
    code_state: str = Field(max_length=10)
    rolled_back_at: datetime = moment()


def find(db: Session, *, redemption_id: int, rollback_ref: str) -> Rollback | None:
    """Return the rollback that was asked for under this reference."""
    return db.exec(
        select(Rollback).where(
            Rollback.redemption_id == redemption_id, Rollback.rollback_ref == rollback_ref
        )
    ).first()
