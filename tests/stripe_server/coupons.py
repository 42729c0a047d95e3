"""Coupons: an amount or a percentage, how often and until when."""

from tests.stripe_server import currencies
from tests.stripe_server.refusals import Refused, in_the_past, too_far, too_small
from tests.stripe_server.world import Call, Thing, change_metadata, new_id

NAME_LENGTH_MAX = 40
ID_LETTERS = 8
FIVE_YEARS = 5 * 365 * 24 * 60 * 60
PERCENT_MIN, PERCENT_MAX = 0.01, 100.0


def create(call: Call) -> Thing:
    """Make a coupon."""
    given = call.params
    id_ = given.get("id") or new_id("", ID_LETTERS)
    if id_ in call.account.all("coupon"):
        raise Refused("Coupon already exists.", code="resource_already_exists")
    coupon = call.account.add(
        {
            "id": id_,
            "object": "coupon",
            "created": call.world.now,
            "livemode": False,
            "metadata": given.get("metadata") or {},
            "name": _name(given.get("name")),
            "times_redeemed": 0,
            **_discount(given),
            **_duration(given),
            **_limits(call, given),
        }
    )
    coupon["valid"] = is_valid(coupon, call.world.now)
    call.emit("coupon.created", coupon)
    return coupon


def _discount(given: Thing) -> Thing:
    if "amount_off" in given and "percent_off" in given:
        raise Refused(
            "Received both percent_off and amount_off parameters. Please pass in only one."
        )
    if "percent_off" in given:
        return {"amount_off": None, "currency": None, "percent_off": _percent(given)}
    if "amount_off" not in given:
        raise Refused("Must provide percent_off or amount_off.", code="parameter_missing")
    if "currency" not in given:
        raise Refused("You must pass currency when passing amount_off", param="currency")
    currency = currencies.currency(given["currency"], param="currency")
    off = currencies.amount(given["amount_off"], currency, param="amount_off")
    return {"amount_off": off, "currency": currency, "percent_off": None}


def _percent(given: Thing) -> float:
    percent: float = given["percent_off"]
    if not PERCENT_MIN <= percent <= PERCENT_MAX:
        bound = "greater" if percent < PERCENT_MIN else "less"
        limit = PERCENT_MIN if percent < PERCENT_MIN else PERCENT_MAX
        raise Refused(
            f"This value must be {bound} than or equal to {limit} (it currently is '{percent}').",
            param="percent_off",
        )
    return percent


def _duration(given: Thing) -> Thing:
    duration = given.get("duration", "once")
    months = given.get("duration_in_months")
    if duration == "repeating" and months is None:
        raise Refused(
            "The duration_in_months param must be set when creating a coupon with a repeating "
            "duration",
            param="duration",
        )
    if duration != "repeating" and months is not None:
        raise Refused("duration_in_months is for a repeating duration", param="duration_in_months")
    return {"duration": duration, "duration_in_months": months}


def _limits(call: Call, given: Thing) -> Thing:
    times, until = given.get("max_redemptions"), given.get("redeem_by")
    if times is not None and times < 1:
        raise too_small("max_redemptions")
    if until is not None and until <= call.world.now:
        raise in_the_past("redeem_by", until)
    if until is not None and until > call.world.now + FIVE_YEARS:
        raise too_far("redeem_by")
    return {"max_redemptions": times, "redeem_by": until}


def _name(name: str | None) -> str | None:
    if name is not None and len(name) > NAME_LENGTH_MAX:
        raise Refused(
            f"Invalid string: {name}; must be at most {NAME_LENGTH_MAX} characters", param="name"
        )
    return name


def retrieve(call: Call) -> Thing:
    """Return a coupon that was not deleted."""
    return call.find("coupon")


def update(call: Call) -> Thing:
    """Change a coupon's name or metadata; nothing else of it can change."""
    coupon = call.find("coupon")
    changed: Thing = {}
    if "name" in call.params:
        changed["name"] = coupon["name"]
        coupon["name"] = _name(call.params["name"])
    if "metadata" in call.params:
        changed["metadata"] = change_metadata(coupon, call.params["metadata"])
    call.emit("coupon.updated", coupon, changed=changed)
    return coupon


def delete(call: Call) -> Thing:
    """Delete a coupon; its promotion codes stay and can never be used again.

    Its id is free: a new coupon of this id is another one.
    """
    coupon = call.find("coupon")
    del call.account.all("coupon")[coupon["id"]]
    call.account.deleted_coupons[coupon["id"]] = coupon
    coupon["valid"] = False
    for code in call.account.all("promotion_code").values():
        if code["promotion"]["coupon"] == coupon["id"]:
            code["_dead"] = True
            code["active"] = False
    call.emit("coupon.deleted", coupon)
    return {"id": coupon["id"], "object": "coupon", "deleted": True}


def is_valid(coupon: Thing, now: int) -> bool:
    """Say whether a coupon can be redeemed at all."""
    used_up = (
        coupon["max_redemptions"] is not None
        and coupon["times_redeemed"] >= coupon["max_redemptions"]
    )
    too_late = coupon["redeem_by"] is not None and coupon["redeem_by"] < now
    return not (used_up or too_late)


def off(coupon: Thing, subtotal: int, currency: str) -> int:
    """Return what a coupon takes off a subtotal."""
    if coupon["percent_off"] is not None:
        hundredths = round(coupon["percent_off"] * 100)
        step = 10 if currency in currencies.THREE_DECIMALS else 1
        step = 100 if currency in currencies.DECIMALS_ALWAYS_00 else step
        return (subtotal * hundredths + 5000 * step) // (10_000 * step) * step
    return min(coupon["amount_off"], subtotal)
