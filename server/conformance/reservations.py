"""Promises about holding a code for an order."""

from datetime import datetime

from server.conformance.answers import Broken, promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.operations import REDEEM, RELEASE, RESERVE, VALIDATE
from server.conformance.shop import Shop

RESERVATIONS = Group("Reservations")


@RESERVATIONS.promises(
    "A reservation holds a code for its order alone", RESERVE, VALIDATE, REDEEM, codes=1
)
def holds(shop: Shop) -> None:
    """Hold a code and want it for another order."""
    code = shop.code()
    shop.reserve(code).expect(201)
    for other in (shop.validate(code), shop.reserve(code), shop.redeem(code)):
        other.expect_refusal("reserved_elsewhere")


@RESERVATIONS.promises("A reservation says until when it holds", RESERVE, codes=1)
def ends(shop: Shop) -> None:
    """Read when it ends."""
    said = str(shop.reserve(shop.code()).expect(201)["expires_at"])
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise Broken(f"{said!r} is no moment.") from error
    promise(moment.tzinfo is not None, f"{said} has no time zone.")


@RESERVATIONS.promises("A repeated reservation keeps the first hold", RESERVE, codes=1)
def repeated(shop: Shop) -> None:
    """Hold a code twice for the same order."""
    code, order = shop.code(), name("order")
    first = shop.reserve(code, order).expect(201)
    shop.reserve(code, order).expect(200).expect_same(first)


@RESERVATIONS.promises(
    "A reservation for the same order with another total is refused", RESERVE, codes=1
)
def other_total(shop: Shop) -> None:
    """Hold a code for an order that grew."""
    code, order = shop.code(), name("order")
    shop.reserve(code, order).expect(201)
    said = shop.reserve(code, order, order_total_minor=shop.total_minor + 1)
    said.expect_problem(409, "order-ref-taken")


@RESERVATIONS.promises(
    "A released code is free at once, and releasing it again changes nothing",
    RESERVE,
    RELEASE,
    codes=1,
)
def released(shop: Shop) -> None:
    """Let a code go twice, and hold it for another order."""
    code = shop.code()
    held = str(shop.reserve(code).expect(201)["reservation_id"])
    shop.release(held).expect(204)
    shop.release(held).expect(204)
    shop.reserve(code).expect(201)


@RESERVATIONS.promises("A reserved code is redeemed for its order", RESERVE, REDEEM, codes=1)
def redeemed(shop: Shop) -> None:
    """Hold a code and use it."""
    code, order = shop.code(), name("order")
    held = shop.reserve(code, order).expect(201)
    used = shop.redeem(code, order, reservation_id=held["reservation_id"]).expect(201)
    promise(
        used["discount_minor"] == held["discount_minor"],
        f"{held['discount_minor']} was held and {used['discount_minor']} given.",
    )
