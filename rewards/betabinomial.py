"""The Beta-binomial distribution: how much counts differ between honest people; estimates.

A plain binomial null treats every audience alike and so holds honest people whose audience is only
a little unusual.  Here each audience has its own rate, around a common mean; ``rho`` says how
differently: the correlation between two visits of one audience, 1 / (a + b + 1) for Beta(a, b).
"""

import math
from collections.abc import Iterable

from rewards.beta import log_beta

RHO_MIN, RHO_MAX = 1e-4, 0.5
MEAN_MIN = 1e-4
"""Nothing is impossible only because it was never seen."""
VISITS_MIN = 5
"""Sharers with fewer visits say nothing about how much sharers differ."""


def moments(counts: Iterable[tuple[int, int]]) -> tuple[float, float, int] | None:
    """Return mean, rho and the number of sharers behind them, or None if they say nothing.

    ``counts`` has (visits, how many of them).  The method of moments of docs/ENGINE.md §10.
    """
    used = [(n, k) for n, k in counts if n >= VISITS_MIN]
    total = sum(n for n, _ in used)
    hits = sum(k for _, k in used)
    if len(used) < VISITS_MIN or not 0 < hits < total:
        return None
    mean, free = hits / total, len(used) - 1
    spread = math.fsum(n * (k / n - mean) ** 2 for n, k in used) / (mean * (1 - mean))
    excess = (spread - free) / (total - math.fsum(n * n for n, _ in used) / total - free)
    return mean, min(RHO_MAX, max(RHO_MIN, excess)), len(used)


def at_most(count: int, visits: int, mean: float, rho: float) -> float:
    """Return P(X <= count) for X ~ BetaBinomial(visits; mean, rho)."""
    mean = min(1 - MEAN_MIN, max(MEAN_MIN, mean))
    rho = min(RHO_MAX, max(RHO_MIN, rho))
    a, b = mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)
    if count < 0 or count >= visits:
        return float(count >= visits)
    if count > visits * mean:
        return max(0.0, 1 - _sum_down(visits - count - 1, visits, b, a))
    return min(1.0, _sum_down(count, visits, a, b))


def at_least(count: int, visits: int, mean: float, rho: float) -> float:
    """Return P(X >= count) for X ~ BetaBinomial(visits; mean, rho)."""
    return at_most(visits - count, visits, 1 - mean, rho)


def _sum_down(count: int, visits: int, a: float, b: float) -> float:
    """Add the probabilities from ``count`` to 0: a tail, so that they shrink from the first on."""
    choices = -math.log1p(visits) - log_beta(count + 1, visits - count + 1)
    term = math.exp(choices + log_beta(count + a, visits - count + b) - log_beta(a, b))
    terms = [term]
    for k in range(count, 0, -1):
        term *= k / (visits - k + 1) * (visits - k + b) / (k - 1 + a)
        terms.append(term)
    return math.fsum(terms)
