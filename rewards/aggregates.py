"""What others may see of customers: counts of many, rounded; never a person (docs/ENGINE.md §10).

Every figure about people that a brand sees comes out of ``table`` or, where it is one number,
out of ``count``.  Whole numbers only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SHOWN_MIN = 20
CROSSED_MIN = 50
"""Where a profile field takes part."""
STEP = 5
BRANCH_MIN = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of distinct customers, rounded to 5; None where they are too few to be shown.

    Only ``table`` makes one.
    """

    cells: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True, slots=True)
class BranchTotals:
    """What a participant sees of the branch below: exact totals, and nobody in particular."""

    people: int
    visits: int
    orders: int


def table(
    customers: Iterable[tuple[int, str]], *, cells: Iterable[str] = (), crossed: bool = False
) -> Table:
    """Count the customers of one period by cell, and show what hides everybody in it.

    ``customers`` has (customer, cell); who appears again stays in their first cell.  ``cells``
    names those that are listed even when empty.  What is hidden together must be nobody or enough
    people; otherwise it could be computed from the total, and the smallest shown cell is hidden
    too.  ``crossed`` says that a profile field takes part: more people are needed, and one cell
    that holds everybody is hidden, because it tells something about each of them.
    """
    first: dict[int, str] = {}
    for customer, cell in customers:
        first.setdefault(customer, cell)
    counts = Counter(dict.fromkeys(cells, 0))
    counts.update(first.values())
    enough = CROSSED_MIN if crossed else SHOWN_MIN
    hidden = _hidden({cell: count for cell, count in counts.items() if count}, enough)
    if crossed and max(counts.values(), default=0) == len(first):
        hidden = set(counts)
    return Table(
        {
            cell: None if cell in hidden or count < enough else _rounded(count)
            for cell, count in counts.items()
        },
        _rounded(len(first)) if len(first) >= enough else None,
    )


def count(people: int) -> int | None:
    """Return how many distinct people did one thing, rounded to 5, or None if they are too few."""
    return _rounded(people) if people >= SHOWN_MIN else None


def branch(*, people: int, visits: int, orders: int) -> BranchTotals | None:
    """Return what a participant sees of the branch below, or None for "a few"."""
    return BranchTotals(people, visits, orders) if people >= BRANCH_MIN else None


def in_threes(people: int) -> int:
    """Return how many people a participant sees of those below: whole threes, and 0 for a few.

    So the number only ever changes by at least three people at once, and two looks at it tell no
    more of anybody than one.
    """
    return people // BRANCH_MIN * BRANCH_MIN


def _hidden(counts: Mapping[str, int], enough: int) -> set[str]:
    """Return the cells to hide, so that what is hidden together is nobody or enough people."""
    hidden: set[str] = set()
    people = 0
    for cell, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count < enough or 0 < people < enough:
            hidden.add(cell)
            people += count
    return hidden


def _rounded(count: int) -> int:
    """Round to the nearest multiple of 5."""
    return (count + STEP // 2) // STEP * STEP
