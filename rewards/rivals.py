"""Other rules that pay for bringing people, beside ours, on the same cascades.

The rivals are what is used or published: one level (most referral programmes), two tiers (most
affiliate programmes), and the geometric mechanism, in which every level above gets half of what the
level below gets (Emek, Karidi, Tennenholtz, Zohar: Mechanisms for multi-level marketing, 2011).
All of them promise at most a tenth of the credit, as ours does by default.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import add

from rewards import batch, splits
from rewards.money import WHOLE
from rewards.schedule import Schedule

ATTACKERS = 40
"""How many people try to split; the ones with most own credit, among them those with friends."""

NODES_WATCHED = 200
"""Cascades up to this size are watched event by event; larger ones take too long."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """Who brought whom (earlier places, -1 for who began) and everybody's own credit."""

    parents: tuple[int, ...]
    credits_minor: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One rule on a set of cascades; shares are in basis points, rounded down."""

    name: str
    split_gain_basis_points: int
    """The best gain of anybody by splitting, as a share of what they earned before."""
    split_gain_minor: int
    splits_tried: int
    payout_per_credit: int
    to_roots: int
    to_people_without_sale: int
    events: int
    lowered: int
    """Events (somebody's sale) after which somebody's reward was lower."""


def rules(schedule: Schedule) -> dict[str, splits.Rule]:
    """Return the rules to compare, by the names that the table shows; ours is the last."""
    return {
        "single level 10 %": single_level,
        "two tiers 6 % + 4 %": two_tiers,
        "geometric 1/2": geometric,
        "branch difference": partial(_ours, schedule),
    }


def single_level(_parents: Sequence[int], credits_minor: Sequence[int]) -> list[int]:
    """Pay a tenth of what the own link sold."""
    return [1_000 * credit for credit in credits_minor]


def two_tiers(parents: Sequence[int], credits_minor: Sequence[int]) -> list[int]:
    """Pay 6 % of what the own link sold and 4 % of what the people sold whom one brought."""
    earned = [600 * credit for credit in credits_minor]
    for parent, credit in zip(parents, credits_minor, strict=True):
        if parent >= 0:
            earned[parent] += 400 * credit
    return earned


def geometric(parents: Sequence[int], credits_minor: Sequence[int]) -> list[int]:
    """Pay 5 % of the own sales, half of that for one level below, half again for the next."""
    # Each level is rounded down to parts, which are ten-thousandths of a minor unit.
    earned = [500 * credit for credit in credits_minor]
    for place in range(len(parents) - 1, -1, -1):
        if parents[place] >= 0:
            earned[parents[place]] += earned[place] // 2
    return earned


def compare(schedule: Schedule, cascades: Sequence[Cascade]) -> list[Compared]:
    """Return one line for each rule, all on the same cascades."""
    attackers = _attackers(cascades)
    return [
        line(name, rule, schedule, cascades, attackers) for name, rule in rules(schedule).items()
    ]


def _ours(schedule: Schedule, parents: Sequence[int], credits_minor: Sequence[int]) -> list[int]:
    return batch.rewards(schedule, parents, credits_minor).reward


def line(
    name: str,
    rule: splits.Rule,
    schedule: Schedule,
    cascades: Sequence[Cascade],
    attackers: Sequence[splits.Person],
) -> Compared:
    """Put one rule to the test on these cascades, with these people trying to split."""
    paid = roots = idle = credited = events = lowered = 0
    for cascade in cascades:
        earned = [reward // WHOLE for reward in rule(cascade.parents, cascade.credits_minor)]
        paid += sum(earned)
        credited += sum(cascade.credits_minor)
        for minor, parent, credit in zip(
            earned, cascade.parents, cascade.credits_minor, strict=True
        ):
            roots += minor if parent < 0 else 0
            idle += minor if credit == 0 else 0
        if len(cascade.parents) <= NODES_WATCHED:
            events += sum(credit > 0 for credit in cascade.credits_minor)
            lowered += _lowered(rule, cascade)
    marks = schedule.thresholds_minor[1:]
    found = [
        splits.best_split(
            rule, add, person, accounts_max=4 - len(person.friends_minor), marks=marks
        )
        for person in attackers
    ]
    return Compared(
        name=name,
        split_gain_basis_points=max(
            (best.gain_minor * WHOLE // best.before_minor for best in found if best.before_minor),
            default=0,
        ),
        split_gain_minor=max((best.gain_minor for best in found), default=0),
        splits_tried=sum(best.tried for best in found),
        payout_per_credit=paid * WHOLE // max(1, credited),
        to_roots=roots * WHOLE // max(1, paid),
        to_people_without_sale=idle * WHOLE // max(1, paid),
        events=events,
        lowered=lowered,
    )


def _attackers(cascades: Sequence[Cascade]) -> list[splits.Person]:
    """Return the people with most own credit, each with the largest branch that they brought."""
    people: list[splits.Person] = []
    for cascade in cascades:
        branches = list(cascade.credits_minor)
        friends: defaultdict[int, int] = defaultdict(int)
        for place in range(len(branches) - 1, 0, -1):
            parent = cascade.parents[place]
            if parent >= 0:
                branches[parent] += branches[place]
                friends[parent] = max(friends[parent], branches[place])
        for place, credit in enumerate(cascade.credits_minor):
            if credit:
                friend = friends[place]
                people.append(splits.Person(credit, 0, (friend,) if friend else ()))
    people.sort(key=lambda person: -person.value_minor)
    with_friends = [person for person in people if person.friends_minor]
    half = with_friends[: ATTACKERS // 2]
    return half + [person for person in people if person not in half][: ATTACKERS - len(half)]


def _lowered(rule: splits.Rule, cascade: Cascade) -> int:
    """Let the sales happen one after the other; count those that lowered somebody's reward."""
    credits_minor, lowered = [0] * len(cascade.parents), 0
    before = rule(cascade.parents, credits_minor)
    for place, credit in enumerate(cascade.credits_minor):
        if credit:
            credits_minor[place] = credit
            after = rule(cascade.parents, credits_minor)
            lowered += any(new < old for new, old in zip(after, before, strict=True))
            before = after
    return lowered
