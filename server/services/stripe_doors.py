"""The two ends of a connection that need Stripe: our endpoint there, and leaving.

Both are done by the outbox: planned in one transaction, asked of Stripe in none, written in
another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server import sealing
from server.gateways.stripe import codes as code_gateway
from server.gateways.stripe import connections as gateway
from server.gateways.stripe.client import Access
from server.gateways.stripe.failures import AccessEnded
from server.services import stripe_accounts, stripe_means
from server.services.stripe_means import Means
from server.store import stripe_accounts as store
from server.store import stripe_codes as code_store
from server.store.stripe_accounts import How


@dataclass(frozen=True, slots=True)
class Plan:
    """One account, and what is to be switched off there."""

    account_id: int
    account_ref: str
    access: Access | None
    is_by_connect: bool
    hook_ref: str | None
    hook_url: str
    key: str
    promotion_refs: tuple[str, ...] = ()


def plan_hook(db: Session, means: Means, content: dict[str, Any], now: datetime) -> Plan | None:
    """Say which endpoint an account should have, unless it has one."""
    del now
    row = store.find(db, content["account_id"])
    assert row is not None
    if row.disconnected_at is not None or row.sealed_hook_secret is not None:
        return None
    return _plan(row, stripe_means.access(means, row), means.site_url)


def make_hook(means: Means, plan: Plan) -> gateway.Hook | None:
    """Make the endpoint; None when the key does not allow it, and the page says how to.

    Raises:
        Failed: Stripe does not answer.

    """
    assert plan.access is not None
    client = means.stripe.reach(plan.access)
    return gateway.make_hook(client, url=plan.hook_url, key=plan.key)


def keep_hook(
    db: Session, means: Means, plan: Plan, hook: gateway.Hook | None, now: datetime
) -> None:
    """Keep the endpoint's name and its secret."""
    del now
    row = store.lock(db, plan.account_id)
    if hook is not None and row.disconnected_at is None:
        row.hook_ref = hook.ref
        row.sealed_hook_secret = sealing.seal(means.sealing_key, hook.secret)


def plan_leaving(db: Session, means: Means, content: dict[str, Any], now: datetime) -> Plan | None:
    """Say what must end at Stripe before an account can go."""
    del now
    row = store.find(db, content["account_id"])
    assert row is not None
    if row.id is None or row.leaving_since is None or row.disconnected_at is not None:
        return None
    refs = [code.promotion_ref for code in code_store.active(db, row.id) if code.promotion_ref]
    try:
        access = stripe_means.access(means, row)
    except AccessEnded:
        access = None
    return _plan(row, access, means.site_url, *refs)


def leave(means: Means, plan: Plan) -> None:
    """Switch everything off and give the access back, as far as we still have it.

    Raises:
        Failed: Stripe does not answer.

    """
    if plan.access is None:
        return
    client = means.stripe.reach(plan.access)
    try:
        for ref in plan.promotion_refs:
            if code_gateway.find_promotion(client, ref) is not None:
                code_gateway.set_active(client, ref, is_active=False)
        if plan.hook_ref is not None:
            gateway.remove_hook(client, plan.hook_ref)
        if plan.is_by_connect:
            gateway.leave(means.stripe, plan.account_ref)
    except AccessEnded:
        return


def write_leaving(db: Session, means: Means, plan: Plan, left: None, now: datetime) -> None:
    """Write that nothing works there any more, and end the account."""
    del means, left
    row = store.lock(db, plan.account_id)
    for code in code_store.active(db, plan.account_id):
        code.is_active = False
        code.changed_at = now
    stripe_accounts.end(db, row, why=stripe_accounts.BY_TEAM, now=now)


def _plan(
    row: store.StripeAccount, access: Access | None, site_url: str, *promotion_refs: str
) -> Plan:
    assert row.id is not None
    return Plan(
        account_id=row.id,
        account_ref=row.account_ref,
        access=access,
        is_by_connect=row.how == How.CONNECT,
        hook_ref=row.hook_ref,
        hook_url=f"{site_url}/hooks/stripe/{row.public_id}",
        key=f"{row.public_id}:hook:{int(row.connected_at.timestamp())}",
        promotion_refs=promotion_refs,
    )
