"""Comparisons of our ledger with Stripe, and what they found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class StripeReconciliation(SQLModel, table=True):
    """One finished comparison: what was looked at, counted, and every difference.  Written once."""

    __tablename__ = "stripe_reconciliation"
    __table_args__ = (
        CheckConstraint("finished_at >= began_at", name="reconciliation_ends_after_it_begins"),
        Index("reconciliations_of_an_account", "account_id", "id"),
    )

    id: int | None = id_column()
    account_id: int = reference("stripe_account.id", name="reconciliation_of_an_account")
    began_at: datetime = moment()
    finished_at: datetime = moment()
    since: datetime = moment()
    counts: dict[str, int] = Field(sa_type=JSON)
    differences: list[dict[str, Any]] = Field(sa_type=JSON)


def newest(db: Session, account_id: int) -> StripeReconciliation | None:
    """Return the latest comparison of an account."""
    wanted = select(StripeReconciliation).where(StripeReconciliation.account_id == account_id)
    return db.exec(wanted.order_by(col(StripeReconciliation.id).desc())).first()
