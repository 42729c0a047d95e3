"""What terms mean in plain numbers, before anybody is bound by them."""

from dataclasses import dataclass

from rewards.money import WHOLE
from rewards.terms import Terms
from server.services import drafts
from server.services.drafts import Draft
from server.services.offers import OfferView

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
    """A schedule step by step, by example, how far its budget reaches, and what codes give."""

    terms: Terms
    steps: tuple[Step, ...]
    examples: tuple[Example, ...]
    budget_minor: int
    covers_minor: int
    code_rate_basis_points: int | None
    code_min_order_minor: int


def of_draft(wanted: Draft, currency: str) -> Forecast:
    """Return what a draft would mean if it were published.

    Raises:
        FieldInvalid: no schedule can be made of these amounts.

    """
    return _forecast(drafts.terms(wanted, currency=currency), wanted)


def of_offer(offer: OfferView) -> Forecast:
    """Return what an offer means."""
    return _forecast(offer.terms, offer)


def _forecast(terms: Terms, decided: Draft | OfferView) -> Forecast:
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
        budget_minor=decided.budget_minor,
        covers_minor=decided.budget_minor * WHOLE // schedule.ceiling_basis_points,
        code_rate_basis_points=decided.code_rate_basis_points,
        code_min_order_minor=decided.code_min_order_minor,
    )


def _example(terms: Terms, orders: int) -> Example:
    net = orders * terms.average_order_minor
    return Example(orders, net, terms.schedule.reward(net) // WHOLE)
