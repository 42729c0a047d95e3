"""What terms mean in plain numbers, before anybody is bound by them."""

from dataclasses import dataclass

from rewards.money import WHOLE
from rewards.terms import Terms
from server.services import drafts
from server.services.drafts import Draft

EXAMPLE_ORDERS = (1, 5, 20, 100)


@dataclass(frozen=True, slots=True)
class Step:
    """One rate and the credit that earns it; the last step has no end."""

    from_minor: int
    to_minor: int | None
    rate_basis_points: int
    percent_of_ceiling: int


@dataclass(frozen=True, slots=True)
class Example:
    """What a link earns whose orders are all average ones by new customers."""

    orders: int
    net_minor: int
    reward_minor: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """A schedule step by step, by example, and how far its budget reaches at least."""

    terms: Terms
    steps: tuple[Step, ...]
    examples: tuple[Example, ...]
    budget_minor: int
    covers_minor: int


def of_draft(wanted: Draft, currency: str) -> Forecast:
    """Return what a draft would mean if it were published.

    Raises:
        FieldInvalid: no schedule can be made of these amounts.

    """
    return of_terms(drafts.terms(wanted, currency=currency), wanted.budget_minor)


def of_terms(terms: Terms, budget_minor: int) -> Forecast:
    """Return what terms mean; every amount is rounded down.

    No payout is a larger share of the credit than the ceiling (docs/ENGINE.md §3), so a budget
    covers at least budget / ceiling of credited orders.
    """
    schedule = terms.schedule
    ends = [*schedule.thresholds_minor[1:], None]
    return Forecast(
        terms=terms,
        steps=tuple(
            Step(start, end, rate, 100 * rate // schedule.ceiling_basis_points)
            for start, end, rate in zip(
                schedule.thresholds_minor, ends, schedule.rates_basis_points, strict=True
            )
        ),
        examples=tuple(_example(terms, orders) for orders in EXAMPLE_ORDERS),
        budget_minor=budget_minor,
        covers_minor=budget_minor * WHOLE // schedule.ceiling_basis_points,
    )


def _example(terms: Terms, orders: int) -> Example:
    net = orders * terms.average_order_minor
    return Example(orders, net, terms.schedule.reward(net) // WHOLE)
