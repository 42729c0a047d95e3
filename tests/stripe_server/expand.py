"""``expand``: ids become objects, and members appear that are otherwise left out."""

from collections.abc import Callable
from typing import Any

from tests.stripe_server.refusals import Refused
from tests.stripe_server.world import Account, Thing, new_id, public

DEPTH_MAX = 4

REFERENCES = {
    "charge": {"payment_intent": "payment_intent"},
    "checkout.session": {
        "payment_intent": "payment_intent",
        "discounts.coupon": "coupon",
        "discounts.promotion_code": "promotion_code",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "promotion_code": {"promotion.coupon": "coupon"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "discount": {"promotion_code": "promotion_code", "source.coupon": "coupon"},
}
"""Object -> the members that hold ids, and of what."""


def expand(account: Account, thing: Thing, paths: list[str]) -> Thing:
    """Return a copy of an object, or of a list, with what was asked for."""
    answer: Thing = public(thing)
    for path in paths:
        names = path.split(".")
        if len(names) > DEPTH_MAX:
            raise Refused(f"You cannot expand more than {DEPTH_MAX} levels of a property.")
        _walk(account, answer, thing, names, path)
    return answer


def _walk(account: Account, answer: Thing, origin: Thing, names: list[str], path: str) -> None:
    """Expand what a path names within one object."""
    if answer.get("object") == "list":
        if names[0] != "data":
            raise _cannot(path)
        for copy, item in zip(answer["data"], origin["data"], strict=True):
            _walk(account, copy, item, names[1:], path)
        return
    if not names:
        return
    kind = answer["object"]
    for length in range(len(names), 0, -1):
        member, rest = ".".join(names[:length]), names[length:]
        if (kind, member) in HIDDEN:
            HIDDEN[kind, member](account, answer, origin)
            if rest:
                _into(account, answer, origin, names[:length], rest, path)
            return
        if member in REFERENCES.get(kind, {}):
            _replace(account, answer, names[:length], REFERENCES[kind][member], rest, path)
            return
    raise _cannot(path)


def _replace(
    account: Account, node: Any, names: list[str], kind: str, rest: list[str], path: str
) -> None:
    if isinstance(node, list):
        for item in node:
            _replace(account, item, names, kind, rest, path)
        return
    if node is None:
        return
    if len(names) > 1:
        _replace(account, node[names[0]], names[1:], kind, rest, path)
        return
    value = node[names[0]]
    if value is None:
        return
    id_ = value if isinstance(value, str) else value["id"]
    origin = account.coupon(id_) if kind == "coupon" else account.all(kind)[id_]
    if value == id_:
        node[names[0]] = public(origin)
    if rest:
        _walk(account, node[names[0]], origin, rest, path)


def _into(
    account: Account, answer: Thing, origin: Thing, names: list[str], rest: list[str], path: str
) -> None:
    node: Any = answer
    for name in names:
        node = node[name]
    if node.get("object") == "list":
        found = [account.all(item["object"])[item["id"]] for item in node["data"]]
        _walk(account, node, {"data": found}, rest, path)
        return
    if rest[:2] != ["discounts", "discount"] or len(rest) < 3:
        raise _cannot(path)
    for item in node["discounts"]:
        _walk(account, item["discount"], item["discount"], rest[2:], path)


def _cannot(path: str) -> Refused:
    return Refused(f"This property cannot be expanded ({path}).", param="expand")


def _refunds(account: Account, answer: Thing, origin: Thing) -> None:
    made = [r for r in account.all("refund").values() if r["charge"] == origin["id"]]
    url = f"/v1/charges/{origin['id']}/refunds"
    answer["refunds"] = {
        "object": "list",
        "data": public(made[::-1]),
        "has_more": False,
        "url": url,
    }


def _line_items(account: Account, answer: Thing, origin: Thing) -> None:
    url = f"/v1/checkout/sessions/{origin['id']}/line_items"
    answer["line_items"] = {
        "object": "list",
        "data": public(origin["_items"]),
        "has_more": False,
        "url": url,
    }


def _breakdown(account: Account, answer: Thing, origin: Thing) -> None:
    answer["total_details"]["breakdown"] = {
        "discounts": [
            {
                "amount": origin["total_details"]["amount_discount"],
                "discount": _discount(origin, discount),
            }
            for discount in origin["discounts"] or []
        ],
        "taxes": [],
    }


def _discount(session: Thing, discount: Thing) -> Thing:
    return {
        "id": new_id("di_1"),
        "object": "discount",
        "checkout_session": session["id"],
        "customer": None,
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": discount["promotion_code"],
        "source": {"type": "coupon", "coupon": session["_coupon"]},
        "start": session["created"],
        "subscription": None,
        "subscription_item": None,
    }


HIDDEN: dict[tuple[str, str], Callable[[Account, Thing, Thing], None]] = {
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): _line_items,
    ("checkout.session", "total_details.breakdown"): _breakdown,
}
"""Members that are only there when they are asked for."""
