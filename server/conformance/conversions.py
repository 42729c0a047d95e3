"""Promises about orders and refunds."""

from server.conformance.answers import promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.errors import UNKNOWN_CODE
from server.conformance.operations import REDEEM, REPORT, REVERSE
from server.conformance.shop import Shop

CONVERSIONS = Group("Orders and refunds")


@CONVERSIONS.promises("A repeated order gets the first answer", REPORT)
def repeated(shop: Shop) -> None:
    """Report an order twice."""
    order = name("order")
    first = shop.report(order).expect(201)
    shop.report(order).expect(200).expect_same(first)


@CONVERSIONS.promises("The same order with another amount is refused", REPORT)
def other_amount(shop: Shop) -> None:
    """Report an order that grew."""
    order = name("order")
    shop.report(order).expect(201)
    other = shop.report(order, net_minor=shop.total_minor + 1)
    other.expect_problem(409, "order-ref-taken")


@CONVERSIONS.promises("An order from the future is refused", REPORT)
def future(shop: Shop) -> None:
    """Report an order of another century."""
    said = shop.report(ordered_at="2999-01-01T00:00:00Z")
    said.expect_problem(422, "times-invalid")


@CONVERSIONS.promises(
    "A code that was used is evidence, an unknown one is none", REDEEM, REPORT, codes=1
)
def evidence(shop: Shop) -> None:
    """Report an order with a code, and one with a code that nobody has."""
    code, order = shop.code(), name("order")
    shop.redeem(code, order).expect(201)
    known = shop.report(order, code=code).expect(201)
    promise(known["reason"] != "unknown_code", "The code of the order is unknown.")
    unknown = shop.report(code=UNKNOWN_CODE).expect(201)
    promise(unknown["reason"] == "unknown_code", f"The reason is {unknown['reason']}.")
    promise(unknown["credited_minor"] == 0, "Somebody earns for it.")


@CONVERSIONS.promises("A refund of a part leaves the rest", REPORT, REVERSE)
def part(shop: Shop) -> None:
    """Refund the smallest part."""
    order = str(shop.report().expect(201)["conversion_id"])
    said = shop.refund(order, amount_minor=1).expect(201)
    promise(said["amount_minor"] == 1, f"{said['amount_minor']} was refunded instead of 1.")
    after = said["conversion"]
    promise(after.get("refunded_minor") == 1, f"The order says {after}.")


@CONVERSIONS.promises("A repeated refund gets the first answer", REPORT, REVERSE)
def repeated_refund(shop: Shop) -> None:
    """Refund the same part twice under the same reference."""
    order, ref = str(shop.report().expect(201)["conversion_id"]), name("refund")
    first = shop.refund(order, ref, 1).expect(201)
    shop.refund(order, ref, 1).expect(200).expect_same(first)


@CONVERSIONS.promises("The same refund with another amount is refused", REPORT, REVERSE)
def other_refund(shop: Shop) -> None:
    """Refund another part under the same reference."""
    order, ref = str(shop.report().expect(201)["conversion_id"]), name("refund")
    shop.refund(order, ref, 1).expect(201)
    shop.refund(order, ref, 2).expect_problem(409, "reversal-ref-taken")


@CONVERSIONS.promises("More than is left of an order cannot be refunded", REPORT, REVERSE)
def too_much(shop: Shop) -> None:
    """Refund more than was paid, and everything twice."""
    order = str(shop.report().expect(201)["conversion_id"])
    shop.refund(order, amount_minor=shop.total_minor + 1).expect_problem(422, "invalid")
    whole = shop.refund(order).expect(201)
    promise(
        whole["amount_minor"] == shop.total_minor,
        f"{whole['amount_minor']} of {shop.total_minor} was left.",
    )
    shop.refund(order).expect_problem(409, "conflict")
