"""What Stripe tells: signed, and reduced at once to the references and amounts that we use.

Names, addresses, cards and e-mail are in Stripe's events too; they go no further than this file.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from stripe import SignatureVerificationError, StripeClient, WebhookSignature

from rewards.errors import MoneyInvalid
from server.gateways.stripe.amounts import AmountInvalid, from_stripe
from server.gateways.stripe.codes import PAGE, moment
from server.gateways.stripe.failures import told

Type = Literal[
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "account.application.deauthorized",
]
TYPES: tuple[Type, ...] = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "account.application.deauthorized",
)
"""What we act on; everything else is stored as ignored."""

TOLERANCE_SECONDS = 300
ORDER_KEY = "fanfare_order_ref"
NEW_KEY = "fanfare_new_customer"


class Forged(Exception):
    """Stripe did not sign this, not for us, or too long ago; or it is no event of an account."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, reduced.  ``customer_ref`` is never stored; ``facts`` can be, as JSON."""

    ref: str
    type: str
    account_ref: str | None
    is_live_mode: bool
    happened_at: datetime
    payment_ref: str | None
    facts: dict[str, Any]
    customer_ref: str | None = field(default=None, repr=False)


def read(raw: bytes, *, header: str, secret: str) -> Event:
    """Return a signed event.

    Raises:
        Forged: the signature is not good.

    """
    try:
        WebhookSignature.verify_header(raw, header, secret, TOLERANCE_SECONDS)
        return reduced(json.loads(raw))
    except (SignatureVerificationError, KeyError, TypeError, ValueError) as error:
        raise Forged from error


def since(client: StripeClient, moment_: datetime) -> Iterator[Event]:
    """Go through the events since a moment, as far back as Stripe keeps them (30 days).

    Raises:
        Failed: Stripe does not say.

    """
    with told():
        found = client.v1.events.list(
            {"created": {"gte": int(moment_.timestamp())}, "types": list(TYPES), "limit": PAGE}
        )
        for event in found.auto_paging_iter():
            yield reduced(event.to_dict())


def reduced(event: dict[str, Any]) -> Event:
    """Return what we use of an event."""
    about = event["data"]["object"]
    make = _FACTS.get(event["type"])
    try:
        facts = make(about) if make else {}
    except (AmountInvalid, MoneyInvalid) as error:
        facts = {"unreadable": str(error)}
    return Event(
        ref=event["id"],
        type=event["type"],
        account_ref=event.get("account"),
        is_live_mode=bool(event.get("livemode")),
        happened_at=moment(event["created"]),
        payment_ref=_id(about.get("payment_intent")) if make else None,
        facts=facts,
        customer_ref=_id(about.get("customer")) if make is _session else None,
    )


def _session(session: dict[str, Any]) -> dict[str, Any]:
    """Reduce a checkout; ``net`` is what was paid without tax, shipping and the discount."""
    metadata = session.get("metadata") or {}
    facts: dict[str, Any] = {
        "session": session["id"],
        "mode": session["mode"],
        "status": session["payment_status"],
        "promotions": [
            promotion
            for discount in session.get("discounts") or []
            if (promotion := _id(discount.get("promotion_code")))
        ],
        "reference": session.get("client_reference_id"),
        "order_ref": metadata.get(ORDER_KEY),
        "is_new": {"yes": True, "no": False}.get(str(metadata.get(NEW_KEY))),
    }
    if session.get("currency") and session.get("amount_total") is not None:
        facts |= _sums(session)
    return facts


def _sums(session: dict[str, Any]) -> dict[str, Any]:
    currency = session["currency"]
    details = session.get("total_details") or {}
    shipping = session.get("shipping_cost")
    sent = (
        shipping["amount_total"] - shipping["amount_tax"]
        if shipping
        else details.get("amount_shipping") or 0
    )
    net = session["amount_total"] - (details.get("amount_tax") or 0) - sent
    wanted = {
        "paid": session["amount_total"],
        "subtotal": session["amount_subtotal"] or 0,
        "discount": details.get("amount_discount") or 0,
        "net": net,
    }
    return {
        "currency": currency.upper(),
        **{name: from_stripe(amount, currency).minor for name, amount in wanted.items()},
    }


def _charge(charge: dict[str, Any]) -> dict[str, Any]:
    currency = charge["currency"]
    return {
        "charge": charge["id"],
        "currency": currency.upper(),
        "refunded": from_stripe(charge["amount_refunded"], currency).minor,
    }


def _dispute(dispute: dict[str, Any]) -> dict[str, Any]:
    currency = dispute["currency"]
    return {
        "dispute": dispute["id"],
        "charge": _id(dispute.get("charge")),
        "currency": currency.upper(),
        "amount": from_stripe(dispute["amount"], currency).minor,
        "reason": dispute["reason"],
        "status": dispute["status"],
        "began": dispute["created"],
    }


def _nothing(_application: dict[str, Any]) -> dict[str, Any]:
    return {}


def _id(value: object) -> str | None:
    """Return the id of something that is named or expanded."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


_FACTS = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "charge.refunded": _charge,
    "charge.dispute.created": _dispute,
    "charge.dispute.closed": _dispute,
    "account.application.deauthorized": _nothing,
}
