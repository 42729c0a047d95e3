"""Our codes at Stripe: it is told to follow, code by code, until it stands as our ledger does.

A message says only *look at this code again*.  Whoever does compares what Stripe should have with
what it has, so that messages may be lost, repeated and swapped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rewards.money import Money
from server.gateways.stripe import codes as gateway
from server.gateways.stripe.amounts import AmountInvalid
from server.gateways.stripe.client import Access
from server.gateways.stripe.failures import Refused
from server.services import stripe_means, validations
from server.services.stripe_means import Means
from server.store import codes as code_store
from server.store import offers, outbox, stripe_accounts, writing
from server.store import stripe_codes as store

FOLLOW = "stripe.code"
AT_IT = timedelta(seconds=90)
"""For how long one worker has a code for itself; longer than Stripe may take to answer."""


class Busy(Exception):
    """Another worker is at this code."""


UNHEARD = "It was used at Stripe, and we have not heard of that use yet."


@dataclass(frozen=True, slots=True)
class Plan:
    """What Stripe has and should have for one code; ``wanted`` is None for nothing that works."""

    account_id: int
    account_public_id: str
    access: Access
    code_id: int
    promotion_ref: str | None
    coupon_ref: str | None
    generation: int
    is_use_heard: bool
    known_coupon_ref: str | None
    wanted: gateway.Wanted | None


@dataclass(frozen=True, slots=True)
class Done:
    """What Stripe has now."""

    promotion: gateway.Promotion | None
    refused: str | None = None


def follow(db: Session, *, brand_id: int, code_id: int, now: datetime) -> None:
    """Let Stripe follow what just happened to a code, if the brand is connected."""
    account_id = stripe_accounts.live_id_of_brand(db, brand_id)
    if account_id is not None:
        look_again(db, account_id=account_id, code_id=code_id, now=now)


def look_again(db: Session, *, account_id: int, code_id: int, now: datetime) -> None:
    """Compare a code at an account once more, after this transaction."""
    content = {"account_id": account_id, "code_id": code_id}
    outbox.put(db, kind=FOLLOW, content=content, due_at=now)


def plan(db: Session, means: Means, content: dict[str, Any], now: datetime) -> Plan | None:
    """Say what must change at Stripe for a code, and keep others from doing it meanwhile.

    Raises:
        Busy: another worker is at it.

    """
    account = stripe_accounts.find(db, content["account_id"])
    code = code_store.find(db, content["code_id"])
    assert account is not None
    assert code is not None
    assert code.id is not None
    if account.disconnected_at is not None or account.id is None:
        return None
    ids = {"account_id": account.id, "code_id": code.id}
    writing.put_first(db, store.StripeCode, {**ids, "changed_at": now})
    row = store.lock(db, **ids)
    assert row is not None
    wanted = _wanted(db, account, code, row.generation + 1, now)
    if _stands(row, wanted):
        return None
    if row.busy_until is not None and row.busy_until > now:
        raise Busy
    row.busy_until = now + AT_IT
    db.flush()
    return Plan(
        account_id=account.id,
        account_public_id=account.public_id,
        access=stripe_means.access(means, account),
        code_id=code.id,
        promotion_ref=row.promotion_ref,
        coupon_ref=row.coupon_ref,
        generation=row.generation,
        is_use_heard=row.heard_generation >= row.generation,
        known_coupon_ref=_known_coupon(db, account.id, wanted) if wanted else None,
        wanted=wanted,
    )


def perform(means: Means, plan: Plan) -> Done:
    """Bring Stripe to where it should be; doing it twice does it once.

    Raises:
        Failed: Stripe did not do it.

    """
    client = means.stripe.reach(plan.access)
    before = gateway.find_promotion(client, plan.promotion_ref) if plan.promotion_ref else None
    if plan.wanted is None:
        if before is not None and before.is_active:
            before = gateway.set_active(client, before.ref, is_active=False)
        return Done(before)
    if before is not None and before.times_used and not plan.is_use_heard:
        return Done(before, UNHEARD)
    try:
        return Done(_working(client, plan, plan.wanted, before))
    except AmountInvalid as error:
        return Done(before, str(error))
    except Refused as refusal:
        return Done(before, f"Stripe refuses it: {refusal}")


def record(db: Session, means: Means, plan: Plan, done: Done, now: datetime) -> None:
    """Write what Stripe has now, and look again if the ledger went on meanwhile."""
    del means
    account = stripe_accounts.find(db, plan.account_id)
    code = code_store.find(db, plan.code_id)
    row = store.lock(db, account_id=plan.account_id, code_id=plan.code_id)
    assert account is not None
    assert code is not None
    assert row is not None
    if done.promotion is not None:
        row.promotion_ref = done.promotion.ref
        row.coupon_ref = done.promotion.coupon_ref
        row.generation = done.promotion.generation
    row.is_active = done.promotion is not None and done.promotion.is_active
    row.refused = done.refused
    row.busy_until = None
    row.changed_at = now
    db.flush()
    if plan.wanted is not None and done.refused is None and row.coupon_ref is not None:
        _keep_coupon(db, plan.account_id, plan.wanted.coupon, row.coupon_ref, now)
    wanted = _wanted(db, account, code, row.generation + 1, now)
    if done.refused is None and not _stands(row, wanted):
        look_again(db, account_id=plan.account_id, code_id=plan.code_id, now=now)


def heard(db: Session, *, account_id: int, code_id: int, generation: int, now: datetime) -> None:
    """Note that we know what became of a use at Stripe, so that a next promotion code may come."""
    row = store.lock(db, account_id=account_id, code_id=code_id)
    if row is None:
        return
    row.heard_generation = max(row.heard_generation, generation)
    if row.generation == generation:
        row.is_active = False  # one that was used never works again
    row.refused = None
    db.flush()
    look_again(db, account_id=account_id, code_id=code_id, now=now)


def _wanted(
    db: Session,
    account: stripe_accounts.StripeAccount,
    code: code_store.DiscountCode,
    generation: int,
    now: datetime,
) -> gateway.Wanted | None:
    """Return the promotion code that should work, or None.

    A personal code works at tills alone, because Stripe does not know the shop's number for a
    buyer.  An amount is never cut, so that its order must be as large.
    """
    is_usable = code.state in code_store.OUT and code.expires_at > now and code.holder_hash is None
    if account.leaving_since is not None or not is_usable:
        return None
    offer = offers.find(db, code.offer_id)
    assert offer is not None
    is_share = code.rate_basis_points is not None
    least = code.min_order_minor if is_share else validations.least_order_minor(code)
    return gateway.Wanted(
        code=code.code,
        coupon=gateway.Coupon(Money(code.left_minor, code.currency), code.rate_basis_points),
        generation=generation,
        offer_id=offer.public_id,
        least=Money(least, code.currency),
        expires_at=code.expires_at,
    )


def _stands(row: store.StripeCode, wanted: gateway.Wanted | None) -> bool:
    if wanted is None:
        return not row.is_active
    return row.is_active and wanted.coupon.is_called(row.coupon_ref)


def _working(
    client: stripe_means.Client,
    plan: Plan,
    wanted: gateway.Wanted,
    before: gateway.Promotion | None,
) -> gateway.Promotion:
    """Return a promotion code that works: the one before if it can work again, or the next."""
    if before is not None and wanted.coupon.is_called(before.coupon_ref) and not before.times_used:
        if before.is_active:
            return before
        try:
            return gateway.set_active(client, before.ref, is_active=True)
        except Refused:
            pass  # its coupon is gone, say: the next one will do
    elif before is not None and before.is_active:
        gateway.set_active(client, before.ref, is_active=False)
    own = plan.account_public_id
    coupon_ref = plan.known_coupon_ref or gateway.make_coupon(client, wanted.coupon, key=own)
    key = f"{own}:{wanted.code}:{wanted.generation}"
    try:
        return gateway.make_promotion(client, wanted, coupon_ref=coupon_ref, key=key)
    except Refused as refusal:
        if not refusal.is_missing:
            raise
    coupon_ref = gateway.make_coupon(client, wanted.coupon, key=None)  # somebody deleted it
    return gateway.make_promotion(client, wanted, coupon_ref=coupon_ref, key=f"{key}:{coupon_ref}")


def _known_coupon(db: Session, account_id: int, wanted: gateway.Wanted) -> str | None:
    refs = store.coupon_refs(db, account_id=account_id, first=wanted.coupon.ref)
    return next((ref for ref in refs if wanted.coupon.is_called(ref)), None)


def _keep_coupon(
    db: Session, account_id: int, coupon: gateway.Coupon, ref: str, now: datetime
) -> None:
    is_share = coupon.rate_basis_points is not None
    values = {
        "account_id": account_id,
        "coupon_ref": ref,
        "value_minor": None if is_share else coupon.most.minor,
        "rate_basis_points": coupon.rate_basis_points,
        "currency": coupon.most.currency,
        "made_at": now,
    }
    writing.put_first(db, store.StripeCoupon, values)
