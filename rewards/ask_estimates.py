"""What is expected of a question before it is asked, from counts of many (estimates).

Every estimate is pulled towards what would be believed without any counts, so that few answers
never decide much.  It feeds ``ask_choice`` alone (docs/DECISIONS/0035).
"""

from collections.abc import Collection, Mapping, Sequence

LIFT = 2.0
"""How much more often an offer is taken by those whom it fits, and how much less by the others."""
PRIOR_DONE, PRIOR_TRIED = 1, 4
"""What is believed of any share before it was seen: one in four, worth four observations."""


def chances(counts: Sequence[int]) -> dict[str, float]:
    """Return P(x) by choice: (n_x + 1) / (n + choices), the rule of succession."""
    total = sum(counts) + len(counts)
    return {str(choice): (count + 1) / total for choice, count in enumerate(counts)}


def share_of(done: int, tried: int) -> float:
    """Return how often something happens that happened ``done`` times in ``tried``."""
    return (done + PRIOR_DONE) / (tried + PRIOR_TRIED)


def lifted(
    rates: Mapping[str, float], fits: Mapping[str, Collection[int]], *, choices: int
) -> dict[str, dict[str, float]]:
    """Return r(a|x): an action's rate times LIFT where it fits the choice, else divided by it."""
    return {
        action: {
            str(x): min(1.0, rate * LIFT if x in fits.get(action, ()) else rate / LIFT)
            for x in range(choices)
        }
        for action, rate in rates.items()
    }
