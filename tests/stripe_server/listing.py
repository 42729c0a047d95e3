"""Lists: newest first, filtered, a page at a time."""

import operator
from collections.abc import Callable
from typing import Any

from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Call, Thing

PAGE = 10
PAGE_MAX = 100

Filter = Callable[[Account, Thing, Any], bool]


def filter_by(*path: str) -> Filter:
    """Return a filter that compares one member."""

    def matches(account: Account, thing: Thing, wanted: Any) -> bool:
        for name in path:
            thing = thing[name]
        return thing == wanted

    return matches


def by_code(account: Account, thing: Thing, wanted: Any) -> bool:
    """Compare a promotion code, whatever its case."""
    return thing["code"].casefold() == wanted.casefold()


def by_coupon(account: Account, thing: Thing, wanted: Any) -> bool:
    """Compare a promotion code's coupon, which must exist."""
    account.find("coupon", wanted, param="coupon")
    return thing["promotion"]["coupon"] == wanted


def by_payment_intent(account: Account, thing: Thing, wanted: Any) -> bool:
    """Compare a payment intent that must exist."""
    account.find("payment_intent", wanted, param="payment_intent")
    return thing["payment_intent"] == wanted


def by_charge(account: Account, thing: Thing, wanted: Any) -> bool:
    """Compare a charge that must exist."""
    account.find("charge", wanted, param="charge")
    return thing["charge"] == wanted


def by_type(account: Account, thing: Thing, wanted: Any) -> bool:
    """Compare an event's type; ``charge.*`` is every event of charges."""
    if wanted.endswith(".*"):
        return thing["type"].startswith(wanted[:-1])
    return thing["type"] == wanted or wanted == "*"


def by_types(account: Account, thing: Thing, wanted: Any) -> bool:
    """Find an event's type among several."""
    return thing["type"] in wanted


def lister(kind: str, filters: dict[str, Filter] | None = None) -> Callable[[Call], Thing]:
    """Return the handler that lists objects of a kind by these filters."""

    def handler(call: Call) -> Thing:
        found = list(call.account.all(kind).values())
        for name, is_wanted in (filters or {}).items():
            if name in call.params:
                wanted = call.params[name]
                found = [thing for thing in found if is_wanted(call.account, thing, wanted)]
        if "created" in call.params:
            is_in_time = _in_time(call.params["created"])
            found = [thing for thing in found if is_in_time(thing["created"])]
        return page(call.path, found[::-1], call.params, kind)

    return handler


def _in_time(wanted: Any) -> Callable[[int], bool]:
    """Return the test of a filter, which is read at once: also where there is nothing to test."""
    if isinstance(wanted, int):
        return lambda created: created == wanted
    tests = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
    limits = [(tests[name], limit) for name, limit in wanted.items()]
    return lambda created: all(test(created, limit) for test, limit in limits)


def page(url: str, things: list[Thing], params: Thing, kind: str) -> Thing:
    """Return one page of a list that is already in its order."""
    size = params.get("limit", PAGE)
    if not 1 <= size <= PAGE_MAX:
        raise Refused(
            f"This value must be between 1 and {PAGE_MAX}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    if "starting_after" in params and "ending_before" in params:
        raise Refused(
            "You may only specify one of these parameters: starting_after, ending_before.",
            param="ending_before",
        )
    if "ending_before" in params:
        earlier = things[: _place(things, params, "ending_before", kind)]
        return _list(url, earlier[-size:], has_more=len(earlier) > size)
    start = 0
    if "starting_after" in params:
        start = _place(things, params, "starting_after", kind) + 1
    return _list(url, things[start : start + size], has_more=len(things) > start + size)


def _place(things: list[Thing], params: Thing, name: str, kind: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == params[name]:
            return place
    raise Refused(f"No such {kind}: '{params[name]}'", code="resource_missing", param=name)


def _list(url: str, things: list[Thing], *, has_more: bool) -> Thing:
    return {"object": "list", "url": url, "has_more": has_more, "data": things}
