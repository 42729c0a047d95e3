"""Promises about using a code up."""

from server.conformance.answers import promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.operations import REDEEM, REDEMPTION, RESERVE, VALIDATE
from server.conformance.shop import Shop

REDEMPTIONS = Group("Redemptions")


@REDEMPTIONS.promises("A code gives the discount that was promised", VALIDATE, REDEEM, codes=1)
def gives(shop: Shop) -> None:
    """Ask about a code and use it."""
    code, order = shop.code(), name("order")
    promised = shop.validate(code).expect(200)["discount_minor"]
    used = shop.redeem(code, order).expect(201)
    promise(
        used["discount_minor"] == promised,
        f"{promised} was promised and {used['discount_minor']} given.",
    )
    promise(used["order_ref"] == order, f"The order became {used['order_ref']}.")


@REDEMPTIONS.promises("A repeated redemption gets the first answer", REDEEM, codes=1)
def repeated(shop: Shop) -> None:
    """Use a code twice for the same order."""
    code, order = shop.code(), name("order")
    first = shop.redeem(code, order).expect(201)
    shop.redeem(code, order).expect(200).expect_same(first)


@REDEMPTIONS.promises("The same order with another total is refused", REDEEM, codes=1)
def other_total(shop: Shop) -> None:
    """Use a code for an order that grew."""
    code, order = shop.code(), name("order")
    shop.redeem(code, order).expect(201)
    said = shop.redeem(code, order, order_total_minor=shop.total_minor + 1)
    said.expect_problem(409, "order-ref-taken")


@REDEMPTIONS.promises(
    "A used code is refused for every other order", REDEEM, RESERVE, VALIDATE, codes=1
)
def once(shop: Shop) -> None:
    """Use a code and want it again."""
    code = shop.code()
    shop.redeem(code).expect(201)
    for other in (shop.redeem(code), shop.reserve(code), shop.validate(code)):
        other.expect_refusal("already_redeemed")


@REDEMPTIONS.promises("A redemption can be looked up", REDEEM, REDEMPTION, codes=1)
def looked_up(shop: Shop) -> None:
    """Use a code and look at it."""
    used = shop.redeem(shop.code()).expect(201)
    shop.look_up(str(used["redemption_id"])).expect(200).expect_same(used)
