"""Every parameter is held to the stripe package's own parameter types.

The package publishes a ``TypedDict`` for each request.  What is not in it, is missing, or has
another type is refused as Stripe refuses it.  ``Literal[...] | str`` is read as the enumeration
that it is: the package only leaves it open for the future.
"""

import re
import types
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from stripe._request_options import RequestOptions
from typing_extensions import (
    get_type_hints,
    is_typeddict,
)

from tests.stripe_server.refusals import Refused, empty, missing, unknown

METADATA_KEYS_MAX = 50
METADATA_KEY_LENGTH_MAX = 40
METADATA_VALUE_LENGTH_MAX = 500


def check(given: dict[str, Any], shape: type) -> dict[str, Any]:
    """Return the parameters with their types, or refuse them."""
    return _members(given, shape, "")


@cache
def members_of(shape: type) -> dict[str, Any]:
    """Return name -> type of a request's parameters, without the package's own options."""
    own = {
        name: hint
        for name, hint in shape.__annotations__.items()
        if name not in RequestOptions.__annotations__
    }
    holder = type("Own", (), {"__annotations__": own, "__module__": shape.__module__})
    return get_type_hints(holder, include_extras=True)


def _members(given: dict[str, Any], shape: type, prefix: str) -> dict[str, Any]:
    known = members_of(shape)
    strange = [_inside(prefix, name) for name in given if name not in known]
    if strange:
        raise unknown(strange)
    for name, hint in known.items():
        if name not in given and get_origin(hint) is not NotRequired:
            raise missing(_inside(prefix, name))
    return {
        name: _value(value, known[name], _inside(prefix, name)) for name, value in given.items()
    }


def _inside(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _value(value: Any, hint: Any, name: str) -> Any:
    origin = get_origin(hint)
    if origin in {Required, NotRequired}:
        return _value(value, get_args(hint)[0], name)
    if origin in {Union, types.UnionType}:
        return _one_of(value, get_args(hint), name)
    if origin is list:
        return _list(value, get_args(hint)[0], name)
    if origin is dict or is_typeddict(hint):
        return _nested(_object(value, name), hint, name)
    word_or_number = _word if origin is Literal else _plain
    return word_or_number(_scalar(value, name), get_args(hint) or hint, name)


def _nested(value: dict[str, Any], hint: Any, name: str) -> dict[str, Any]:
    if is_typeddict(hint):
        return _members(value, hint, name)
    return _mapping(value, get_args(hint)[1], name)


def _one_of(value: Any, options: tuple[Any, ...], name: str) -> Any:
    """Choose the option that the value can be."""
    words = [word for o in options if get_origin(o) is Literal for word in get_args(o)]
    if value == "" and "" in words:
        return ""
    nested = [o for o in options if is_typeddict(o) or get_origin(o) in {dict, list}]
    if isinstance(value, dict) and nested:
        return _value(value, nested[0], name)
    wanted = [word for word in words if word]
    if wanted and isinstance(value, str):
        return _word(value, tuple(wanted), name)
    plain = [o for o in options if o in {int, float, bool, str, Decimal}]
    if plain:
        return _plain(_scalar(value, name), plain[0], name)
    return _value(value, nested[0], name)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise empty(name) if value == "" else Refused("Invalid object", param=name)
    return value


def _scalar(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"Invalid string: {value}", param=name)
    if value == "":
        raise empty(name)
    return value


def _list(value: Any, hint: Any, name: str) -> list[Any]:
    if not isinstance(value, dict) or set(value) != {str(n) for n in range(len(value))}:
        raise empty(name) if value == "" else Refused("Invalid array", param=name)
    return [_value(value[str(n)], hint, f"{name}[{n}]") for n in range(len(value))]


def _mapping(value: dict[str, Any], hint: Any, name: str) -> dict[str, Any]:
    if name.endswith(("metadata", "metadata]")):
        return _metadata(value, name)
    return {key: _value(item, hint, _inside(name, key)) for key, item in value.items()}


def _metadata(value: dict[str, Any], name: str) -> dict[str, Any]:
    if len(value) > METADATA_KEYS_MAX:
        raise Refused(f"Metadata can have up to {METADATA_KEYS_MAX} keys", param=name)
    for key, text in value.items():
        where = _inside(name, key)
        if not isinstance(text, str):
            raise Refused("Metadata values must be strings", param=where)
        if len(key) > METADATA_KEY_LENGTH_MAX:
            raise Refused(
                f"Metadata keys can be up to {METADATA_KEY_LENGTH_MAX} characters long",
                param=where,
            )
        if len(text) > METADATA_VALUE_LENGTH_MAX:
            raise Refused(
                f"Metadata values can have up to {METADATA_VALUE_LENGTH_MAX} characters, but you "
                f"passed in a value that is {len(text)} characters",
                param=where,
            )
    return dict(value)


def _word(value: str, words: tuple[str, ...], name: str) -> str:
    if value not in words:
        told = f"{', '.join(words[:-1])}, or {words[-1]}" if len(words) > 1 else words[0]
        raise Refused(f"Invalid {name}: must be one of {told}", param=name)
    return value


def _plain(value: str, hint: Any, name: str) -> Any:
    if hint is bool:
        if value not in {"true", "false"}:
            raise Refused(f"Invalid boolean: {value}", param=name)
        return value == "true"
    if hint is int:
        if not re.fullmatch(r"-?\d+", value):
            raise Refused(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
        return int(value)
    if hint in {float, Decimal}:
        return _decimal(value, name) if hint is Decimal else float(_decimal(value, name))
    return value


def _decimal(value: str, name: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Refused(f"Invalid decimal: {value}", param=name) from None
    if not number.is_finite():
        raise Refused(f"Invalid decimal: {value}", param=name)
    return number
