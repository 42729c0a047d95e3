"""Which question is worth asking: the value of information against its cost (an estimate).

It only chooses among questions that ``asks`` allows; it never spends points and never sees money
that somebody has earned (docs/ENGINE.md §10).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rewards.asks import SENSITIVITY, Question

COST_PER_POINT = 0.20
WORTH_MIN = 1.5


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is expected of a question.

    ``chances`` has P(x) by answer; ``rates`` the response rate r(a|x) by action and answer;
    ``values`` the value of each action's success, in the offer's major units; ``uses`` is H, how
    often the answer will be used; ``answering`` is P(answer).
    """

    question: Question
    chances: Mapping[str, float]
    rates: Mapping[str, Mapping[str, float]]
    values: Mapping[str, float]
    uses: float
    answering: float


def value_of(prospect: Prospect) -> float:
    """Return H * (sum_x P(x) max_a v_a r(a|x) - max_a sum_x P(x) v_a r(a|x)) * P(answer)."""
    knowing = math.fsum(
        chance * max(value * prospect.rates[a][x] for a, value in prospect.values.items())
        for x, chance in prospect.chances.items()
    )
    guessing = max(
        math.fsum(chance * value * prospect.rates[a][x] for x, chance in prospect.chances.items())
        for a, value in prospect.values.items()
    )
    return prospect.uses * max(0.0, knowing - guessing) * prospect.answering


def cost_of(prospect: Prospect) -> float:
    """Return what the question costs in goodwill: 0.20 * s * (1 + P(refuse))."""
    return COST_PER_POINT * SENSITIVITY[prospect.question.kind] * (2 - prospect.answering)


def best(prospects: Sequence[Prospect]) -> Prospect | None:
    """Return the question that gains most over its cost, or None if none is worth asking."""
    worth = [one for one in prospects if value_of(one) >= WORTH_MIN * cost_of(one)]
    return max(worth, key=lambda one: value_of(one) - cost_of(one), default=None)
