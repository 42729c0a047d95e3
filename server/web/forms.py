"""What people type into forms, read without guessing.

Money and rates never pass through a float; what could mean two things is refused with a sentence.
"""

import re
import uuid

from flask import request

from rewards.errors import MoneyInvalid
from rewards.money import Money, text
from server.errors import EventTaken, Invalid

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_DECIMAL_COMMA = re.compile(r",(?=\d{1,2}$)")
_PERCENT = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,4}", re.ASCII)


def amount(typed: str, currency: str, *, least_minor: int = 1) -> int:
    """Return typed text as minor units: ``12``, ``12.50``, ``12,50`` and ``12 000`` are read.

    A comma is a decimal mark before one or two last digits only, because ``1,500`` means two
    things.

    Raises:
        Invalid: this is no such amount; the sentence says what to type.

    """
    plain = _plain(typed)
    if not plain:
        raise Invalid("Type an amount, like 12.00.")
    try:
        minor = Money.parse(plain, currency).minor
    except MoneyInvalid as error:
        raise Invalid(str(error).replace(repr(plain), repr(typed.strip()))) from error
    if minor < least_minor:
        raise Invalid(f"Type at least {text(least_minor, currency)} {currency}.")
    return minor


def basis_points(typed: str) -> int:
    """Return a typed percentage in basis points: ``10``, ``7.5``, ``7,5`` and ``10 %`` are read.

    Raises:
        Invalid: this is no percentage below 100 with at most two decimals.

    """
    match = _PERCENT.fullmatch(_plain(typed.replace("%", "")))
    if match is None:
        raise Invalid("Type a percentage like 10 or 7.5, with at most two decimals.")
    return int(match[1] + (match[2] or "").ljust(2, "0"))


def days(typed: str) -> int:
    """Return a typed number of days.

    Raises:
        Invalid: this is no whole number of days.

    """
    plain = _plain(typed)
    if not _WHOLE.fullmatch(plain):
        raise Invalid("Type a whole number of days, like 14.")
    return int(plain)


def event_id() -> str:
    """Return the id that the sent form carries, by which a repetition is recognised.

    Raises:
        EventTaken: the form carries none.

    """
    try:
        return str(uuid.UUID(request.form.get("event_id", "")))
    except ValueError:
        raise EventTaken("This form is incomplete; please send the one on this page.") from None


def new_event_id() -> str:
    """Return an id for a form to carry."""
    return str(uuid.uuid4())


def _plain(typed: str) -> str:
    joined = _SPACES.sub("", typed)
    return joined if "." in joined else _DECIMAL_COMMA.sub(".", joined)
