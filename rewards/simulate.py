"""Cascades of sharing that look like real ones: an estimate to try terms on, never money paid.

Most who share bring nobody; a few bring very many.  The numbers below reproduce the shape of
published cascades (docs/ENGINE.md §12): of those who begin, one in ten brings somebody, and then
their number follows a zero-truncated negative binomial with, once in a hundred, a power-law tail
(mean 2.4 in all); whoever was brought brings on a negative binomial number with mean 0.43.
The random source is passed in, and one source with one seed always gives the same cascades.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rewards.money import LARGEST_MINOR

BRINGS_SOMEBODY = 0.1
"""The part of those who begin that brings at least one other."""

_SEED_MEAN, _SEED_K = 0.514, 0.3
"""Before truncation at zero; with the tail, the mean over those who bring somebody is 2.4."""
_TAIL, _TAIL_FROM, _TAIL_EXPONENT, _TAIL_MAX = 0.01, 20, 1.8, 1_000
_OTHER_MEAN, _OTHER_K = 0.43, 0.18
_VISITS_MEAN, _VISITS_SIZE = 12.0, 0.6
_DREAMERS = 0.7
_DREAMERS_BETA = (0.5, 250.0)
_PROSPECTS_BETA = (2.0, 48.0)
_ORDER_SIGMA = 0.5
_NEGLIGIBLE = 1e-15
"""Less than what a draw from 0 to 1 can tell from nothing."""


class Source(Protocol):
    """What is needed of a random source; ``random.Random`` has it."""

    def random(self) -> float:
        """Return a number from 0 to 1, without 1."""

    def betavariate(self, alpha: float, beta: float) -> float:
        """Draw from a beta distribution."""

    def lognormvariate(self, mu: float, sigma: float) -> float:
        """Draw from a lognormal distribution."""


@dataclass(frozen=True, slots=True)
class Sharer:
    """One simulated person; ``parent`` is an earlier place in the list, or -1 for who began."""

    parent: int
    visits: int
    orders_minor: tuple[int, ...]
    prospects: bool
    """Whether the audience buys (prospects) or only looks (dreamers)."""

    @property
    def value_minor(self) -> int:
        """What the orders come to."""
        return sum(self.orders_minor)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a set of cascades looks like: shares of those with at least one reshare.

    ``nobody`` is the part of all sharers who bring nobody.
    """

    cascades: int
    mean_size: float
    size_10: float
    size_50: float
    size_100: float
    depths: tuple[float, float, float, float]
    nobody: float


PUBLISHED = Shape(0, 5.2, 0.10, 0.007, 0.002, (0.66, 0.21, 0.08, 0.03), 0.825)
"""The figures to reproduce; of ``nobody`` it is known only that it lies from 0.70 to 0.95."""


def simulate(source: Source, *, shares: int, average_order_minor: int) -> list[Sharer]:
    """Draw this many people who share, with their visits and orders; parents come first.

    The last cascade ends where the number is reached.
    """
    sharers: list[Sharer] = []
    while len(sharers) < shares:
        first = len(sharers)
        for above in cascade(source)[: shares - first]:
            parent = above if above < 0 else first + above
            sharers.append(sharer(source, parent, average_order_minor=average_order_minor))
    return sharers


def cascade(source: Source) -> list[int]:
    """Draw who brings whom in one cascade: for each person an earlier place, -1 for the first."""
    parents = [-1]
    if source.random() < BRINGS_SOMEBODY:
        parents += [0] * _brought_by_seed(source)
    spread = _negative_binomial(_OTHER_MEAN, _OTHER_K)
    place = 1
    while place < len(parents):
        parents += [place] * bisect_right(spread, source.random())
        place += 1
    return parents


def sharer(source: Source, parent: int, *, average_order_minor: int) -> Sharer:
    """Draw the visits and orders of one person who shares."""
    visits = bisect_right(_negative_binomial(_VISITS_MEAN, _VISITS_SIZE), source.random())
    prospects = source.random() >= _DREAMERS
    theta = source.betavariate(*(_PROSPECTS_BETA if prospects else _DREAMERS_BETA))
    orders = _binomial(source, visits, theta)
    mu = math.log(average_order_minor) - _ORDER_SIGMA**2 / 2
    amounts = (int(source.lognormvariate(mu, _ORDER_SIGMA)) for _ in range(orders))
    paid = tuple(min(max(1, amount), LARGEST_MINOR) for amount in amounts)
    return Sharer(parent, visits, paid, prospects)


def shape(parents: Sequence[int]) -> Shape:
    """Measure cascades, given as an earlier place for each person and -1 for those who begin.

    Figures about cascades with a reshare are 0 when there is none.
    """
    roots: list[int] = []
    levels: list[int] = []
    for place, parent in enumerate(parents):
        roots.append(place if parent < 0 else roots[parent])
        levels.append(0 if parent < 0 else levels[parent] + 1)
    size, depth = Counter(roots), dict.fromkeys(roots, 0)
    for root, level in zip(roots, levels, strict=True):
        depth[root] = max(depth[root], level)
    sizes = [number for number in size.values() if number > 1]
    deep = Counter(depth.values())
    whole = max(1, len(sizes))
    one, two, three, four = (deep[level] / whole for level in (1, 2, 3, 4))
    return Shape(
        cascades=len(size),
        mean_size=sum(sizes) / whole,
        size_10=_at_least(10, sizes) / whole,
        size_50=_at_least(50, sizes) / whole,
        size_100=_at_least(100, sizes) / whole,
        depths=(one, two, three, four),
        nobody=1 - len({parent for parent in parents if parent >= 0}) / max(1, len(parents)),
    )


def _at_least(number: int, sizes: Sequence[int]) -> int:
    return sum(size >= number for size in sizes)


def _brought_by_seed(source: Source) -> int:
    """Draw how many somebody brings who began and brings at least one."""
    if source.random() < _TAIL:
        heavy = _TAIL_FROM * (1 - source.random()) ** (-1 / _TAIL_EXPONENT)
        return min(int(heavy), _TAIL_MAX)
    table = _negative_binomial(_SEED_MEAN, _SEED_K)
    return bisect_right(table, table[0] + (1 - table[0]) * source.random())


def _binomial(source: Source, tries: int, chance: float) -> int:
    """Draw how many of the tries succeed, by leaping from success to success."""
    found, place = 0, 0
    logarithm = math.log1p(-min(max(chance, 1e-300), 1 - 1e-16))
    while tries:
        place += 1 + int(min(math.log(1 - source.random()) / logarithm, tries))
        if place > tries:
            break
        found += 1
    return found


@lru_cache
def _negative_binomial(mean: float, size: float) -> tuple[float, ...]:
    """Return P(N <= n) for n = 0, 1, ... as far as a draw can tell it from 1.

    ``bisect_right`` with a draw from 0 to 1 gives a negative binomial number.
    """
    falls = mean / (mean + size)
    part = below = (1 - falls) ** size
    table = [below]
    while part > _NEGLIGIBLE:
        part *= (size + len(table) - 1) / len(table) * falls
        below += part
        table.append(below)
    return tuple(table)
