"""What an offer cannot exclude, in money: stated before it is published, beside its budget."""

from collections.abc import Iterator
from dataclasses import dataclass

from rewards.money import LARGEST_MINOR, WHOLE
from rewards.terms import Terms

_VISITS = LARGEST_MINOR
"""More visits than can count."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something that cannot be excluded, and how much it can come to at most."""

    name: str
    at_most_minor: int


def exposures(terms: Terms, budget_minor: int) -> Iterator[Exposure]:
    """Say what cannot be excluded, for the offer whose budget is spent to the end."""
    yield Exposure("everything the offer can pay, in any order of events", budget_minor)
    yield Exposure(
        "of that for fake visits, if every sharer ran a farm and none was held",
        to_fake_visits_rounded_up(terms, budget_minor),
    )
    yield Exposure("of that for own purchases, if all buyers were second accounts", budget_minor)
    yield Exposure(
        "of the price of an average order, back to a second account",
        terms.schedule.ceiling_basis_points * terms.average_order_minor // WHOLE,
    )
    yield Exposure("codes taken for orders that come back after the return window", budget_minor)
    yield Exposure(
        "net sales at least, before all of the budget is promised",
        terms.value_within(terms.schedule.credit_within(budget_minor * WHOLE), _VISITS),
    )


def to_fake_visits_rounded_up(terms: Terms, budget_minor: int) -> int:
    """Return the largest part of a payout that visits can be behind, at any size of branch.

    1 - W(S / (1 + gamma)) / W(S) is a ratio of linear functions between the points where one of the
    two changes its band, so its maximum is at such a point, or where the branch grows without end.
    """
    gamma, rule = terms.visit_share_basis_points, terms.schedule.reward
    worst = -(-budget_minor * gamma // (WHOLE + gamma))
    for threshold in terms.thresholds_minor[1:]:
        for branch in (threshold, -(-threshold * (WHOLE + gamma) // WHOLE)):
            real = branch * WHOLE // (WHOLE + gamma)
            if earned := rule(branch):
                worst = max(worst, -(-budget_minor * (earned - rule(real)) // earned))
    return worst
