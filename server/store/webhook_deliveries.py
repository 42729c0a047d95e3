"""Webhook events, their deliveries to endpoints, and each attempt to make one."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference
from server.store.webhook_endpoints import WebhookEndpoint


class DeliveryState(StrEnum):
    """Where a delivery is: it waits, it arrived, or it was given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookEvent(SQLModel, table=True):
    """One thing that happened at a brand which some endpoint wants to hear of.  Written once."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("public_id", name="webhook_event_id_is_unique"),
        Index("webhook_events_by_moment", "happened_at"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=20)
    brand_id: int = reference("brand.id", name="webhook_event_at_a_brand", index=True)
    type: str = Field(max_length=40)
    data: dict[str, Any] = Field(sa_type=JSON)
    happened_at: datetime = moment()


class WebhookDelivery(SQLModel, table=True):
    """One event for one endpoint.  ``claimed_until`` is the time limit of whoever sends it now."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("public_id", name="webhook_delivery_id_is_unique"),
        UniqueConstraint("event_id", "endpoint_id", name="event_once_per_endpoint"),
        CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up')", name="delivery_state_is_known"
        ),
        Index(
            "deliveries_waiting",
            "endpoint_id",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("deliveries_of_an_endpoint", "endpoint_id", "id"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    event_id: int = reference("webhook_event.id", name="delivery_of_an_event")
    endpoint_id: int = reference("webhook_endpoint.id", name="delivery_to_an_endpoint")
    state: str = Field(default=DeliveryState.WAITING, max_length=10)
    attempts: int = Field(default=0)
    due_at: datetime = moment()
    claimed_until: datetime | None = moment(optional=True)
    done_at: datetime | None = moment(optional=True)


class WebhookAttempt(SQLModel, table=True):
    """One request to an endpoint and what came of it.  Written once; long answers are cut."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("attempts_of_a_delivery", "delivery_id", "id"),)

    id: int | None = id_column()
    delivery_id: int = reference("webhook_delivery.id", name="attempt_of_a_delivery")
    made_at: datetime = moment()
    duration_ms: int = Field()
    request_headers: dict[str, Any] = Field(sa_type=JSON)
    status: int | None = Field(default=None)
    response_headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    response_body: str = Field(default="", sa_type=sa.Text)
    error: str | None = Field(default=None, max_length=200)


def find(db: Session, *, endpoint_id: int, public_id: str) -> WebhookDelivery | None:
    """Return the endpoint's delivery with this id."""
    return db.exec(
        select(WebhookDelivery).where(
            WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.public_id == public_id
        )
    ).first()


def lock(db: Session, delivery_id: int) -> WebhookDelivery:
    """Return the delivery and keep everybody else from changing it until we commit."""
    return db.exec(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def event(db: Session, event_id: int) -> WebhookEvent:
    """Return the event with this row id."""
    found = db.get(WebhookEvent, event_id)
    assert found is not None, "a delivery refers to it"
    return found


def of_endpoint(
    db: Session, *, endpoint_id: int, before_id: int | None, limit: int
) -> list[tuple[WebhookDelivery, WebhookEvent]]:
    """Return deliveries to an endpoint with their events, newest first, from before an id on."""
    wanted = (
        select(WebhookDelivery, WebhookEvent)
        .join(WebhookEvent, col(WebhookEvent.id) == WebhookDelivery.event_id)
        .where(WebhookDelivery.endpoint_id == endpoint_id)
    )
    if before_id is not None:
        wanted = wanted.where(col(WebhookDelivery.id) < before_id)
    return list(db.exec(wanted.order_by(col(WebhookDelivery.id).desc()).limit(limit)))


def attempts_of(db: Session, delivery_id: int) -> list[WebhookAttempt]:
    """Return the attempts to make a delivery, oldest first."""
    wanted = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return list(db.exec(wanted.order_by(col(WebhookAttempt.id))))


def endpoints_with_due(db: Session, *, failing: bool, now: datetime, limit: int) -> list[int]:
    """Return the endpoints for which something can be sent now, longest due first.

    One look into an index for each endpoint, however much waits for it.
    """
    statement = _FAILING if failing else _WORKING
    return list(db.connection().scalars(statement, {"now": now, "most": limit}))


def due_to(db: Session, *, endpoint_id: int, now: datetime, limit: int) -> list[int]:
    """Return what can be sent to an endpoint now, longest due first."""
    asked = {"endpoint": endpoint_id, "now": now, "most": limit}
    return list(db.connection().scalars(_DUE, asked))


def claim(db: Session, delivery_id: int, *, now: datetime, until: datetime) -> bool:
    """Take a delivery for ourselves until a moment; tell whether nobody else was first."""
    taken = db.execute(_CLAIM, {"delivery": delivery_id, "now": now, "until": until})
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def wait_again(db: Session, *, endpoint_id: int, since: datetime, now: datetime) -> int:
    """Let every delivery of events since a moment be made once more; return how many."""
    events = sa.select(col(WebhookEvent.id)).where(col(WebhookEvent.happened_at) >= since)
    again = db.execute(
        sa.update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint_id,
            col(WebhookDelivery.state) != DeliveryState.WAITING,
            col(WebhookDelivery.event_id).in_(events),
        )
        .values(state=DeliveryState.WAITING, attempts=0, due_at=now, done_at=None)
    )
    return int(again.rowcount)  # type: ignore[attr-defined]


def hurry(db: Session, *, endpoint_id: int, now: datetime) -> None:
    """Let everything that waits for an endpoint be due now, as if it had never failed."""
    db.execute(
        sa.update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint_id,
            col(WebhookDelivery.state) == DeliveryState.WAITING,
        )
        .values(attempts=0, due_at=now)
    )


_IS_DUE = (
    col(WebhookDelivery.state) == sa.literal_column("'waiting'"),  # as the index says it
    col(WebhookDelivery.due_at) <= sa.bindparam("now"),
    sa.or_(
        col(WebhookDelivery.claimed_until).is_(None),
        col(WebhookDelivery.claimed_until) <= sa.bindparam("now"),
    ),
)
_IS_OPEN = (col(WebhookEndpoint.disabled_at).is_(None), col(WebhookEndpoint.removed_at).is_(None))
_OLDEST = (
    sa.select(col(WebhookDelivery.due_at))
    .where(col(WebhookDelivery.endpoint_id) == col(WebhookEndpoint.id), *_IS_DUE)
    .order_by(col(WebhookDelivery.due_at))
    .limit(1)
    .scalar_subquery()
)
_ENDPOINTS = sa.select(
    col(WebhookEndpoint.id), col(WebhookEndpoint.failing_since), _OLDEST.label("oldest")
).where(*_IS_OPEN)
_WITH_DUE = _ENDPOINTS.subquery()
_WORKING, _FAILING = (
    sa.select(_WITH_DUE.c.id)
    .where(_WITH_DUE.c.oldest.is_not(None), condition)
    .order_by(_WITH_DUE.c.oldest)
    .limit(sa.bindparam("most"))
    for condition in (_WITH_DUE.c.failing_since.is_(None), _WITH_DUE.c.failing_since.is_not(None))
)
_DUE = (
    sa.select(col(WebhookDelivery.id))
    .where(col(WebhookDelivery.endpoint_id) == sa.bindparam("endpoint"), *_IS_DUE)
    .order_by(col(WebhookDelivery.due_at))
    .limit(sa.bindparam("most"))
)
_CLAIM = (
    sa.update(WebhookDelivery)
    .where(
        col(WebhookDelivery.id) == sa.bindparam("delivery"),
        *_IS_DUE,
        col(WebhookDelivery.endpoint_id).in_(sa.select(col(WebhookEndpoint.id)).where(*_IS_OPEN)),
    )
    .values(claimed_until=sa.bindparam("until"))
)
"""Statements that run every second are built once."""
