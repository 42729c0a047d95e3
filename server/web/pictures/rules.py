"""The reward rule as a picture: steps that fill up, and one bar that is divided.

Each step of the schedule is a bar that is as high as its rate, filled as far as the branch has
come.  What all steps earn is the bar below: what the people who were brought earn on their own
branches, and what is left, taken, payable and pending.  All amounts are the engine's; only places
are computed here, in whole numbers.
"""

from dataclasses import dataclass
from enum import StrEnum

from rewards.explain import Explanation
from rewards.money import WHOLE
from rewards.schedule import Schedule

WIDTH = 340
WORDS = 20
"""Room for the words above a bar."""
THIN, THICK = 8, 22
GAP = 10
MIDDLE = 16
"""Between the steps and the bar of everything."""


class Share(StrEnum):
    """Whose a part of the whole reward is, or what became of it."""

    OTHERS = "others"
    TAKEN = "taken"
    PAYABLE = "payable"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Step:
    """One band of the schedule: credit within it, and what that earns, in parts."""

    rate_basis_points: int
    from_minor: int
    credit_minor: int
    reward_parts: int
    y: int
    height: int
    filled: int
    stands_here: bool
    """Whether the next credit falls into this step."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the whole, in parts (10 000 are a minor unit)."""

    share: Share
    parts: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class RulePicture:
    """The steps, and how what they earn is divided; the box begins at 0, 0."""

    width: int
    height: int
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    whole_y: int
    whole_parts: int
    carry_parts: int
    """What is earned below one minor unit: it stays, and is paid with what comes next."""


def lay_out(schedule: Schedule, why: Explanation) -> RulePicture:
    """Draw what ``explain.why`` says of a participant whose offer has this schedule."""
    steps = _steps(schedule, why.numbers["branch_credit_minor"])
    numbers = why.numbers
    vested = numbers["earned_minor"] - numbers["pending_minor"]
    taken = min(numbers["granted_minor"], vested)
    divided = {
        Share.OTHERS: numbers["children_reward_parts"],
        Share.TAKEN: taken * WHOLE,
        Share.PAYABLE: (vested - taken) * WHOLE,
        Share.PENDING: numbers["pending_minor"] * WHOLE,
    }
    whole = numbers["branch_reward_parts"]
    whole_y = steps[-1].y + steps[-1].height + MIDDLE + WORDS
    return RulePicture(
        width=WIDTH,
        height=whole_y + THICK + 2,
        steps=steps,
        parts=_parts(divided, whole),
        whole_y=whole_y,
        whole_parts=whole,
        carry_parts=whole - sum(divided.values()),
    )


def _steps(schedule: Schedule, credit_minor: int) -> tuple[Step, ...]:
    """Return every band with the credit in it; the last has no end, so it is drawn as if it had."""
    starts, rates = schedule.thresholds_minor, schedule.rates_basis_points
    ends = [*starts[1:], max(2 * starts[-1], credit_minor, 1)]
    steps: list[Step] = []
    y = WORDS
    for place, (start, end, rate) in enumerate(zip(starts, ends, rates, strict=True)):
        within = max(0, min(credit_minor, end) - start)
        height = THIN + (THICK - THIN) * rate // schedule.ceiling_basis_points
        is_last = place == len(rates) - 1
        steps.append(
            Step(
                rate_basis_points=rate,
                from_minor=start,
                credit_minor=within,
                reward_parts=schedule.reward(start + within) - schedule.reward(start),
                y=y,
                height=height,
                filled=WIDTH * within // (end - start),
                stands_here=start <= credit_minor and (is_last or credit_minor < end),
            )
        )
        y += height + GAP + WORDS
    return tuple(steps)


def _parts(divided: dict[Share, int], whole: int) -> tuple[Part, ...]:
    """Divide the bar; an empty part is left out."""
    found, before = [], 0
    for share, parts in divided.items():
        x, end = (WIDTH * edge // max(whole, 1) for edge in (before, before + parts))
        before += parts
        if parts:
            found.append(Part(share, parts, x, end - x))
    return tuple(found)
