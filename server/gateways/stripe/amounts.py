"""Amounts between us and Stripe: exact, or refused.

We count in the minor units of ISO 4217.  Stripe does so too, but for these: ISK and UGX have two
decimals there although their last two digits must be 0; MGA has none; and amounts with three
decimals must end in 0 (docs.stripe.com/currencies).
"""

from rewards.money import Money, minor_digits

_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
_STEPS = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}


class AmountInvalid(Exception):
    """The amount does not exist on the other side; ``str(error)`` may be shown to the team."""


def to_stripe(money: Money) -> int:
    """Return an amount as Stripe counts it.

    Raises:
        AmountInvalid: Stripe has no such amount.

    """
    theirs, rest = _shifted(money.minor, _decimals_more(money.currency))
    if rest or theirs % _STEPS.get(money.currency, 1):
        raise AmountInvalid(f"Stripe has no amount of {money}.")
    return theirs


def from_stripe(theirs: int, currency: str) -> Money:
    """Return an amount as we count it; ``currency`` may be written small.

    Raises:
        AmountInvalid: we have no such amount.

    """
    currency = currency.upper()
    ours, rest = _shifted(theirs, -_decimals_more(currency))
    if rest:
        raise AmountInvalid(f"{theirs} of Stripe's units are no whole amount of {currency}.")
    return Money(ours, currency)


def _decimals_more(currency: str) -> int:
    """Return how many decimals Stripe has more than we."""
    ours = minor_digits(currency)
    return _DIGITS.get(currency, ours) - ours


def _shifted(amount: int, digits: int) -> tuple[int, int]:
    """Return an amount with digits more, or fewer and the rest that does not fit."""
    if digits >= 0:
        return amount * int(10**digits), 0
    return divmod(amount, int(10**-digits))
