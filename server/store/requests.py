"""Idempotency keys: which answer a partner's repeated request gets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment, reference


class AnsweredRequest(SQLModel, table=True):
    """One request with an Idempotency-Key and its first answer; kept for 24 hours."""

    __tablename__ = "answered_request"
    __table_args__ = (
        UniqueConstraint("client_id", "key", name="idempotency_key_once_per_partner"),
    )

    id: int | None = id_column()
    client_id: int = reference("oauth_client.id", name="request_by_a_partner")
    key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)
    status: int | None = Field(default=None)
    body: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    answered_at: datetime = moment()


def find(db: Session, *, client_id: int, key: str) -> AnsweredRequest | None:
    """Return the request that the partner made with this key."""
    return db.exec(
        select(AnsweredRequest).where(
            AnsweredRequest.client_id == client_id, AnsweredRequest.key == key
        )
    ).first()
