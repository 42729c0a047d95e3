"""Promotion codes: what a customer types to use a coupon."""

import re
import secrets

from tests.stripe_server import coupons, currencies
from tests.stripe_server.refusals import Refused, in_the_past, missing, too_far, too_small
from tests.stripe_server.world import Account, Call, Thing, change_metadata, new_id

SHAPE = re.compile(r"[A-Za-z0-9_-]{1,500}")
PATTERN = r"/\A[a-zA-Z0-9\-_]+\z/"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def create(call: Call) -> Thing:
    """Make a code for a coupon; among active ones a code is unique, whatever its case."""
    given = call.params
    if "coupon" not in given["promotion"]:
        raise Refused(
            "You must pass promotion.coupon when passing promotion", param="promotion.coupon"
        )
    coupon = call.account.find("coupon", given["promotion"]["coupon"], param="promotion[coupon]")
    if not coupons.is_valid(coupon, call.world.now):
        raise Refused("This coupon cannot be redeemed any more.", param="promotion[coupon]")
    _refuse_what_we_lack(given)
    code = given.get("code") or "".join(secrets.choice(LETTERS) for _ in range(8))
    if not SHAPE.fullmatch(code):
        raise Refused(
            f"This value must match the regex pattern. ({PATTERN} does not match for the value "
            f"{code}).",
            param="code",
        )
    promotion_code: Thing = {
        "id": new_id("promo_1"),
        "object": "promotion_code",
        "active": given.get("active", True),
        "code": code,
        "created": call.world.now,
        "customer": None,
        "customer_account": None,
        "expires_at": _expiry(call, coupon, given.get("expires_at")),
        "livemode": False,
        "max_redemptions": _times(coupon, given.get("max_redemptions")),
        "metadata": given.get("metadata") or {},
        "promotion": {"type": given["promotion"]["type"], "coupon": coupon["id"]},
        "restrictions": _restrictions(given.get("restrictions", {})),
        "times_redeemed": 0,
        "_wanted": given.get("active", True),
    }
    if promotion_code["active"]:
        _refuse_twins(call.account, promotion_code)
    call.account.add(promotion_code)
    call.emit("promotion_code.created", promotion_code)
    return promotion_code


def _refuse_what_we_lack(given: Thing) -> None:
    for name in ("customer", "customer_account"):
        if name in given:
            raise Refused(f"No such customer: '{given[name]}'", code="resource_missing", param=name)


def _refuse_twins(account: Account, promotion_code: Thing) -> None:
    for other in account.all("promotion_code").values():
        is_same = other["code"].casefold() == promotion_code["code"].casefold()
        if is_same and other["active"] and other is not promotion_code:
            # Stripe sends neither a code nor a parameter with this one.
            raise Refused(
                f"An active promotion code with `code: {promotion_code['code']}` already exists."
            )


def _expiry(call: Call, coupon: Thing, expires_at: int | None) -> int | None:
    if expires_at is None:
        return coupon["redeem_by"]
    if expires_at <= call.world.now:
        raise in_the_past("expires_at", expires_at)
    if expires_at > call.world.now + coupons.FIVE_YEARS:
        raise too_far("expires_at")
    if coupon["redeem_by"] is not None and expires_at > coupon["redeem_by"]:
        raise Refused("`expires_at` cannot be after the coupon's `redeem_by`.", param="expires_at")
    return expires_at


def _times(coupon: Thing, times: int | None) -> int | None:
    if times is None:
        return None
    if times < 1:
        raise too_small("max_redemptions")
    if coupon["max_redemptions"] is not None and times > coupon["max_redemptions"]:
        raise Refused(
            "`max_redemptions` cannot be greater than the coupon's `max_redemptions`.",
            param="max_redemptions",
        )
    return times


def _restrictions(given: Thing) -> Thing:
    least, currency = given.get("minimum_amount"), given.get("minimum_amount_currency")
    if (least is None) != (currency is None):
        lacking = "minimum_amount" if least is None else "minimum_amount_currency"
        raise missing(f"restrictions[{lacking}]")
    if least is not None:
        currency = currencies.currency(currency, param="restrictions[minimum_amount_currency]")
        currencies.amount(least, currency, param="restrictions[minimum_amount]")
    return {
        "first_time_transaction": given.get("first_time_transaction", False),
        "minimum_amount": least,
        "minimum_amount_currency": currency,
    }


def retrieve(call: Call) -> Thing:
    """Return a promotion code by its id, never by what customers type."""
    return call.find("promotion_code")


def update(call: Call) -> Thing:
    """Switch a code on or off, or change its metadata."""
    promotion_code, given = call.find("promotion_code"), call.params
    changed: Thing = {}
    if "active" in given and given["active"] != promotion_code["active"]:
        changed["active"] = promotion_code["active"]
        if given["active"] and not _could_be_used(call.account, promotion_code, call.world.now):
            raise Refused(
                "This promotion code cannot be activated: it has expired, was used up, or its "
                "coupon is not valid.",
                param="active",
            )
        if given["active"]:
            _refuse_twins(call.account, promotion_code)
        promotion_code["active"] = promotion_code["_wanted"] = given["active"]
    if "metadata" in given:
        changed["metadata"] = change_metadata(promotion_code, given["metadata"])
    if changed:
        call.emit("promotion_code.updated", promotion_code, changed=changed)
    return promotion_code


def _could_be_used(account: Account, promotion_code: Thing, now: int) -> bool:
    times, until = promotion_code["max_redemptions"], promotion_code["expires_at"]
    used_up = times is not None and promotion_code["times_redeemed"] >= times
    if promotion_code.get("_dead") or used_up or (until is not None and until <= now):
        return False
    return coupons.is_valid(account.coupon(promotion_code["promotion"]["coupon"]), now)


def grow_old(account: Account, now: int) -> None:
    """Switch off what cannot be used any more."""
    for coupon in account.all("coupon").values():
        coupon["valid"] = coupons.is_valid(coupon, now)
    for promotion_code in account.all("promotion_code").values():
        promotion_code["active"] = promotion_code["_wanted"] and _could_be_used(
            account, promotion_code, now
        )


def redeemable(account: Account, code: str, *, now: int) -> Thing | None:
    """Return the code that a customer typed, if it can be used now."""
    grow_old(account, now)
    return next(
        (
            promotion_code
            for promotion_code in account.all("promotion_code").values()
            if promotion_code["code"].casefold() == code.casefold() and promotion_code["active"]
        ),
        None,
    )
