"""Events of Stripe: stored first, worked later, each once, in whatever order they come.

An event about a payment that is not known yet waits, and is tried again longer apart; what makes
the payment known wakes it.  Nothing that an event does depends on which came first.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from server.gateways.stripe import codes as code_gateway
from server.gateways.stripe import events as gateway
from server.gateways.stripe import payments as payment_gateway
from server.gateways.stripe.client import Access
from server.services import (
    identities,
    stripe_accounts,
    stripe_checkouts,
    stripe_means,
    stripe_refunds,
)
from server.services.identities import Identity, Said
from server.services.stripe_means import Means
from server.services.stripe_work import WORK, Happened, Later, Outcome, wake
from server.store import stripe_accounts as account_store
from server.store import stripe_codes as code_store
from server.store import stripe_events as store
from server.store import writing
from server.store.stripe_events import EventState

GIVE_UP_AFTER = timedelta(days=3)
"""For how long an event about an unknown payment is tried again."""
LONGEST_PAUSE = timedelta(hours=6)

__all__ = ["WORK", "EventView", "newest", "perform", "plan", "record", "take_in"]

BUYER = "buyer"
"""The fact that holds the hashes of the buyer until the event is worked."""
_DEAUTHORIZED = "account.application.deauthorized"
_HANDLERS = {
    "checkout.session.completed": stripe_checkouts.completed,
    "checkout.session.async_payment_succeeded": stripe_checkouts.completed,
    "checkout.session.async_payment_failed": stripe_checkouts.failed,
    "charge.refunded": stripe_refunds.refunded,
    "charge.dispute.created": stripe_refunds.disputed,
    "charge.dispute.closed": stripe_refunds.dispute_closed,
}


@dataclass(frozen=True, slots=True)
class EventView:
    """One event, as the brand's owner sees it."""

    event_ref: str
    type: str
    state: str
    outcome: str | None
    is_fetched: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """An event to work, and what Stripe must say: whose codes were used, and what paid."""

    event_id: int
    account_id: int
    access: Access | None
    unknown: tuple[str, ...] = field(default=())
    paid_by: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What Stripe said; the fingerprint is hashed at once and never written."""

    promotions: dict[str, code_gateway.Promotion] = field(default_factory=dict)
    fingerprint: str | None = field(default=None, repr=False)


def take_in(
    db: Session,
    means: Means,
    *,
    account_id: int,
    event: gateway.Event,
    now: datetime,
    is_fetched: bool = False,
) -> bool:
    """Store an event and let it be worked after this transaction; False when it was there."""
    account = account_store.find(db, account_id)
    assert account is not None
    is_ours = event.type in gateway.TYPES and event.is_live_mode == account.is_live_mode
    facts = dict(event.facts)
    if event.customer_ref is not None and is_ours:
        buyer = identities.told(
            db,
            brand_id=account.brand_id,
            said=Said(stripe_buyer=(account.account_ref, event.customer_ref)),
            sealing_key=means.sealing_key,
            now=now,
        )
        facts[BUYER] = [[one.key_id, one.kind, one.hash] for one in buyer]
    event_id = writing.put_first(
        db,
        store.StripeEvent,
        {
            "account_id": account_id,
            "event_ref": event.ref[:100],
            "type": event.type[:100],
            "payment_ref": event.payment_ref,
            "facts": facts if is_ours else {},
            "is_fetched": is_fetched,
            "state": EventState.WAITING if is_ours else EventState.IGNORED,
            "outcome": None if is_ours else "We do not act on this.",
            "happened_at": event.happened_at,
            "received_at": now,
        },
    )
    if event_id is None:
        return False
    if is_ours:
        wake(db, account_id=account_id, event_id=event_id, due_at=now)
    return True


def plan(db: Session, means: Means, content: dict[str, Any], now: datetime) -> Plan | None:
    """Say what must be asked before an event can be worked; None when it is worked already."""
    del now
    event = store.find(db, content["event_id"])
    account = account_store.find(db, content["account_id"])
    assert event is not None
    assert event.id is not None
    assert account is not None
    assert account.id is not None
    if event.state != EventState.WAITING:
        return None
    is_over = account.disconnected_at is not None
    return Plan(
        event_id=event.id,
        account_id=account.id,
        access=None if is_over else stripe_means.access(means, account),
        unknown=tuple(
            ref
            for ref in event.facts.get("promotions", [])
            if code_store.find_by_promotion(db, account_id=account.id, promotion_ref=ref) is None
        ),
        paid_by=event.payment_ref if stripe_checkouts.may_be_ours(event.facts) else None,
    )


def perform(means: Means, plan: Plan) -> Asked:
    """Return the promotion codes that we did not know and what paid, as far as we may still ask.

    Raises:
        Failed: Stripe does not say.

    """
    if plan.access is None:
        return Asked()
    client = means.stripe.reach(plan.access)
    found = {ref: code_gateway.find_promotion(client, ref) for ref in plan.unknown}
    return Asked(
        {ref: promotion for ref, promotion in found.items() if promotion is not None},
        payment_gateway.fingerprint(client, plan.paid_by) if plan.paid_by else None,
    )


def record(
    db: Session,
    means: Means,
    plan: Plan,
    asked: Asked,
    now: datetime,
) -> None:
    """Do what an event asks for, or let it wait."""
    event = store.lock(db, plan.event_id)
    account = account_store.find(db, plan.account_id)
    assert account is not None
    if event.state != EventState.WAITING:
        return
    happened = Happened(
        account_id=plan.account_id,
        brand_id=account.brand_id,
        event_id=plan.event_id,
        payment_ref=event.payment_ref,
        happened_at=event.happened_at,
        facts=event.facts,
        promotions=asked.promotions,
    )
    happened = replace(happened, buyer=_buyer(db, means, happened, asked, now))
    try:
        outcome = _work(db, event.type, happened, now)
    except Later as wait:
        _wait(db, event, str(wait), now)
        return
    event.state = EventState.DONE if outcome.is_done else EventState.IGNORED
    event.outcome = outcome.sentence[:200]
    event.worked_at = now
    event.facts = {name: fact for name, fact in event.facts.items() if name != BUYER}


def _buyer(
    db: Session, means: Means, happened: Happened, asked: Asked, now: datetime
) -> tuple[Identity, ...]:
    """Return by what the buyer of a checkout is known: as it came, and by what paid."""
    known = tuple(Identity(*one) for one in happened.facts.get(BUYER, ()))
    if known:
        identities.lock(db, brand_id=happened.brand_id, now=now)
    return known + identities.told(
        db,
        brand_id=happened.brand_id,
        said=Said(fingerprint=asked.fingerprint),
        sealing_key=means.sealing_key,
        now=now,
    )


def newest(db: Session, *, account_id: int, limit: int = 10) -> list[EventView]:
    """Return the latest events of an account, newest first."""
    return [
        EventView(
            event_ref=row.event_ref,
            type=row.type,
            state=row.state,
            outcome=row.outcome,
            is_fetched=row.is_fetched,
            happened_at=row.happened_at,
        )
        for row in store.newest(db, account_id=account_id, limit=limit)
    ]


def _work(db: Session, type_: str, happened: Happened, now: datetime) -> Outcome:
    if "unreadable" in happened.facts:
        return Outcome(str(happened.facts["unreadable"]), is_done=False)
    if type_ == _DEAUTHORIZED:
        return _deauthorized(db, happened, now)
    return _HANDLERS[type_](db, happened, now)


def _deauthorized(db: Session, happened: Happened, now: datetime) -> Outcome:
    account = account_store.lock(db, happened.account_id)
    if account.how != account_store.How.CONNECT:
        return Outcome("The account is connected by its own key.", is_done=False)
    if happened.happened_at < account.connected_at.replace(microsecond=0):
        return Outcome("The account was connected again after this.", is_done=False)
    stripe_accounts.end(db, account, why=stripe_accounts.BY_STRIPE, now=now)
    return Outcome("The account is disconnected.")


def _wait(db: Session, event: store.StripeEvent, why: str, now: datetime) -> None:
    assert event.id is not None
    event.outcome = why[:200]
    if now - event.received_at > GIVE_UP_AFTER:
        event.state, event.worked_at = EventState.IGNORED, now
        return
    event.attempts += 1
    pause = min(timedelta(minutes=2 ** min(event.attempts, 10)), LONGEST_PAUSE)
    wake(db, account_id=event.account_id, event_id=event.id, due_at=now + pause)
