"""Disputes: a cardholder's bank takes the money; the merchant wins it back or does not."""

from tests.stripe_server.account_shape import nothing
from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Call, Thing, World, new_id

ANSWER_SECONDS = 7 * 24 * 60 * 60

EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy", "customer_name", "receipt"),
    *("cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication"),
    *("customer_email_address", "customer_purchase_ip", "customer_signature", "service_date"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id"),
    *("product_description", "refund_policy", "refund_policy_disclosure", "shipping_address"),
    *("refund_refusal_explanation", "service_documentation", "shipping_carrier", "shipping_date"),
    *("shipping_documentation", "shipping_tracking_number", "uncategorized_file"),
    "uncategorized_text",
)


def open_dispute(
    world: World, account: Account, charge: Thing, *, amount: int | None, reason: str
) -> Thing:
    """Let the bank take the money."""
    if charge["disputed"]:
        raise Refused(f"Charge {charge['id']} is already disputed.", code="charge_disputed")
    charge["disputed"] = True
    dispute = account.add(
        {
            "id": new_id("du_1"),
            "object": "dispute",
            "amount": charge["amount"] if amount is None else amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "created": world.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**nothing(*EVIDENCE), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": world.now + ANSWER_SECONDS,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
                    "case_type": "chargeback",
                    "network": "visa",
                    "network_reason_code": "10.4",
                },
            },
            "reason": reason,
            "status": "needs_response",
        }
    )
    world.emit(account, "charge.dispute.created", dispute)
    world.emit(account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(world: World, account: Account, dispute: Thing, *, status: str) -> Thing:
    """Let the bank decide: ``won`` gives the merchant the money back, ``lost`` does not."""
    if dispute["status"] in {"won", "lost"}:
        raise Refused("This dispute is already closed.")
    before = {"status": dispute["status"]}
    dispute["status"] = status
    world.emit(account, "charge.dispute.closed", dispute, changed=before)
    if status == "won":
        world.emit(account, "charge.dispute.funds_reinstated", dispute)
    return dispute


def close(call: Call) -> Thing:
    """Give a dispute up: it is lost."""
    return close_dispute(call.world, call.account, call.find("dispute"), status="lost")
