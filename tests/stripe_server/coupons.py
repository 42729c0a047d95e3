"""Coupons: an amount or a percentage, how often and until when."""

from tests.stripe_server import currencies
from tests.stripe_server.refusals import Refused, missing, not_found
from tests.stripe_server.world import Account, Call, Thing, change_metadata, new_id

NAME_LENGTH_MAX = 40
ID_LETTERS = 8
FIVE_YEARS = 5 * 366 * 24 * 60 * 60


def create(call: Call) -> Thing:
    """Make a coupon."""
    given = call.params
    id_ = given.get("id") or new_id("", ID_LETTERS)
    if id_ in call.account.all("coupon"):
        raise Refused(f"Coupon already exists: '{id_}'", code="resource_already_exists", param="id")
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
            "You may only specify one of these parameters: amount_off, percent_off.",
            param="amount_off",
        )
    if "percent_off" in given:
        if not 0 < given["percent_off"] <= 100:
            raise Refused(
                "Invalid percent_off: must be greater than 0 and at most 100", param="percent_off"
            )
        return {"amount_off": None, "currency": None, "percent_off": given["percent_off"]}
    if "amount_off" not in given:
        raise Refused(
            "You must pass either `percent_off` or `amount_off`.",
            code="parameter_missing",
            param="percent_off",
        )
    if "currency" not in given:
        raise missing("currency")
    currency = currencies.currency(given["currency"], param="currency")
    off = currencies.amount(given["amount_off"], currency, param="amount_off")
    return {"amount_off": off, "currency": currency, "percent_off": None}


def _duration(given: Thing) -> Thing:
    duration = given.get("duration", "once")
    months = given.get("duration_in_months")
    if (duration == "repeating") != (months is not None):
        raise Refused(
            "duration_in_months is needed if and only if duration is repeating",
            param="duration_in_months",
        )
    return {"duration": duration, "duration_in_months": months}


def _limits(call: Call, given: Thing) -> Thing:
    times, until = given.get("max_redemptions"), given.get("redeem_by")
    if times is not None and times < 1:
        raise Refused(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="max_redemptions",
        )
    if until is not None and not call.world.now < until <= call.world.now + FIVE_YEARS:
        raise Refused("redeem_by must be in the next five years", param="redeem_by")
    return {"max_redemptions": times, "redeem_by": until}


def _name(name: str | None) -> str | None:
    if name is not None and len(name) > NAME_LENGTH_MAX:
        raise Refused(
            f"Invalid string: {name}; must be at most {NAME_LENGTH_MAX} characters", param="name"
        )
    return name


def retrieve(call: Call) -> Thing:
    """Return a coupon that was not deleted."""
    return alive(call.account, call.parts["id"])


def update(call: Call) -> Thing:
    """Change a coupon's name or metadata; nothing else of it can change."""
    coupon = alive(call.account, call.parts["id"])
    changed: Thing = {}
    if "name" in call.params:
        changed["name"] = coupon["name"]
        coupon["name"] = _name(call.params["name"])
    if "metadata" in call.params:
        changed["metadata"] = change_metadata(coupon, call.params["metadata"])
    call.emit("coupon.updated", coupon, changed=changed)
    return coupon


def delete(call: Call) -> Thing:
    """Delete a coupon; its promotion codes stay and cannot be used any more."""
    coupon = alive(call.account, call.parts["id"])
    coupon["_deleted"] = True
    coupon["valid"] = False
    call.emit("coupon.deleted", coupon)
    return {"id": coupon["id"], "object": "coupon", "deleted": True}


def alive(account: Account, id_: str, *, param: str = "coupon") -> Thing:
    """Return a coupon, or refuse one that never was or was deleted."""
    coupon = account.find("coupon", id_, param=param)
    if coupon.get("_deleted"):
        raise not_found("coupon", id_, param)
    return coupon


def is_valid(coupon: Thing, now: int) -> bool:
    """Say whether a coupon can be redeemed at all."""
    used_up = (
        coupon["max_redemptions"] is not None
        and coupon["times_redeemed"] >= coupon["max_redemptions"]
    )
    too_late = coupon["redeem_by"] is not None and coupon["redeem_by"] < now
    return not (coupon.get("_deleted") or used_up or too_late)


def off(coupon: Thing, subtotal: int, currency: str) -> int:
    """Return what a coupon takes off a subtotal."""
    if coupon["percent_off"] is not None:
        hundredths = round(coupon["percent_off"] * 100)
        step = 10 if currency in currencies.THREE_DECIMALS else 1
        step = 100 if currency in currencies.DECIMALS_ALWAYS_00 else step
        return (subtotal * hundredths + 5000 * step) // (10_000 * step) * step
    return min(coupon["amount_off"], subtotal)
