"""Promises about what happens when many ask at the same moment."""

from collections import Counter

from server.conformance.answers import Answer, promise
from server.conformance.api import name
from server.conformance.contract import Group
from server.conformance.once import REPLAYED
from server.conformance.operations import REDEEM, REPORT, RESERVE, REVERSE, ROLL_BACK
from server.conformance.shop import Shop

RACES = Group("Races")


@RACES.promises("Many orders want one code at once: one gets it", REDEEM, codes=1)
def redemptions(shop: Shop) -> None:
    """Redeem one code for many orders."""
    code = shop.code()
    _one_of(shop.race(lambda _: shop.redeem(code)), others={422})


@RACES.promises("One redemption is sent many times at once: it happens once", REDEEM, codes=1)
def same_redemption(shop: Shop) -> None:
    """Redeem one code for one order from many places."""
    code, order = shop.code(), name("order")
    answers = shop.race(lambda _: shop.redeem(code, order))
    _one_of(answers, others={200})
    _all_say_the_same(answers)


@RACES.promises("Many orders want to hold one code at once: one does", RESERVE, codes=1)
def reservations(shop: Shop) -> None:
    """Reserve one code for many orders."""
    code = shop.code()
    _one_of(shop.race(lambda _: shop.reserve(code)), others={422})


@RACES.promises("Many rollbacks of one use at once: one has an effect", REDEEM, ROLL_BACK, codes=1)
def rollbacks(shop: Shop) -> None:
    """Undo one use under many references."""
    used = str(shop.redeem(shop.code()).expect(201)["redemption_id"])
    _one_of(shop.race(lambda _: shop.roll_back(used)), others={409})


@RACES.promises(
    "One rollback is sent many times at once: it happens once", REDEEM, ROLL_BACK, codes=1
)
def same_rollback(shop: Shop) -> None:
    """Undo one use under one reference from many places."""
    used, ref = str(shop.redeem(shop.code()).expect(201)["redemption_id"]), name("rollback")
    answers = shop.race(lambda _: shop.roll_back(used, ref))
    _one_of(answers, others={200})
    _all_say_the_same(answers)


@RACES.promises(
    "One Idempotency-Key comes many times at once: one effect, one answer", REDEEM, codes=1
)
def same_key(shop: Shop) -> None:
    """Redeem one code under one key from many places."""
    code, order, key = shop.code(), name("order"), name("key")
    answers = shop.race(lambda _: shop.redeem(code, order, key=key).expect(201))
    _all_say_the_same(answers)
    firsts = sum(REPLAYED not in answer.response.headers for answer in answers)
    promise(firsts == 1, f"{firsts} answers are not marked as repeated.")


@RACES.promises("One order is reported many times at once: it counts once", REPORT)
def same_order(shop: Shop) -> None:
    """Report one order from many places."""
    order = name("order")
    answers = shop.race(lambda _: shop.report(order))
    _one_of(answers, others={200})
    _all_say_the_same(answers)


@RACES.promises("Many refunds of one order at once: never more than was paid", REPORT, REVERSE)
def refunds(shop: Shop) -> None:
    """Refund all of one order under many references."""
    order = str(shop.report().expect(201)["conversion_id"])
    _one_of(shop.race(lambda _: shop.refund(order)), others={409})


def _one_of(answers: list[Answer], *, others: set[int]) -> None:
    """Say what happened unless one was first and everybody else got one of these statuses."""
    counted = Counter(answer.status for answer in answers)
    is_right = counted[201] == 1 and set(counted) <= others | {201}
    told = ", ".join(f"{count} x {status}" for status, count in sorted(counted.items()))
    promise(is_right, f"Of {len(answers)} requests at once: {told}.")


def _all_say_the_same(answers: list[Answer]) -> None:
    said = {str(answer.content) for answer in answers}
    promise(len(said) == 1, f"{len(answers)} requests at once got {len(said)} different answers.")
