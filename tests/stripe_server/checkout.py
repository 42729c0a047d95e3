"""Checkout sessions: made by the shop, completed by a buyer, expired by time."""

from tests.stripe_server import coupons, currencies
from tests.stripe_server.account_shape import nothing
from tests.stripe_server.refusals import Refused, missing, not_found
from tests.stripe_server.world import Account, Call, Thing, World, change_metadata, new_id

DAY_SECONDS = 24 * 60 * 60
HALF_HOUR_SECONDS = 30 * 60
REFERENCE_LENGTH_MAX = 200


def create(call: Call) -> Thing:
    """Make a session for a payment; subscriptions and set-ups are not ours."""
    given = call.params
    if given.get("mode") != "payment":
        raise (
            missing("mode")
            if "mode" not in given
            else Refused("This server only knows sessions with mode=payment.", param="mode")
        )
    if given.get("ui_mode", "hosted_page") == "hosted_page" and "success_url" not in given:
        raise missing("success_url")
    if len(given.get("client_reference_id", "")) > REFERENCE_LENGTH_MAX:
        raise Refused(
            "Invalid string: client_reference_id; must be at most 200 characters",
            param="client_reference_id",
        )
    if given.get("allow_promotion_codes") and given.get("discounts"):
        raise Refused(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
            param="allow_promotion_codes",
        )
    items, currency = _items(given)
    session = _session(call, items, currency)
    session["discounts"] = None
    for discount in _discounts(given):
        _apply_given(call.account, session, discount, call.world.now)
    currencies.chargeable(session["amount_total"], currency, param="line_items")
    return call.account.add(session)


def _items(given: Thing) -> tuple[list[Thing], str]:
    """Return the line items and their one currency."""
    if not given.get("line_items"):
        raise missing("line_items")
    items = []
    for number, item in enumerate(given["line_items"]):
        where = f"line_items[{number}]"
        if "price_data" not in item:
            raise (
                missing(f"{where}[price_data]")
                if "price" not in item
                else not_found("price", item["price"], f"{where}[price]", status=400)
            )
        items.append(_item(item, where))
    used = {item["currency"] for item in items}
    if len(used) > 1:
        raise Refused("All line items must have the same currency.", param="line_items")
    return items, used.pop()


def _item(item: Thing, where: str) -> Thing:
    data = item["price_data"]
    currency = currencies.currency(data["currency"], param=f"{where}[price_data][currency]")
    if "unit_amount" not in data:
        raise missing(f"{where}[price_data][unit_amount]")
    if "product_data" not in data:
        raise missing(f"{where}[price_data][product_data]")
    quantity = item.get("quantity", 1)
    if quantity < 1:
        raise Refused(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=f"{where}[quantity]",
        )
    unit = currencies.amount(
        data["unit_amount"], currency, param=f"{where}[price_data][unit_amount]", least=0
    )
    return {
        "id": new_id("li_1"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": data["product_data"]["name"],
        "price": None,
        "quantity": quantity,
    }


def _discounts(given: Thing) -> list[Thing]:
    discounts: list[Thing] = given.get("discounts", [])
    if len(discounts) > 1:
        raise Refused("You may only specify one discount.", param="discounts")
    return discounts


def _apply_given(account: Account, session: Thing, discount: Thing, now: int) -> None:
    """Apply the discount with which the shop made the session."""
    if "promotion_code" in discount:
        where = "discounts[0][promotion_code]"
        code = account.find("promotion_code", discount["promotion_code"], param=where)
        if not code["active"]:
            raise Refused("This promotion code is not active.", param=where)
        apply_code(account, session, code, param=where)
        return
    if "coupon" not in discount:
        raise missing("discounts[0][coupon]")
    coupon = account.find("coupon", discount["coupon"], param="discounts[0][coupon]")
    if not coupons.is_valid(coupon, now):
        raise Refused("This coupon is not valid any more.", param="discounts[0][coupon]")
    _take_off(session, coupon, None, param="discounts[0][coupon]")


def apply_code(account: Account, session: Thing, code: Thing, *, param: str | None = None) -> None:
    """Apply a promotion code, or refuse because the order does not meet its conditions."""
    least = code["restrictions"]["minimum_amount"]
    if least is not None:
        in_currency = code["restrictions"]["minimum_amount_currency"] == session["currency"]
        if not in_currency or session["amount_subtotal"] < least:
            raise Refused("The order does not reach this code's minimum amount.", param=param)
    if code["restrictions"]["first_time_transaction"]:
        raise Refused("This code is only for customers who buy for the first time.", param=param)
    coupon = account.coupon(code["promotion"]["coupon"])
    _take_off(session, coupon, code, param=param)


def _take_off(session: Thing, coupon: Thing, code: Thing | None, *, param: str | None) -> None:
    currency = session["currency"]
    if coupon["currency"] not in {None, currency}:
        raise Refused(
            f"The coupon's currency {coupon['currency']} is not the order's, {currency}.",
            param=param,
        )
    off = coupons.off(coupon, session["amount_subtotal"], currency)
    currencies.chargeable(session["amount_subtotal"] - off, currency, param=param)
    session["amount_total"] = session["amount_subtotal"] - off
    session["total_details"]["amount_discount"] = off
    session["discounts"] = [
        {
            "coupon": None if code else coupon["id"],
            "promotion_code": code["id"] if code else None,
        }
    ]
    session["_coupon"] = coupon["id"]
    left = off
    for item in session["_items"]:
        item["amount_discount"] = min(left, item["amount_subtotal"])
        item["amount_total"] = item["amount_subtotal"] - item["amount_discount"]
        left -= item["amount_discount"]


def _session(call: Call, items: list[Thing], currency: str) -> Thing:
    given, id_ = call.params, new_id("cs_test_a1", 56)
    subtotal = sum(item["amount_subtotal"] for item in items)
    return {
        **nothing("after_expiration", "billing_address_collection", "client_secret", "consent"),
        **nothing("consent_collection", "currency_conversion", "customer", "customer_account"),
        **nothing("integration_identifier", "invoice", "locale", "origin_context"),
        **nothing("payment_intent", "payment_link", "payment_method_configuration_details"),
        **nothing("permissions", "recovered_from", "saved_payment_method_options"),
        **nothing("setup_intent", "shipping_address_collection", "shipping_cost"),
        **nothing("submit_type", "subscription", "wallet_options", "collected_information"),
        "id": id_,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": given.get("allow_promotion_codes"),
        "amount_subtotal": subtotal,
        "amount_total": subtotal,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": call.world.now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": nothing(
            "after_submit", "shipping_address", "submit", "terms_of_service_acceptance"
        ),
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "expires_at": _expiry(call.world.now, given.get("expires_at")),
        "invoice_creation": {"enabled": False, "invoice_data": _invoice_data()},
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": given.get("metadata") or {},
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "success_url": given.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": given.get("ui_mode", "hosted_page"),
        "url": f"https://checkout.stripe.com/c/pay/{id_}",
        "_items": items,
        "_intent_metadata": given.get("payment_intent_data", {}).get("metadata", {}),
    }


def _invoice_data() -> Thing:
    names = ("account_tax_ids", "custom_fields", "description", "footer", "issuer")
    return {**nothing(*names, "rendering_options"), "metadata": {}}


def _expiry(now: int, given: int | None) -> int:
    if given is None:
        return now + DAY_SECONDS
    if not now + HALF_HOUR_SECONDS <= given <= now + DAY_SECONDS:
        raise Refused(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours after Checkout "
            "Session creation.",
            param="expires_at",
        )
    return given


def update(call: Call) -> Thing:
    """Change a session's metadata."""
    session = call.find("checkout.session")
    if "metadata" in call.params:
        change_metadata(session, call.params["metadata"])
    return session


def expire(call: Call) -> Thing:
    """End a session before its time."""
    session = call.find("checkout.session")
    if session["status"] != "open":
        raise Refused(
            f"This Session is in status {session['status']}; only Sessions with status open can "
            "be expired."
        )
    end(call.world, call.account, session)
    return session


def end(world: World, account: Account, session: Thing) -> None:
    """Let nobody complete a session any more."""
    session["status"] = "expired"
    session["url"] = None
    world.emit(account, "checkout.session.expired", session)


def grow_old(world: World, account: Account) -> None:
    """End the sessions whose time is over."""
    for session in account.all("checkout.session").values():
        if session["status"] == "open" and session["expires_at"] <= world.now:
            end(world, account, session)
