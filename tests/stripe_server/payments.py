"""Payment intents and charges: what a completed checkout leaves behind."""

import base64
import hashlib

from tests.stripe_server.account_shape import ADDRESS, nothing
from tests.stripe_server.world import Account, Thing, World, new_id


def intend(
    world: World, account: Account, *, amount: int, currency: str, metadata: Thing, status: str
) -> Thing:
    """Make the payment intent of a checkout."""
    id_ = new_id("pi_3")
    return account.add(
        {
            **nothing("application", "application_fee_amount", "canceled_at", "customer"),
            **nothing(
                "cancellation_reason", "customer_account", "description", "last_payment_error"
            ),
            **nothing("latest_charge", "next_action", "on_behalf_of", "payment_method"),
            **nothing("excluded_payment_method_types", "processing", "receipt_email", "review"),
            **nothing("setup_future_usage", "shipping", "source", "statement_descriptor"),
            **nothing("statement_descriptor_suffix", "transfer_data", "transfer_group"),
            **nothing("automatic_payment_methods", "payment_method_configuration_details"),
            "id": id_,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "capture_method": "automatic_async",
            "client_secret": f"{id_}_secret_{new_id('', 25)}",
            "confirmation_method": "automatic",
            "created": world.now,
            "currency": currency,
            "livemode": False,
            "managed_payments": {"enabled": False},
            "metadata": metadata,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "status": status,
        }
    )


def succeed(
    world: World, account: Account, intent: Thing, *, email: str, card: str | None
) -> Thing:
    """Let the money arrive: the intent has its charge, by a card or by one that nobody knows."""
    fingerprint = new_id("", 16) if card is None else _fingerprint(account, card)
    charge = account.add(_charge(world, intent, email, fingerprint))
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        processing=None,
    )
    world.emit(account, "charge.succeeded", charge)
    world.emit(account, "payment_intent.succeeded", intent)
    return charge


def fail(world: World, account: Account, intent: Thing) -> None:
    """Let the money not arrive."""
    intent.update(
        status="requires_payment_method",
        processing=None,
        last_payment_error={
            "type": "card_error",
            "code": "payment_intent_payment_attempt_failed",
            "message": "The payment failed.",
        },
    )
    world.emit(account, "payment_intent.payment_failed", intent)


def _fingerprint(account: Account, card: str) -> str:
    """Return the same for one card at every payment of an account, and another elsewhere."""
    digest = hashlib.sha256(f"{account.id} {card}".encode()).digest()
    return base64.b64encode(digest, altchars=b"Xx").decode()[:16]


def _charge(world: World, intent: Thing, email: str, fingerprint: str) -> Thing:
    return {
        **nothing("application", "application_fee", "application_fee_amount", "customer"),
        **nothing("description", "failure_balance_transaction", "failure_code", "on_behalf_of"),
        **nothing("failure_message", "receipt_email", "receipt_number", "review", "shipping"),
        **nothing("source", "source_transfer", "statement_descriptor", "transfer_data"),
        **nothing("statement_descriptor_suffix", "transfer_group"),
        "id": new_id("ch_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": new_id("txn_3"),
        "billing_details": {
            "address": nothing(*ADDRESS),
            "email": email,
            **nothing("name", "phone", "tax_id"),
        },
        "calculated_statement_descriptor": "STRIPE",
        "captured": True,
        "created": world.now,
        "currency": intent["currency"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_1"),
        "payment_method_details": {"type": "card", "card": _card(intent["amount"], fingerprint)},
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{new_id('', 40)}",
        "refunded": False,
        "status": "succeeded",
    }


def _outcome() -> Thing:
    return {
        **nothing("advice_code", "network_advice_code", "network_decline_code", "reason"),
        "network_status": "approved_by_network",
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _card(amount: int, fingerprint: str) -> Thing:
    secure = ("authentication_flow", "electronic_commerce_indicator", "exemption_indicator")
    return {
        **nothing("installments", "mandate", "three_d_secure", "wallet", "regulated_status"),
        **nothing("network_transaction_id", "transaction_link_id"),
        "amount_authorized": amount,
        "authorization_code": "123456",
        "brand": "visa",
        "checks": {
            **nothing("address_line1_check", "address_postal_code_check"),
            "cvc_check": "pass",
        },
        "country": "US",
        "exp_month": 8,
        "exp_year": 2030,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": fingerprint,
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "last4": "4242",
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "three_d_secure": nothing(*secure, "result", "result_reason", "transaction_id", "version"),
    }
