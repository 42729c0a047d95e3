"""The terms of an offer, frozen when it is published, and the credit that they give.

Everything that decides about money is in here; changing any of it means publishing a successor
offer.  Amounts are in minor units of ``currency``, rates, shares and weights in basis points.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

from rewards.errors import MoneyInvalid, TermsInvalid
from rewards.money import LARGEST_MINOR, WHOLE, minor_digits
from rewards.schedule import Schedule

RULE_VERSION = "branch-difference-1"
"""The rule that this code computes; written into every ledger transfer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one offer pays for.

    Raises:
        TermsInvalid: the terms cannot work; the text says what to do.
    """

    currency: str
    average_order_minor: int
    thresholds_minor: tuple[int, ...]
    rates_basis_points: tuple[int, ...]
    visit_credit_minor: int
    visit_share_basis_points: int = 1_000
    returning_weight_basis_points: int = 5_000
    new_weight_basis_points: int = WHOLE
    return_days: int = 14
    attribution_days: int = 30
    min_grant_minor: int = 500
    code_days: int = 90

    def __post_init__(self) -> None:
        """Check every member; the schedule checks the thresholds and rates."""
        self._check_types()
        _schedule(self.thresholds_minor, self.rates_basis_points)
        for name, low, high in (
            ("average_order_minor", 1, LARGEST_MINOR),
            ("visit_credit_minor", 0, LARGEST_MINOR),
            ("visit_share_basis_points", 0, WHOLE),
            ("returning_weight_basis_points", 0, WHOLE),
            ("new_weight_basis_points", 0, WHOLE),
            ("return_days", 0, 3_650),
            ("attribution_days", 1, 3_650),
            ("min_grant_minor", 1, LARGEST_MINOR),
            ("code_days", 1, 3_650),
        ):
            if not low <= getattr(self, name) <= high:
                msg = f"Let {name} lie between {low} and {high}."
                raise TermsInvalid(msg)

    def _check_types(self) -> None:
        """Refuse anything but whole numbers, tuples of them, and a currency."""
        try:
            minor_digits(self.currency)
        except (MoneyInvalid, TypeError) as error:
            msg = "Let currency be three capital letters like EUR."
            raise TermsInvalid(msg) from error
        for field in fields(self):
            if field.name == "currency":
                continue
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if (field.type is not int) != isinstance(value, tuple) or any(
                type(number) is not int for number in numbers
            ):
                msg = f"Let {field.name} consist of whole numbers."
                raise TermsInvalid(msg)

    @property
    def schedule(self) -> Schedule:
        """The reward schedule W of these terms."""
        return _schedule(self.thresholds_minor, self.rates_basis_points)

    def visit_bonus(self, value_minor: int, visits: int) -> int:
        """Return min(w * v, floor(gamma * V / 10 000)): what visits add to the credit of orders.

        Without any order, visits are worth nothing in money.  Source: docs/ENGINE.md §2.
        """
        return min(
            self.visit_credit_minor * visits,
            self.visit_share_basis_points * value_minor // WHOLE,
        )

    def credit(self, value_minor: int, visits: int) -> int:
        """Return a participant's own credit c = V + bonus, in minor units (docs/ENGINE.md §2)."""
        return value_minor + self.visit_bonus(value_minor, visits)

    def value_within(self, credit_minor: int, visits: int) -> int:
        """Return the largest V whose credit c(V, v) is at most ``credit_minor``.

        c is the smaller of two increasing functions of V, so its inverse is the larger of theirs:
        V + w*v <= C, and floor(V * (10 000 + gamma) / 10 000) <= C.  Source: docs/ENGINE.md §4.
        """
        by_count = credit_minor - self.visit_credit_minor * visits
        by_share = ((credit_minor + 1) * WHOLE - 1) // (WHOLE + self.visit_share_basis_points)
        return max(by_count, by_share)


@lru_cache(maxsize=1024)
def _schedule(thresholds_minor: tuple[int, ...], rates_basis_points: tuple[int, ...]) -> Schedule:
    """Build a schedule once, however many participants it is asked for."""
    return Schedule(thresholds_minor, rates_basis_points)


def default_terms(
    *, currency: str, average_order_minor: int, ceiling_basis_points: int = 1_000
) -> Terms:
    """Return the terms that suit most brands, scaled to their average order (docs/ENGINE.md §3).

    Thresholds are 0, 1, 4 and 16 average orders, rates 40, 60, 80 and 100 % of the ceiling, and a
    verified visit counts 0.5 % of an average order, all rounded down.

    Raises:
        TermsInvalid: the average order or the ceiling cannot work.
    """
    return Terms(
        currency=currency,
        average_order_minor=average_order_minor,
        thresholds_minor=tuple(average_order_minor * times for times in (0, 1, 4, 16)),
        rates_basis_points=tuple(ceiling_basis_points * tenths // 10 for tenths in (4, 6, 8, 10)),
        visit_credit_minor=average_order_minor * 50 // WHOLE,
    )
