"""Events of Stripe, stored before anything is done with them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, reference


class EventState(StrEnum):
    """How far an event is."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"


class StripeEvent(SQLModel, table=True):
    """One event of one account, kept once however often it comes.

    ``facts`` are the references and amounts in it that we use; names, addresses and the rest are
    never written.  ``payment_ref`` is the payment it is about.  ``outcome`` says what came of it.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (
        UniqueConstraint("account_id", "event_ref", name="stripe_event_once_per_account"),
        CheckConstraint(
            "state IN ('waiting', 'done', 'ignored')", name="stripe_event_state_is_known"
        ),
        Index("stripe_events_of_a_payment", "account_id", "payment_ref"),
    )

    id: int | None = id_column()
    account_id: int = reference("stripe_account.id", name="event_of_an_account")
    event_ref: str = Field(max_length=100)
    type: str = Field(max_length=100)
    payment_ref: str | None = Field(default=None, max_length=100)
    facts: dict[str, Any] = Field(sa_type=JSON)
    is_fetched: bool = Field(default=False)
    state: str = Field(default=EventState.WAITING, max_length=10)
    outcome: str | None = Field(default=None, max_length=200)
    attempts: int = Field(default=0)
    happened_at: datetime = moment()
    received_at: datetime = moment()
    worked_at: datetime | None = moment(optional=True)


def find(db: Session, event_id: int) -> StripeEvent | None:
    """Return the event with this row id."""
    return db.get(StripeEvent, event_id)


def lock(db: Session, event_id: int) -> StripeEvent:
    """Return the event and keep everybody else from working it until we commit."""
    return db.exec(
        select(StripeEvent)
        .where(StripeEvent.id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def about_payment(db: Session, *, account_id: int, payment_ref: str) -> list[StripeEvent]:
    """Return what is not done yet about a payment, given up or not."""
    wanted = select(StripeEvent).where(
        StripeEvent.account_id == account_id,
        StripeEvent.payment_ref == payment_ref,
        col(StripeEvent.state) != EventState.DONE,
    )
    return list(db.exec(wanted.order_by(col(StripeEvent.id))))


def known_refs(db: Session, *, account_id: int, event_refs: list[str]) -> set[str]:
    """Return which of these events are stored."""
    found: set[str] = set()
    for start in range(0, len(event_refs), 500):
        wanted = select(StripeEvent.event_ref).where(
            StripeEvent.account_id == account_id,
            col(StripeEvent.event_ref).in_(event_refs[start : start + 500]),
        )
        found.update(db.exec(wanted))
    return found


def newest(db: Session, *, account_id: int, limit: int) -> list[StripeEvent]:
    """Return the latest events of an account, newest first."""
    wanted = select(StripeEvent).where(StripeEvent.account_id == account_id)
    return list(db.exec(wanted.order_by(col(StripeEvent.id).desc()).limit(limit)))


def stuck(db: Session, *, account_id: int, before: datetime) -> list[StripeEvent]:
    """Return what has waited since before a moment."""
    wanted = select(StripeEvent).where(
        StripeEvent.account_id == account_id,
        StripeEvent.state == EventState.WAITING,
        StripeEvent.received_at < before,
    )
    return list(db.exec(wanted.order_by(col(StripeEvent.id))))


def last_received_at(db: Session, account_id: int) -> datetime | None:
    """Return when Stripe last reached us by itself."""
    wanted = select(func.max(StripeEvent.received_at)).where(
        StripeEvent.account_id == account_id, col(StripeEvent.is_fetched).is_(False)
    )
    return db.exec(wanted).one()
