"""Promises about ``Idempotency-Key``."""

from server.conformance.answers import Answer, promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.errors import UNKNOWN_CODE
from server.conformance.operations import REDEEM, REPORT, VALIDATE
from server.conformance.shop import Shop

ONCE = Group("Repeated requests")
REPLAYED = "Idempotent-Replayed"


@ONCE.promises("The same request under the same key gets the first answer, marked", REPORT)
def replayed(shop: Shop) -> None:
    """Send an order twice."""
    key, order = name("key"), name("order")
    first = shop.report(order, key=key).expect(201)
    promise(REPLAYED not in first.response.headers, "The first answer is marked already.")
    again = shop.report(order, key=key).expect(201).expect_same(first)
    _is_marked(again)


@ONCE.promises("A refusal is repeated like any answer", REDEEM)
def refusals(shop: Shop) -> None:
    """Send a mistake twice."""
    key, order = name("key"), name("order")
    first = shop.redeem(UNKNOWN_CODE, order, key=key).expect_refusal("unknown")
    again = shop.redeem(UNKNOWN_CODE, order, key=key).expect(422).expect_same(first)
    _is_marked(again)


@ONCE.promises("Another request under the same key is refused", REPORT, VALIDATE)
def mismatch(shop: Shop) -> None:
    """Send another body, and ask for something else."""
    key, order = name("key"), name("order")
    shop.report(order, key=key).expect(201)
    other = shop.report(order, key=key, net_minor=shop.total_minor + 1)
    other.expect_problem(409, "idempotency-key-reused")
    elsewhere = shop.ask(VALIDATE, UNKNOWN_CODE, body=shop.order(), key=key)
    elsewhere.expect_problem(409, "idempotency-key-reused")


@ONCE.promises("Without a key, or under another one, nothing is marked as repeated", REPORT)
def other_key(shop: Shop) -> None:
    """Send an order under two keys and without one."""
    order = name("order")
    for key in (name("key"), name("key"), None):
        said = shop.report(order, key=key).expect(200, 201)
        promise(REPLAYED not in said.response.headers, f"It is marked under the key {key}.")


@ONCE.promises("A key that is none is refused", REPORT)
def no_key(shop: Shop) -> None:
    """Send keys with a space and without an end."""
    for key in ("two words", "k" * 256):
        shop.report(key=key).expect_problem(422, "invalid-body")


def _is_marked(answer: Answer) -> None:
    said = answer.header(REPLAYED)
    promise(said == "true", f"{REPLAYED} is {said}.")
