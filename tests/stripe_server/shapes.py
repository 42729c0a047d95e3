"""Does an object have the shape that Stripe's own package says it has?"""

import inspect
import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject, checkout
from typing_extensions import get_type_hints

CLASSES = {
    "account": stripe.Account,
    "charge": stripe.Charge,
    "checkout.session": checkout.Session,
    "coupon": stripe.Coupon,
    "discount": stripe.Discount,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "promotion_code": stripe.PromotionCode,
    "refund": stripe.Refund,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
NAMES_MAX = 200


@cache
def members_of(kind: type) -> dict[str, Any]:
    """Return name -> type of what an object of the package has."""
    own: dict[str, Any] = {}
    for base in kind.__mro__:
        if issubclass(base, StripeObject) and base is not StripeObject:
            own = _hints(base) | own
    return {name: hint for name, hint in own.items() if not name.startswith(("_", "OBJECT_"))}


def _hints(base: type) -> dict[str, Any]:
    """Return annotations; names that the package only imports for type checkers mean anything."""
    holder = type(
        "Own",
        (),
        {
            "__annotations__": inspect.get_annotations(base),
            "__module__": base.__module__,
        },
    )
    known: dict[str, Any] = {}
    for _ in range(NAMES_MAX):
        try:
            return get_type_hints(holder, localns=known)
        except NameError as unknown:
            known[unknown.name] = Any
    raise AssertionError(f"{base} has more than {NAMES_MAX} unknown names")


def wrong(thing: Any, hint: Any, where: str) -> list[str]:
    """Return what is wrong with a value of this type, sentence by sentence."""
    origin = get_origin(hint)
    if hint is Any:
        return _whatever(thing, where)
    if origin in {Union, types.UnionType}:
        return _any_of(thing, get_args(hint), where)
    if origin is Literal:
        return [] if thing in get_args(hint) else [f"{where}: {thing!r} is not a known word"]
    if origin is list:
        return _list(thing, get_args(hint)[0], where)
    return _one(thing, origin or hint, get_args(hint), where)


def _one(thing: Any, kind: Any, args: tuple[Any, ...], where: str) -> list[str]:
    if kind is ListObject:
        return _page(thing, where)
    if issubclass(kind, StripeObject):
        return _mapping(thing, args[0], where) if args else _object(thing, kind, where)
    is_number = kind is float and isinstance(thing, int)
    right = isinstance(thing, kind) and (kind is bool or not isinstance(thing, bool))
    return [] if right or is_number else [f"{where}: {thing!r} is not {kind}"]


def _whatever(thing: Any, where: str) -> list[str]:
    if isinstance(thing, dict) and thing.get("object") in CLASSES:
        return _object(thing, CLASSES[thing["object"]], where)
    return []


def _any_of(thing: Any, options: tuple[Any, ...], where: str) -> list[str]:
    if thing is None:
        return [] if type(None) in options else [f"{where}: cannot be null"]
    words = [option for option in options if get_origin(option) is Literal]
    tried = words or [option for option in options if option is not type(None)]
    complaints = [wrong(thing, option, where) for option in tried]
    return [] if [] in complaints else complaints[-1]


def _list(thing: Any, hint: Any, where: str) -> list[str]:
    if not isinstance(thing, list):
        return [f"{where}: not a list"]
    return [told for n, item in enumerate(thing) for told in wrong(item, hint, f"{where}[{n}]")]


def _page(thing: Any, where: str) -> list[str]:
    if not isinstance(thing, dict) or set(thing) != {"object", "data", "has_more", "url"}:
        return [f"{where}: not a list object"]
    return _list(thing["data"], Any, f"{where}.data")


def _mapping(thing: Any, hint: Any, where: str) -> list[str]:
    if not isinstance(thing, dict):
        return [f"{where}: not an object"]
    return [told for name, item in thing.items() for told in wrong(item, hint, f"{where}.{name}")]


def _object(thing: Any, kind: type, where: str) -> list[str]:
    if not isinstance(thing, dict):
        return [f"{where}: {thing!r} is not an object"]
    members = members_of(kind)
    needed = {n for n, hint in members.items() if type(None) not in get_args(hint)}
    return [
        *(f"{where}: has no {name}" for name in sorted(needed - set(thing) - {"deleted"})),
        *(f"{where}: the package knows no {name}" for name in sorted(set(thing) - set(members))),
        *(
            told
            for name, value in thing.items()
            if name in members
            for told in wrong(value, members[name], f"{where}.{name}")
        ),
    ]


def lacking(thing: Any, example: Any, where: str) -> list[str]:
    """Return what an example has and an object has not, or in another type; null is any type."""
    if isinstance(example, str) and isinstance(thing, dict):
        thing = thing.get("id")  # It was expanded.
    if thing is None or example is None:
        return []
    if isinstance(example, dict) and isinstance(thing, dict):
        return [
            told
            for name, wanted in example.items()
            for told in (
                lacking(thing[name], wanted, f"{where}.{name}")
                if name in thing
                else [f"{where}: has no {name}"]
            )
        ]
    if isinstance(example, list) and isinstance(thing, list):
        return lacking(thing[0], example[0], f"{where}[0]") if thing and example else []
    if isinstance(example, bool) or isinstance(thing, bool) or not isinstance(example, int | float):
        alike = type(example) is type(thing)
    else:
        alike = isinstance(thing, int | float)
    return [] if alike else [f"{where}: {thing!r} where the example has {example!r}"]
