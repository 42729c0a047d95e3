"""Split attacks: one account replaced by two to six, in every shape.

An attacker divides what one account did among several of their own and hangs everything about them
wherever it can hang: the accounts below the inviter, below each other, or below anybody in the
account's own branch; the people the account brought below any of the accounts.  All choices come
from one random source, so the same attack can be drawn by hypothesis or by the million.
"""

from dataclasses import replace
from enum import StrEnum
from random import Random

from rewards.forest import DEPTH_MAX, Forest, payable_minor
from rewards.money import WHOLE
from rewards.recompute import Count
from rewards.terms import Terms
from tests.rewards.history import chain_of_counts, vested_forest

ACCOUNTS_MAX = 6


class Shape(StrEnum):
    """How the attacker's accounts hang together."""

    CHAIN = "chain"
    STAR = "star"
    TREE = "tree"
    SIBLINGS = "siblings"
    BELOW_OWN = "below own descendants"
    ANY = "any of these mixed"


def dice_of(seed: int) -> Random:
    """Return the random source of one attack."""
    return Random(seed)  # noqa: S311 - it draws cases, not secrets


def gain(
    terms: Terms, counts: list[Count], victim: Count, shape: Shape, dice: Random
) -> tuple[int, int]:
    """Return what one split gains, in minor units, and what the greatest depth allows it to gain.

    Nothing, unless the accounts push somebody below the greatest depth: whoever hangs beside, not
    below, who brought them moves at most K from there to the account above (docs/ENGINE.md §3).
    """
    others, accounts = split(victim, counts, shape, dice)
    forged = vested_forest(terms, forged_counts := parents_first(others + accounts))
    honest = vested_forest(terms, counts)
    one = payable_minor(terms, honest.participants[victim.id])
    several = sum(payable_minor(terms, forged.participants[a.id]) for a in accounts)
    moved = lifted(honest, counts) + lifted(forged, forged_counts)
    return several - one, -(-terms.schedule.shortfall * moved // WHOLE)


def lifted(forest: Forest, counts: list[Count]) -> int:
    """Return how many were placed beside who brought them, at the greatest depth."""
    return sum(forest.participants[count.id].parent != count.parent for count in counts)


def split(
    victim: Count, counts: list[Count], shape: Shape, dice: Random
) -> tuple[list[Count], list[Count]]:
    """Return everybody else and the accounts that replace the victim."""
    number = dice.randint(2, ACCOUNTS_MAX)
    values, visits = divide(victim.value, number, dice), divide(victim.visits, number, dice)
    accounts = [
        Count(1000 + n, None, value=v, visits=w, vested_value=v, vested_visits=w)
        for n, (v, w) in enumerate(zip(values, visits, strict=True))
    ]
    others = [replace(count) for count in counts if count is not victim]
    branches = [count for count in others if count.parent == victim.id]
    first, *rest = accounts
    first.parent = victim.parent
    # Whatever is placed earlier can carry what is placed later.
    queue = rest + branches
    dice.shuffle(queue)
    if shape is Shape.BELOW_OWN:
        queue.sort(key=lambda item: item in rest)
    placed, grown = [first], []
    for item in queue:
        if item in rest:
            item.parent = _above(shape, placed, grown, victim, dice)
            placed.append(item)
        else:
            item.parent = dice.choice(placed).id
            grown += branch_ids(others, item.id)
    return others, accounts


def _above(
    shape: Shape, placed: list[Count], grown: list[int], victim: Count, dice: Random
) -> int | None:
    """Choose who brings the next account in."""
    own = [account.id for account in placed]
    match shape:
        case Shape.CHAIN:
            return own[-1]
        case Shape.STAR:
            return own[0]
        case Shape.TREE:
            return dice.choice(own)
        case Shape.SIBLINGS:
            return victim.parent
        case Shape.BELOW_OWN:
            return dice.choice(grown or own)
    return dice.choice([victim.parent, *own, *grown])


def divide(whole: int, number: int, dice: Random) -> list[int]:
    """Divide a whole number into parts, some of them often nothing."""
    cuts = sorted(dice.randint(0, whole) for _ in range(number - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, whole], strict=True)]


def branch_ids(counts: list[Count], top: int) -> list[int]:
    """Return everybody in a branch; parents come before their children in ``counts``."""
    ids = {top}
    for count in counts:
        if count.parent in ids:
            ids.add(count.id)
    return sorted(ids)


def parents_first(counts: list[Count]) -> list[Count]:
    """Put parents before their children."""
    below: dict[int | None, list[Count]] = {}
    for count in counts:
        below.setdefault(count.parent, []).append(count)
    ordered = list(below.get(None, ()))
    for count in ordered:
        ordered += below.get(count.id, ())
    return ordered


def any_attack(dice: Random, shape: Shape) -> int:
    """Draw terms, a forest, a victim and a split, and return what it gains beyond what is allowed.

    Most amounts are small beside the thresholds and some beside a minor unit, where rounding is.
    """
    terms = _any_terms(dice)
    counts = chain_of_counts(dice.choice((0,) * 30 + (3, 12, DEPTH_MAX)), dice.randint(0, 9))
    for id_ in range(len(counts) + 1, len(counts) + 1 + dice.randint(1, 8)):
        value, visits = dice.randint(0, dice.choice((9, 100, 900))), dice.randint(0, 20)
        parent = dice.randint(0, id_ - 1) or None
        counts.append(
            Count(id_, parent, value, 0, visits, vested_value=value, vested_visits=visits)
        )
    with_branch = {count.parent for count in counts} - {None}
    could = [count for count in counts if shape is not Shape.BELOW_OWN or count.id in with_branch]
    victim = dice.choice(could or counts)
    gained, allowed = gain(terms, counts, victim, shape, dice)
    return gained - allowed


def _any_terms(dice: Random) -> Terms:
    """Draw one to six bands, from nothing but the lowest rates to nearly the whole price."""
    bands, highest = dice.randint(1, 6), dice.choice((100, 1_000, 9_999))
    rates = sorted(dice.randint(0, highest) for _ in range(bands))
    thresholds = sorted(dice.sample(range(1, dice.choice((40, 1_500))), bands - 1))
    return Terms(
        currency="EUR",
        average_order_minor=100,
        thresholds_minor=(0, *thresholds),
        rates_basis_points=(*rates[:-1], max(1, rates[-1])),
        visit_credit_minor=dice.randint(0, 30),
        visit_share_basis_points=dice.choice((0, 1_000, 10_000)),
        min_grant_minor=1,
    )
