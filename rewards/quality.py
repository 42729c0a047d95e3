"""Audience quality: what a sharer's audience probably does, and how sure that is (an estimate).

Estimates rank and label; they never multiply money.  Any payment scaled by a shrunken estimate
would pay more to who splits their account (docs/ENGINE.md §10).  The conversion rate of a sharer's
audience is Beta-distributed around the brand's own, and each sharer's visits and orders update it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rewards.beta import probability_below, quantile
from rewards.betabinomial import MEAN_MIN, moments

DEFAULT_RATE = 0.02
DEFAULT_VISITS = 100.0
"""Kappa: how many visits the brand's own rate weighs before any sharer is known."""
DEFAULT_SHARERS = 50
"""How many sharers that default weighs."""
SURE = 0.9
_TAIL = 0.05


class Label(StrEnum):
    """What is probably true of a sharer's audience."""

    PROSPECTS = "prospects"
    """They buy at more than half of the brand's usual rate."""
    DREAMERS = "dreamers"
    """They buy at less than half of it."""
    NOT_ENOUGH_VISITS = "not enough visits yet"


@dataclass(frozen=True, slots=True)
class Record:
    """What one sharer's link did; ``net_minor`` is the sum of its orders, ``brought`` who joined.

    Orders may outnumber visits, because not every buyer's visit can be verified.
    """

    visits: int
    orders: int
    net_minor: int = 0
    brought: int = 0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a sharer of whom nothing is known: Beta(rate * visits, the rest)."""

    rate: float = DEFAULT_RATE
    visits: float = DEFAULT_VISITS


@dataclass(frozen=True, slots=True)
class Quality:
    """A sharer's estimated conversion rate, with its 90 % credible interval."""

    label: Label
    rate: float
    low: float
    high: float


def prior_of(records: Iterable[Record], rate: float = DEFAULT_RATE) -> Prior:
    """Learn from all sharers how much audiences differ, by empirical Bayes; nightly.

    ``rate`` is the brand's own conversion rate.  Until many sharers are known, the default counts
    like 50 of them.  A brand that has sold nothing yet sells at 0.0001, not never.
    """
    rate = min(1 - MEAN_MIN, max(MEAN_MIN, rate))
    found = moments((_trials(record), record.orders) for record in records)
    if found is None:
        return Prior(rate)
    _, rho, sharers = found
    weight = DEFAULT_SHARERS + sharers
    return Prior(rate, (DEFAULT_SHARERS * DEFAULT_VISITS + sharers * (1 / rho - 1)) / weight)


def estimate(record: Record, prior: Prior) -> Quality:
    """Estimate the conversion rate of one sharer's audience."""
    a, b = _posterior(record, prior)
    below = probability_below(prior.rate / 2, a, b)
    label = Label.NOT_ENOUGH_VISITS
    if below <= 1 - SURE:
        label = Label.PROSPECTS
    elif below >= SURE:
        label = Label.DREAMERS
    return Quality(label, a / (a + b), quantile(_TAIL, a, b), quantile(1 - _TAIL, a, b))


def next_visit_minor(records: Sequence[Record], prior: Prior) -> list[float]:
    """Estimate the value of each sharer's next visit, in minor units; it ranks whom to invite.

    That is ``q * basket + lambda * mean``: the sharer's rate and mean basket, plus the chance that
    the visitor shares too, times the mean of the first part over all sharers.  Baskets and lambda
    lean on everybody's where little is known: by one order, and by the visits of the prior.
    """
    orders = sum(record.orders for record in records)
    visits = sum(_trials(record) for record in records)
    basket = sum(record.net_minor for record in records) / max(1, orders)
    joining = sum(record.brought for record in records) / max(1, visits)
    direct = []
    for record in records:
        a, b = _posterior(record, prior)
        direct.append(a / (a + b) * (record.net_minor + basket) / (record.orders + 1))
    mean = math.fsum(direct) / max(1, len(direct))
    return [
        value + (record.brought + joining * prior.visits) / (_trials(record) + prior.visits) * mean
        for value, record in zip(direct, records, strict=True)
    ]


def _trials(record: Record) -> int:
    return max(record.visits, record.orders)


def _posterior(record: Record, prior: Prior) -> tuple[float, float]:
    a = prior.rate * prior.visits + record.orders
    return a, (1 - prior.rate) * prior.visits + _trials(record) - record.orders
