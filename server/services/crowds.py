"""Who comes through a link in a replay: visitors and buyers drawn from a seed.

A cascade file knows who shared.  Who only looked, who bought and who sent it back is drawn here,
for each node from a generator of its own, so that no draw depends on another node or on the order
of events.  The shapes are those of docs/ENGINE.md §12; none of this decides about money.
"""

import math
from dataclasses import dataclass
from random import Random

from rewards.money import LARGEST_MINOR
from server.errors import Invalid

VISITS_SIZE = 0.6
"""The size of the negative binomial: most links see nobody, a few see many."""
VISITS_MAX = 200
"""What no single link exceeds, so that one draw cannot outweigh a cascade."""
VISITS_MEAN_MAX = 100
VISIT_DAYS_MEAN = 1.0
VISIT_SECONDS_MAX = 7 * 86_400
"""Visitors come after an exponential time with a mean of a day, and within a week."""
ORDER_SIGMA = 0.5
ORDER_TIMES_MAX = 20
"""An order is at most this many times the mean."""
ORDER_SECONDS = (60, 3_600)
NEW_RATE = 0.7
WHOLE_RATE = 0.75
"""Three of four refunds are of the whole order; the others are of half of it."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is drawn, and how; ``order_mean_minor`` is in minor units of the brand's currency.

    Raises:
        Invalid: a number lies where nothing can be drawn.

    """

    seed: int
    visits_mean: float
    order_rate: float
    order_mean_minor: int
    refund_rate: float

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn, not-a-number included."""
        for value, high, name in (
            (self.visits_mean, VISITS_MEAN_MAX, "visits per link"),
            (self.order_rate, 1, "orders per visit"),
            (self.refund_rate, 1, "refunds per order"),
        ):
            if not 0 <= value <= high:
                raise Invalid(f"Let the mean number of {name} lie between 0 and {high}.")
        if not 1 <= self.order_mean_minor <= LARGEST_MINOR // ORDER_TIMES_MAX:
            raise Invalid("Let the mean order be an amount above zero, and not beyond all bounds.")


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order so many seconds after its visit; ``refund_minor`` is 0 when the buyer keeps it."""

    after_seconds: int
    net_minor: int
    is_new_customer: bool
    refund_minor: int
    refund_share: float
    """When within the return window the refund comes, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A stranger who comes so many seconds after the share, and may buy."""

    after_seconds: int
    purchase: Purchase | None


@dataclass(frozen=True, slots=True)
class Draw:
    """What one node brings: their own purchase on the way in, and the visitors of their link."""

    own: Purchase | None
    visitors: tuple[Visitor, ...]


def draw(crowd: Crowd, name: str) -> Draw:
    """Return what the node of this name brings; the same for the same crowd and name."""
    chance = Random(f"{crowd.seed}:{name}")  # noqa: S311 - a story to repeat, not a secret
    own = _purchase(chance, crowd)
    return Draw(own, tuple(_visitor(chance, crowd) for _ in range(_how_many(chance, crowd))))


def _visitor(chance: Random, crowd: Crowd) -> Visitor:
    after = int(chance.expovariate(1 / (VISIT_DAYS_MEAN * 86_400)))
    return Visitor(min(after, VISIT_SECONDS_MAX), _purchase(chance, crowd))


def _how_many(chance: Random, crowd: Crowd) -> int:
    """Draw from the negative binomial, as a Poisson whose mean is drawn from a gamma."""
    if crowd.visits_mean == 0:
        return 0
    left = chance.gammavariate(VISITS_SIZE, crowd.visits_mean / VISITS_SIZE)
    for count in range(VISITS_MAX):  # the gaps between arrivals are exponential
        left -= chance.expovariate(1.0)
        if left < 0:
            return count
    return VISITS_MAX


def _purchase(chance: Random, crowd: Crowd) -> Purchase | None:
    """Draw a purchase or none; everything is drawn either way, so no rate shifts another draw."""
    is_order, is_refund, is_whole, is_new, refund_share = (chance.random() for _ in range(5))
    mean = crowd.order_mean_minor
    drawn = chance.lognormvariate(math.log(mean) - ORDER_SIGMA**2 / 2, ORDER_SIGMA)
    after_seconds = chance.randint(*ORDER_SECONDS)
    if is_order >= crowd.order_rate:
        return None
    net_minor = min(max(1, int(drawn)), ORDER_TIMES_MAX * mean)
    refund_minor = net_minor if is_whole < WHOLE_RATE else -(-net_minor // 2)
    return Purchase(
        after_seconds=after_seconds,
        net_minor=net_minor,
        is_new_customer=is_new < NEW_RATE,
        refund_minor=refund_minor if is_refund < crowd.refund_rate else 0,
        refund_share=refund_share,
    )
