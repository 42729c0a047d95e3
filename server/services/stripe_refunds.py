"""Refunds and disputes of payments: the order is taken back by as much as the payment was.

Of the order's net amount the same part is reversed as of the payment, rounded down, and all of it
when all was refunded.  Only the sums count, so that the order of events does not.  A whole refund
undoes the code's use too; a lost dispute does not.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.money import Money
from server.errors import Conflict
from server.gateways.stripe.codes import moment
from server.services import cases, reversals, rollbacks
from server.services.stripe_work import Happened, Later, Outcome
from server.store import conversions as conversion_store
from server.store import redemptions as redemption_store
from server.store import stripe_payments
from server.store.cases import CaseKind
from server.store.stripe_payments import StripePayment

LOST, WON = "lost", "won"
WHOLE_REFUND = "stripe:refund"

_REASONS = {
    "fraudulent": "the owner of the card did not buy it",
    "product_not_received": "it did not arrive",
    "product_unacceptable": "it was not as described",
    "duplicate": "it was charged twice",
    "subscription_canceled": "a subscription had been ended",
    "credit_not_processed": "a promised refund did not come",
    "unrecognized": "the owner of the card does not recognise it",
}


def refunded(db: Session, happened: Happened, now: datetime) -> Outcome:
    """Reverse an order by what was refunded in all.

    Raises:
        Later: the payment is not known yet.

    """
    payment = _payment(db, happened)
    if payment.conversion_id is None and payment.redemption_id is None:
        return Outcome("It is no order of ours.", is_done=False)
    if happened.facts["currency"] != payment.currency:
        return Outcome("It was refunded in another currency.", is_done=False)
    refund_to(
        db, payment, total_minor=happened.facts["refunded"], brand_id=happened.brand_id, now=now
    )
    return Outcome("The refund is taken into account.")


def disputed(db: Session, happened: Happened, now: datetime) -> Outcome:
    """Open a case about a disputed order, which does not vest meanwhile.

    Raises:
        Later: the payment is not known yet.

    """
    payment = _payment(db, happened)
    if payment.conversion_id is None:
        return Outcome("It is no order of ours.", is_done=False)
    _open(db, payment, happened, now)
    return Outcome("A case is open; the order does not vest meanwhile.")


def dispute_closed(db: Session, happened: Happened, now: datetime) -> Outcome:
    """Close the case of a dispute: lost, the order is reversed; otherwise it vests when due.

    Raises:
        Later: the payment is not known yet.

    """
    payment = _payment(db, happened)
    if payment.conversion_id is None:
        return Outcome("It is no order of ours.", is_done=False)
    _open(db, payment, happened, now)
    is_lost = happened.facts["status"] == LOST
    case = cases.close(
        db,
        brand_id=happened.brand_id,
        kind=CaseKind.DISPUTE,
        source_ref=happened.facts["dispute"],
        outcome=LOST if is_lost else WON,
        closed_at=happened.happened_at,
        now=now,
    )
    if is_lost and case.is_new:
        payment.lost_minor += happened.facts["amount"]
        _settle(db, payment, brand_id=happened.brand_id, now=now)
    return Outcome("The dispute was lost; the order is reversed." if is_lost else "It was won.")


def refund_to(
    db: Session, payment: StripePayment, *, total_minor: int, brand_id: int, now: datetime
) -> None:
    """Take into account that so much of a locked payment was refunded in all."""
    payment.refunded_minor = max(payment.refunded_minor, total_minor)
    _settle(db, payment, brand_id=brand_id, now=now)


def _payment(db: Session, happened: Happened) -> StripePayment:
    found = None
    if happened.payment_ref is not None:
        found = stripe_payments.lock(
            db, account_id=happened.account_id, payment_ref=happened.payment_ref
        )
    if found is None:
        raise Later("We know no checkout with this payment.")
    return found


def _open(db: Session, payment: StripePayment, happened: Happened, now: datetime) -> None:
    assert payment.conversion_id is not None
    facts = happened.facts
    why = _REASONS.get(facts["reason"], f"reason {facts['reason']}")
    amount = Money(facts["amount"], facts["currency"])
    cases.open_about(
        db,
        brand_id=happened.brand_id,
        kind=CaseKind.DISPUTE,
        source_ref=facts["dispute"],
        conversion_id=payment.conversion_id,
        amount_minor=facts["amount"],
        evidence=[
            f"The buyer's bank disputes {amount} at Stripe: {why}.",
            f"The payment was {Money(payment.paid_minor, payment.currency)}.",
        ],
        opened_at=moment(facts["began"]),
        now=now,
    )


def _settle(db: Session, payment: StripePayment, *, brand_id: int, now: datetime) -> None:
    """Reverse of the order what its payment lost more than was reversed before."""
    if payment.conversion_id is not None and payment.paid_minor:
        _reverse(db, payment, payment.conversion_id, brand_id, now)
    if payment.redemption_id is not None and 0 < payment.paid_minor <= payment.refunded_minor:
        _roll_back(db, payment.redemption_id, brand_id, now)
    db.flush()


def _reverse(
    db: Session, payment: StripePayment, conversion_id: int, brand_id: int, now: datetime
) -> None:
    order = conversion_store.find(db, conversion_id)
    assert order is not None
    gone = min(payment.paid_minor, payment.refunded_minor + payment.lost_minor)
    target = order.net_minor * gone // payment.paid_minor
    amount = min(target - payment.reversed_minor, order.net_minor - order.refunded_minor)
    payment.reversed_minor = max(payment.reversed_minor, target)
    if amount > 0:
        reversals.reverse(
            db,
            brand_id=brand_id,
            conversion_public_id=order.public_id,
            reversal_ref=f"stripe:{target}",
            amount_minor=amount,
            now=now,
        )


def _roll_back(db: Session, redemption_id: int, brand_id: int, now: datetime) -> None:
    use = redemption_store.get(db, redemption_id)
    assert use is not None
    if use.ended_at is not None:
        return
    try:
        rollbacks.roll_back(
            db,
            brand_id=brand_id,
            redemption_public_id=use.public_id,
            rollback_ref=WHOLE_REFUND,
            amount_minor=None,
            now=now,
        )
    except Conflict:
        return  # somebody rolled it back at this moment
