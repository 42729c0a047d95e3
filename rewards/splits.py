"""What a person with several accounts could try: every way to be somebody else as well.

Someone with orders and visits of their own, and perhaps friends whom they brought, opens more
accounts, hangs them anywhere (also below their own friends) and spreads what they have among them.
The search is a list, not luck: all shapes up to a number of accounts, and the divisions that hurt
rules: evenly, all at one end, one minor unit here and there, and up to each threshold.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from rewards.money import WHOLE

Rule = Callable[[Sequence[int], Sequence[int]], Sequence[int]]
"""Parents (earlier places, -1 for none) and own credits in; everybody's reward in parts out."""

Credit = Callable[[int, int], int]
"""Own credit of value and visits."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who splits: own value and visits, and the credit of each branch that they brought."""

    value_minor: int
    visits: int = 0
    friends_minor: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """Accounts and friends as one small forest; the first account stands first.

    ``accounts`` are the places of the accounts; the other places are the friends, in order.
    """

    name: str
    parents: tuple[int, ...]
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The best that a search found; ``tried`` is how many splits it evaluated."""

    gain_minor: int
    before_minor: int
    tried: int
    shape: str = ""


def shapes(accounts: int, friends: int) -> Iterator[Shape]:
    """Yield every forest of so many accounts and friends, each named by its kind.

    An account may stand beside the first, below another account or below a friend; a friend stands
    below an account, because an account brought them.
    """
    for kinds in _kinds(accounts, friends):
        options = [
            range(-1, place) if mine else [above for above in range(place) if kinds[above]]
            for place, mine in enumerate(kinds)
        ]
        places = tuple(place for place, mine in enumerate(kinds) if mine)
        for parents in product(*options):
            yield Shape(_name(parents, kinds), parents, places)


def divisions(total: int, accounts: int, marks: Sequence[int] = ()) -> Iterator[tuple[int, ...]]:
    """Yield ways to spread a total over accounts; ``marks`` are amounts worth stopping at."""
    rest = accounts - 1
    even = total // accounts
    found = {
        (total, *(0,) * rest),
        (*(0,) * rest, total),
        (total - even * rest, *(even,) * rest),
    }
    for mark in (1, *marks):
        if mark * rest <= total:
            found.add((total - mark * rest, *(mark,) * rest))
            found.add((*(mark,) * rest, total - mark * rest))
    yield from sorted(found)


def best_split(
    rule: Rule,
    credit: Credit,
    person: Person,
    *,
    accounts_max: int,
    marks: Sequence[int] = (),
    kind: str | None = None,
) -> Best:
    """Return the split, of one kind or of any, that gains most in whole minor units.

    Each account's reward is rounded down, as it is when it is paid.  A gain below zero means that
    every split loses; without any split to try, gain and number are 0.
    """
    alone = Shape("", (-1, *(0,) * len(person.friends_minor)), (0,))
    before = _paid(rule, credit, person, alone, ((person.value_minor,), (person.visits,)))
    best, tried = None, 0
    for accounts in range(2, accounts_max + 1):
        values = list(divisions(person.value_minor, accounts, marks))
        looks = list(divisions(person.visits, accounts)) if person.visits else [(0,) * accounts]
        for shape in shapes(accounts, len(person.friends_minor)):
            if kind not in {None, shape.name}:
                continue
            for division in product(values, looks):
                tried += 1
                gain = _paid(rule, credit, person, shape, division) - before
                if best is None or gain > best.gain_minor:
                    best = Best(gain, before, 0, shape.name)
    if best is None:
        return Best(0, before, 0)
    return Best(best.gain_minor, before, tried, best.shape)


def _kinds(accounts: int, friends: int) -> Iterator[tuple[bool, ...]]:
    """Yield the orders in which accounts (True) and friends (False) can come, an account first."""
    for kinds in product((True, False), repeat=accounts + friends - 1):
        if sum(kinds) == accounts - 1:
            yield (True, *kinds)


def _name(parents: Sequence[int], kinds: Sequence[bool]) -> str:
    """Say what kind of split it is by where the further accounts stand."""
    above = [parents[place] for place, mine in enumerate(kinds) if mine][1:]
    if any(parent >= 0 and not kinds[parent] for parent in above):
        return "below own friends"
    if set(above) == {-1}:
        return "side by side"
    if set(above) == {0}:
        return "star"
    mine = [place for place, is_mine in enumerate(kinds) if is_mine]
    return "chain" if above == mine[:-1] else "tree"


def _paid(
    rule: Rule,
    credit: Credit,
    person: Person,
    shape: Shape,
    division: tuple[tuple[int, ...], tuple[int, ...]],
) -> int:
    """Return what all accounts together are paid, each rounded down to whole minor units."""
    credits_minor = [0] * len(shape.parents)
    for place, value, visits in zip(shape.accounts, *division, strict=True):
        credits_minor[place] = credit(value, visits)
    friends = iter(person.friends_minor)
    for place in range(len(credits_minor)):
        if place not in shape.accounts:
            credits_minor[place] = next(friends)
    earned = rule(shape.parents, credits_minor)
    return sum(earned[place] // WHOLE for place in shape.accounts)
