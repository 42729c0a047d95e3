"""Money: a whole number of minor units with a currency, and its text.

Amounts inside the engine are plain integers in the minor unit of the offer's one currency.  What
the reward schedule yields is finer: *parts*, of which 10 000 make one minor unit, so that a rate in
basis points times an amount in minor units is exact.
"""

import re
from dataclasses import dataclass
from typing import Self

from rewards.errors import MixedCurrencies, MoneyInvalid

WHOLE = 10_000
"""One whole in basis points, and the number of parts in one minor unit."""

LARGEST_MINOR = 10**13
"""The largest single amount; keeps every product of the engine within 64 bits in a database."""

_NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

_AMOUNT = re.compile(r"(-?)(\d{1,20})(?:\.(\d+))?", re.ASCII)


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has: EUR 2, JPY 0, KWD 3 (ISO 4217).

    Raises:
        MoneyInvalid: this is not a three-letter currency code.
    """
    if not re.fullmatch(r"[A-Z]{3}", currency):
        msg = f"{currency!r} is not a currency; write three capital letters like EUR."
        raise MoneyInvalid(msg)
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def text(minor: int, currency: str) -> str:
    """Write an amount without its currency: ``text(1200, "EUR")`` is ``12.00``.

    Raises:
        MoneyInvalid: this is not a three-letter currency code.
    """
    return _decimal(minor, minor_digits(currency))


def text_of_parts(parts: int, currency: str) -> str:
    """Write ten-thousandths of a minor unit exactly: 3.00, but also 3.0025.

    Raises:
        MoneyInvalid: this is not a three-letter currency code.
    """
    digits = minor_digits(currency)
    if parts % WHOLE == 0:
        return _decimal(parts // WHOLE, digits)
    return _decimal(parts, digits + 4).rstrip("0")


def _decimal(number: int, digits: int) -> str:
    """Write ``number`` / 10^``digits`` exactly."""
    sign = "-" if number < 0 else ""
    if digits == 0:
        return f"{sign}{abs(number)}"
    whole, rest = divmod(abs(number), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; may be negative.

    Raises:
        MoneyInvalid: the amount is not a whole number or the currency is none.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is not money."""
        if type(self.minor) is not int:
            msg = f"{self.minor!r} is not a whole number of minor units."
            raise MoneyInvalid(msg)
        minor_digits(self.currency)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Self:
        """Read a plain decimal with a point, like ``12.00`` or ``12``.

        Raises:
            MoneyInvalid: not a plain decimal, too many decimals, or too large.
        """
        digits = minor_digits(currency)
        match = _AMOUNT.fullmatch(amount.strip())
        if match is None:
            msg = f"{amount!r} is not an amount; write digits and a point, like 12.00."
            raise MoneyInvalid(msg)
        sign, whole, decimals = match[1], match[2], match[3] or ""
        if len(decimals) > digits:
            msg = f"{amount!r} has too many decimals; {currency} has {digits}."
            raise MoneyInvalid(msg)
        minor = int(whole + decimals.ljust(digits, "0"))
        if minor > LARGEST_MINOR:
            msg = f"{amount!r} is too large; at most {text(LARGEST_MINOR, currency)} {currency}."
            raise MoneyInvalid(msg)
        return cls(-minor if sign else minor, currency)

    def __str__(self) -> str:
        """Write the amount with its currency: ``12.00 EUR``."""
        return f"{text(self.minor, self.currency)} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency.

        Raises:
            MixedCurrencies: the other amount has another currency.
        """
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract an amount of the same currency.

        Raises:
            MixedCurrencies: the other amount has another currency.
        """
        return Money(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> "Money":
        """Turn the sign."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare; like the three that follow, MixedCurrencies if the currencies differ."""
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        """Compare within one currency."""
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        """Compare within one currency."""
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        """Compare within one currency."""
        return self.minor >= self._minor_of(other)

    def _minor_of(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(self.currency, other.currency)
        return other.minor
