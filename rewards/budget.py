"""Admission: nothing is credited that the budget could not pay.

The liability of an offer is L_pot + Debt, which equals the sum over everybody of
max(R_pot, granted).  Credit never lowers anybody's reward, so the liability never falls when
credit comes and never rises when it goes: what was admitted stays payable whatever follows.
Source: docs/ENGINE.md §4.
"""

from rewards.forest import Forest, Layer, Participant, Totals, debt, reward
from rewards.money import WHOLE


def liability(totals: Totals) -> int:
    """Return what is promised so far, L_pot + Debt, in parts."""
    return totals.pot + totals.debt


def liability_minor_rounded_up(totals: Totals) -> int:
    """Return the smallest budget that covers what is promised so far."""
    return -(-liability(totals) // WHOLE)


def room(totals: Totals) -> int:
    """Return how much more the budget can promise, in parts: what admission decides by."""
    return totals.budget_minor * WHOLE - liability(totals)


def remaining_minor_rounded_down(totals: Totals) -> int:
    """Return the remaining budget, as shown to customers and the brand alike."""
    return room(totals) // WHOLE


def admitted_value(forest: Forest, participant: int, value_minor: int) -> int:
    """Return the largest part of an order's value whose credit the budget has room for.

    Raises:
        UnknownParticipant: the participant is not in this forest.
    """
    path = forest.path(participant)
    if _value_fits(forest, path, value_minor):
        return value_minor
    fits = min(value_minor, _value_without_relief(forest, path))
    if not any(debt(forest.terms, node) for node in path):
        return fits
    # Credit relieves the debt on its path, so more may fit than the closed form says.
    over = value_minor
    while over - fits > 1:
        middle = (fits + over) // 2
        if _value_fits(forest, path, middle):
            fits = middle
        else:
            over = middle
    return fits


def visit_fits(forest: Forest, participant: int) -> bool:
    """Tell whether the budget has room for what one more visit adds in money.

    Raises:
        UnknownParticipant: the participant is not in this forest.
    """
    path = forest.path(participant)
    own = path[0].pot
    return _fits(forest, path, forest.terms.credit(own.value, own.visits + 1) - own.credit)


def _value_fits(forest: Forest, path: list[Participant], value_minor: int) -> bool:
    """Tell whether an order of this value fits in full."""
    own = path[0].pot
    risen = forest.terms.credit(own.value + value_minor, own.visits) - own.credit
    return _fits(forest, path, risen)


def _value_without_relief(forest: Forest, path: list[Participant]) -> int:
    """Return the largest value that fits if the debt stays: W and c inverted.

    Whatever the debt does, this much fits, because credit can only lower it.
    """
    own, root = path[0].pot, path[-1].pot
    schedule = forest.terms.schedule
    within = schedule.credit_within(schedule.reward(root.branch_credit) + room(forest.totals))
    credit = own.credit + within - root.branch_credit
    return forest.terms.value_within(credit, own.visits) - own.value


def _fits(forest: Forest, path: list[Participant], risen: int) -> bool:
    """Tell whether L_pot + Debt stays within the budget when this much credit is added."""
    growth = forest.growth(path, Layer.POT, risen)
    relief, below = 0, 0
    for node, grown in zip(path, growth, strict=True):
        owed = node.granted_minor * WHOLE - reward(forest.terms, node.pot)
        relief += max(0, owed) - max(0, owed - (grown - below))
        below = grown
    return growth[-1] - relief <= room(forest.totals)
