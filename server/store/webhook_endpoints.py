"""Webhook endpoints: where a brand's own systems want to be told what happened."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import JSON, CheckConstraint, UniqueConstraint, func
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.store.columns import id_column, moment, reference


class WebhookEndpoint(SQLModel, table=True):
    """One address of a brand with the kinds of events it wants (none named: all).

    Secrets are sealed; the old one signs along until ``old_secret_until``.  A removed endpoint
    stays as long as its deliveries do.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        UniqueConstraint("public_id", name="webhook_endpoint_id_is_unique"),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_why IS NULL)",
            name="disabled_endpoint_says_why",
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    brand_id: int = reference("brand.id", name="webhook_endpoint_of_a_brand", index=True)
    url: str = Field(max_length=500)
    description: str = Field(default="", max_length=80)
    types: list[str] = Field(default_factory=list, sa_type=JSON)
    secret: str = Field(max_length=300)
    old_secret: str | None = Field(default=None, max_length=300)
    old_secret_until: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    failing_since: datetime | None = moment(optional=True)
    disabled_at: datetime | None = moment(optional=True)
    disabled_why: str | None = Field(default=None, max_length=200)
    removed_at: datetime | None = moment(optional=True)


_WANTS = sa.select(col(WebhookEndpoint.id), col(WebhookEndpoint.types)).where(
    col(WebhookEndpoint.brand_id) == sa.bindparam("wanted_by"),
    col(WebhookEndpoint.removed_at).is_(None),
)
"""Part of every change that partners hear of, so it is built once."""


def get(db: Session, endpoint_id: int) -> WebhookEndpoint | None:
    """Return the endpoint with this row id."""
    return db.get(WebhookEndpoint, endpoint_id)


def find(db: Session, *, brand_id: int, public_id: str) -> WebhookEndpoint | None:
    """Return the brand's endpoint with this id, unless it was removed."""
    return db.exec(_of(brand_id).where(WebhookEndpoint.public_id == public_id)).first()


def lock(db: Session, endpoint_id: int) -> WebhookEndpoint:
    """Return the endpoint and keep everybody else from changing it until we commit.

    Whoever writes a delivery to it meanwhile does not wait: that is part of their redemption.
    """
    return db.exec(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def of_brand(db: Session, brand_id: int) -> list[WebhookEndpoint]:
    """Return a brand's endpoints, oldest first."""
    return list(db.exec(_of(brand_id).order_by(col(WebhookEndpoint.id))))


def count(db: Session, brand_id: int) -> int:
    """Return how many endpoints a brand has."""
    return db.exec(select(func.count()).select_from(_of(brand_id).subquery())).one()


def wanting(db: Session, *, brand_id: int, type_: str) -> list[int]:
    """Return the row ids of a brand's endpoints that want events of a kind, disabled ones too."""
    rows = db.connection().execute(_WANTS, {"wanted_by": brand_id})
    return [int(row.id) for row in rows if not row.types or type_ in row.types]


def secrets(row: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return the sealed secrets that sign now: the new one, and for a day the old one."""
    if row.old_secret is None or row.old_secret_until is None or row.old_secret_until <= now:
        return [row.secret]
    return [row.secret, row.old_secret]


def _of(brand_id: int) -> SelectOfScalar[WebhookEndpoint]:
    return select(WebhookEndpoint).where(
        WebhookEndpoint.brand_id == brand_id, col(WebhookEndpoint.removed_at).is_(None)
    )
