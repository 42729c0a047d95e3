"""The nightly look: our ledger beside Stripe's, every difference noted, ours repaired.

What Stripe has is asked for with no transaction open, then compared in one.  Events that never
came are taken in; promotion codes are looked at again; refunds that we did not hear of are booked.
The rest is for people and says so.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rewards.money import Money
from server.errors import NotFound
from server.gateways.stripe import codes as code_gateway
from server.gateways.stripe import events as event_gateway
from server.gateways.stripe import refunds as refund_gateway
from server.gateways.stripe.amounts import AmountInvalid
from server.gateways.stripe.client import Access
from server.services import stripe_differences, stripe_means
from server.services.stripe_differences import Found
from server.services.stripe_means import Means
from server.store import outbox, stripe_events, stripe_payments
from server.store import stripe_accounts as account_store
from server.store import stripe_reconciliations as store

RECONCILE = "stripe.reconcile"
EVERY = timedelta(days=1)
OVERLAP = timedelta(days=3)
"""How far each look reaches back before the last one, for what came late."""
STRIPE_KEEPS = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class Plan:
    """One account, since when, and the payments of ours there."""

    account_id: int
    access: Access
    since: datetime
    began_at: datetime
    payments: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, as the brand's owner reads it."""

    kind: str
    sentence: str
    is_repaired: bool


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """One finished look: what was counted and what differed."""

    account_ref: str
    began_at: datetime
    finished_at: datetime
    since: datetime
    counts: dict[str, int]
    differences: tuple[Difference, ...]


def plan_due(db: Session, *, now: datetime) -> int:
    """Let every account be looked at whose day is over; return how many."""
    due = account_store.to_reconcile(db, now)
    for account in due:
        account.reconcile_at = now + EVERY
        outbox.put(db, kind=RECONCILE, content={"account_id": account.id}, due_at=now)
    return len(due)


def ask(db: Session, *, brand_id: int, now: datetime) -> None:
    """Let a brand's account be looked at soon.

    Raises:
        NotFound: no account is connected.

    """
    account = account_store.live_of_brand(db, brand_id)
    if account is None:
        raise NotFound("No Stripe account is connected.")
    outbox.put(db, kind=RECONCILE, content={"account_id": account.id}, due_at=now)


def plan(db: Session, means: Means, content: dict[str, Any], now: datetime) -> Plan | None:
    """Say what to look at; None when the account is not connected any more."""
    account = account_store.find(db, content["account_id"])
    assert account is not None
    assert account.id is not None
    if account.disconnected_at is not None or account.leaving_since is not None:
        return None
    before = store.newest(db, account.id)
    since = (before.began_at if before else account.connected_at) - OVERLAP
    ours = stripe_payments.ours(db, account.id)
    return Plan(
        account_id=account.id,
        access=stripe_means.access(means, account),
        since=max(since, now - STRIPE_KEEPS),
        began_at=now,
        payments=frozenset(p.payment_ref for p in ours if p.payment_ref is not None),
    )


def perform(means: Means, plan: Plan) -> Found:
    """Return what Stripe has.

    Raises:
        Failed: Stripe does not say.

    """
    client = means.stripe.reach(plan.access)
    refunded: dict[str, Money] = {}
    for ref in refund_gateway.payments_since(client, plan.since) & plan.payments:
        try:
            total = refund_gateway.total(client, ref)
        except AmountInvalid:
            continue
        if total is not None:
            refunded[ref] = total
    return Found(
        events=tuple(event_gateway.since(client, plan.since)),
        promotions=tuple(code_gateway.promotions(client)),
        coupon_refs=frozenset(code_gateway.coupon_refs(client)),
        refunded=refunded,
    )


def record(db: Session, means: Means, plan: Plan, found: Found, now: datetime) -> None:
    """Compare, repair what is ours, and keep every difference."""
    account = account_store.lock(db, plan.account_id)
    if account.disconnected_at is not None:
        return
    differences = [
        *stripe_differences.events(db, means, account, found, now),
        *stripe_differences.promotions(db, account, found, plan.began_at),
        *stripe_differences.refunds(db, account, found, now),
        *stripe_differences.noted(db, account, plan.since, now),
    ]
    db.add(
        store.StripeReconciliation(
            account_id=plan.account_id,
            began_at=plan.began_at,
            finished_at=max(now, plan.began_at),
            since=plan.since,
            counts={
                "events": len(found.events),
                "promotion codes": len(found.promotions),
                "coupons": len(found.coupon_refs),
                "refunded payments": len(found.refunded),
            },
            differences=[
                {"kind": d.kind, "sentence": d.sentence, "is_repaired": d.is_repaired}
                for d in differences
            ],
        )
    )
    account.reconcile_at = now + EVERY
    db.flush()


def newest(db: Session, *, account_id: int) -> ReconciliationView | None:
    """Return the last look at an account."""
    row = store.newest(db, account_id)
    account = account_store.find(db, account_id)
    if row is None or account is None:
        return None
    return ReconciliationView(
        account_ref=account.account_ref,
        began_at=row.began_at,
        finished_at=row.finished_at,
        since=row.since,
        counts=row.counts,
        differences=tuple(Difference(**d) for d in row.differences),
    )


def last_heard_at(db: Session, *, account_id: int) -> datetime | None:
    """Return when Stripe last reached us by itself."""
    return stripe_events.last_received_at(db, account_id)
