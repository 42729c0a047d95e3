"""What people type into forms, read without guessing.

Money and rates never pass through a float; what could mean two things is refused with a sentence.
"""

import re
import uuid

from flask import request

from rewards.errors import MoneyInvalid
from rewards.explain import Language
from rewards.money import LARGEST_MINOR, Money, minor_digits
from server.errors import EventTaken, Invalid
from server.web import languages

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_NUMBER = re.compile(r"-?\d+(?:\.(\d+))?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,4}", re.ASCII)


def amount(typed: str, currency: str, *, least_minor: int = 1) -> int:
    """Return typed text as minor units: ``12``, ``12.50``, ``12,50`` and ``12 000`` are read.

    A comma is a decimal mark before one or two last digits only, because ``1,500`` means two
    things; on a page that writes ``1,500`` itself, for a currency with three decimals, it is one.

    Raises:
        Invalid: this is no such amount; the sentence says what to type.

    """
    plain = _plain(typed, _decimals_after_comma(currency))
    if not plain:
        raise Invalid("Type an amount, like {example}.", example=Money(1200, currency))
    try:
        minor = Money.parse(plain, currency).minor
    except MoneyInvalid as error:
        raise _unread(typed.strip(), plain, currency) from error
    if minor < least_minor:
        raise Invalid("Type at least {least}.", least=Money(least_minor, currency))
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


def seen() -> int:
    """Return the number of the last message that the sent form had before it; 0 if it says none."""
    typed = request.form.get("seen", "")
    return int(typed) if _WHOLE.fullmatch(typed) else 0


def _unread(typed: str, plain: str, currency: str) -> Invalid:
    """Return what is wrong with an amount."""
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return Invalid(
            "'{typed}' is not an amount; write digits and a point, like 12.00.", typed=typed
        )
    digits = minor_digits(currency)
    if len(match[1] or "") > digits:
        return Invalid(
            "'{typed}' has too many decimals; {currency} has {digits}.",
            typed=typed,
            currency=currency,
            digits=digits,
        )
    largest = Money(LARGEST_MINOR, currency)
    return Invalid("'{typed}' is too large; at most {largest}.", typed=typed, largest=largest)


def _decimals_after_comma(currency: str) -> int:
    """Return how many digits behind a comma are decimals for sure.

    Three may be thousands, except where the page itself writes them so.
    """
    is_comma_at_home = languages.current() is not Language.ENGLISH
    return max(2, minor_digits(currency)) if is_comma_at_home else 2


def _plain(typed: str, decimals: int = 2) -> str:
    joined = _SPACES.sub("", typed)
    return joined if "." in joined else re.sub(rf",(?=\d{{1,{decimals}}}$)", ".", joined)
