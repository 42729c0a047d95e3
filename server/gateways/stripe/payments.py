"""Payments: by what Stripe tells one card or bank account from another."""

from stripe import StripeClient

from server.gateways.stripe.codes import PAGE
from server.gateways.stripe.failures import AccessEnded, told


def fingerprint(client: StripeClient, payment_ref: str) -> str | None:
    """Return the fingerprint of what paid, the same for one card at every payment of an account.

    None where there is none, as for a payment that is still on its way, and where the brand's key
    does not let us see it: an order must not wait for that.

    Raises:
        Failed: Stripe does not say.

    """
    try:
        with told():
            found = client.v1.charges.list({"payment_intent": payment_ref, "limit": PAGE})
            charges = [charge.to_dict() for charge in found.auto_paging_iter()]
    except AccessEnded:
        return None
    for charge in charges:
        details = charge.get("payment_method_details") or {}
        means = details.get(details.get("type")) or {}
        if charge["status"] == "succeeded" and means.get("fingerprint"):
            return str(means["fingerprint"])
    return None
