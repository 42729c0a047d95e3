"""Refunds, whole and partial, made by the merchant through the API or by hand."""

from tests.stripe_server import currencies
from tests.stripe_server.account_shape import nothing
from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Call, Thing, World, change_metadata, new_id


def create(call: Call) -> Thing:
    """Give money back for a charge, by its id or its payment intent's."""
    given = call.params
    charge = _charge(call.account, given)
    return refund(
        call.world,
        call.account,
        charge,
        amount=given.get("amount"),
        reason=given.get("reason"),
        metadata=given.get("metadata") or {},
        request={"id": call.request_id, "idempotency_key": call.idempotency_key},
    )


def _charge(account: Account, given: Thing) -> Thing:
    if "charge" in given and "payment_intent" in given:
        raise Refused(
            "You may only specify one of these parameters: charge, payment_intent.",
            param="payment_intent",
        )
    if "charge" in given:
        return account.find("charge", given["charge"], param="charge")
    if "payment_intent" not in given:
        raise Refused(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    intent = account.find("payment_intent", given["payment_intent"], param="payment_intent")
    if intent["latest_charge"] is None:
        raise Refused(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return account.find("charge", intent["latest_charge"])


def refund(
    world: World,
    account: Account,
    charge: Thing,
    *,
    amount: int | None = None,
    reason: str | None = None,
    metadata: Thing | None = None,
    request: Thing | None = None,
) -> Thing:
    """Give money back and tell of it."""
    left = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise Refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise Refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if amount is None else amount
    currencies.amount(amount, charge["currency"], param="amount")
    if amount > left:
        raise Refused(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on "
            f"charge ({left} {charge['currency']})",
            param="amount",
        )
    made = account.add(_refund(world, charge, amount, reason, metadata or {}))
    before = {"amount_refunded": charge["amount_refunded"]}
    charge["amount_refunded"] += amount
    if charge["amount_refunded"] == charge["amount"]:
        before["refunded"] = charge["refunded"]
        charge["refunded"] = True
    world.emit(account, "refund.created", made, request=request)
    world.emit(account, "charge.refunded", charge, changed=before, request=request)
    return made


def _refund(world: World, charge: Thing, amount: int, reason: str | None, metadata: Thing) -> Thing:
    return {
        **nothing("customer", "customer_account", "receipt_number", "source_transfer_reversal"),
        **nothing("transfer_reversal"),
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn_3"),
        "charge": charge["id"],
        "created": world.now,
        "currency": charge["currency"],
        "destination_details": {"type": "card", "card": {"type": "refund"}},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "status": "succeeded",
    }


def update(call: Call) -> Thing:
    """Change a refund's metadata."""
    made = call.find("refund")
    if "metadata" in call.params:
        changed = {"metadata": change_metadata(made, call.params["metadata"])}
        call.emit("refund.updated", made, changed=changed)
    return made
