"""Refunds: what went back of payments."""

from collections import defaultdict
from datetime import datetime

from stripe import StripeClient

from rewards.money import Money
from server.gateways.stripe.amounts import from_stripe
from server.gateways.stripe.codes import PAGE
from server.gateways.stripe.failures import told

FAILED = frozenset({"failed", "canceled"})


def payments_since(client: StripeClient, moment: datetime) -> set[str]:
    """Return the payments of which something was refunded since a moment.

    Raises:
        Failed: Stripe does not say.

    """
    with told():
        found = client.v1.refunds.list(
            {"created": {"gte": int(moment.timestamp())}, "limit": PAGE}
        ).auto_paging_iter()
        refs = {refund.payment_intent for refund in found}
        return {ref if isinstance(ref, str) else ref.id for ref in refs if ref is not None}


def total(client: StripeClient, payment_ref: str) -> Money | None:
    """Return how much of a payment was refunded in all; None when nothing was.

    Raises:
        AmountInvalid: we have no such amount.
        Failed: Stripe does not say.

    """
    sums: dict[str, int] = defaultdict(int)
    with told():
        found = client.v1.refunds.list({"payment_intent": payment_ref, "limit": PAGE})
        for refund in found.auto_paging_iter():
            if refund.status not in FAILED:
                sums[refund.currency] += refund.amount
    return next((from_stripe(sums[currency], currency) for currency in sums), None)
