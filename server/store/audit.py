"""The audit log: every change by a team member or a partner."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class AuditEntry(SQLModel, table=True):
    """One change: who, what, before, after, when.  Append-only."""

    __tablename__ = "audit_entry"

    id: int | None = id_column()
    brand_id: int = reference("brand.id", name="audit_of_a_brand", index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=60)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = moment()


def of_brand(db: Session, brand_id: int, *, limit: int) -> list[AuditEntry]:
    """Return the latest changes at a brand, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.brand_id == brand_id)
    return list(db.exec(wanted.order_by(col(AuditEntry.id).desc()).limit(limit)))
