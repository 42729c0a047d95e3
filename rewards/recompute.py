"""Recomputation from scratch: what the incremental state must equal.

``from_counts`` builds every aggregate bottom-up from what was counted per participant, straight
from the definitions of docs/ENGINE.md §3, and shares no step with ``Forest.add``.  ``from_scratch``
counts by replaying facts.  ``differences`` says in sentences where two forests disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from rewards.engine import apply
from rewards.facts import Fact, Joined, VisitRemoved, VisitVerified
from rewards.forest import Aggregates, Forest, Layer, Participant, Totals, debt
from rewards.money import WHOLE
from rewards.terms import Terms


@dataclass(slots=True)
class Count:
    """What was counted for one participant, without anything derived from it."""

    id: int
    parent: int | None
    value: int = 0
    orders: int = 0
    visits: int = 0
    vested_value: int = 0
    vested_orders: int = 0
    vested_visits: int = 0
    verified_visits: int = 0
    """Verified unique visits through the own link, credited or not."""
    granted_minor: int = 0
    redeemed_minor: int = 0


def from_counts(terms: Terms, budget_minor: int, counts: Iterable[Count]) -> Forest:
    """Build a whole forest from what was counted; parents come before their children.

    Raises:
        UnknownParticipant: a parent does not come before its child.
        AlreadyJoined: a participant comes twice.
    """
    forest = Forest(terms, Totals(budget_minor))
    for count in counts:
        node = forest.join(count.id, count.parent)
        node.pot = _own(terms, count.value, count.orders, count.visits)
        node.vest = _own(terms, count.vested_value, count.vested_orders, count.vested_visits)
        node.reach = count.verified_visits
        node.granted_minor = count.granted_minor
        node.redeemed_minor = count.redeemed_minor
    for node in sorted(forest.participants.values(), key=lambda node: -node.depth):
        _hand_up(forest, node)
    forest.totals.debt = sum(debt(terms, node) for node in forest.participants.values())
    return forest


def from_scratch(terms: Terms, budget_minor: int, facts: Iterable[Fact]) -> Forest:
    """Replay facts from the beginning and build the forest from what they count.

    ``budget_minor`` is the budget before the first fact.  Raises what ``engine.apply`` raises.
    """
    replayed = Forest(terms, Totals(budget_minor))
    verified: dict[int, int] = {}
    for fact in facts:
        apply(replayed, fact)
        if isinstance(fact, Joined):
            verified[fact.participant] = 0
        elif isinstance(fact, VisitVerified):
            verified[fact.participant] += 1
        elif isinstance(fact, VisitRemoved):
            verified[fact.participant] -= 1
    counts = (_count(node, verified) for node in replayed.participants.values())
    return from_counts(terms, replayed.totals.budget_minor, counts)


def differences(found: Forest, expected: Forest) -> list[str]:
    """Return a sentence for everything in which two whole forests disagree."""
    wrong = [
        f"Participant {id_} is in only one of the forests."
        for id_ in sorted(found.participants.keys() ^ expected.participants.keys())
    ]
    pairs: list[tuple[str, Any, Any]] = [("The offer", found.totals, expected.totals)]
    for id_ in sorted(found.participants.keys() & expected.participants.keys()):
        one, other = found.participants[id_], expected.participants[id_]
        pairs += [
            (f"Participant {id_}", one, other),
            (f"Participant {id_}, pot,", one.pot, other.pot),
            (f"Participant {id_}, vest,", one.vest, other.vest),
        ]
    for name, one_part, other_part in pairs:
        wrong += _unlike(name, one_part, other_part)
    return wrong


def _own(terms: Terms, value: int, orders: int, visits: int) -> Aggregates:
    """Return the aggregates of somebody who has brought nobody yet."""
    credit = value + min(
        terms.visit_credit_minor * visits, terms.visit_share_basis_points * value // WHOLE
    )
    return Aggregates(value, orders, visits, credit=credit, branch_credit=credit)


def _hand_up(forest: Forest, node: Participant) -> None:
    """Add a finished branch to the parent, or to the totals."""
    for layer in Layer:
        branch = node.layer(layer).branch_credit
        rewarded = forest.terms.schedule.reward(branch)
        if node.parent is not None:
            above = forest.participants[node.parent].layer(layer)
            above.branch_credit += branch
            above.children_reward += rewarded
        elif layer is Layer.POT:
            forest.totals.pot += rewarded
        else:
            forest.totals.vest += rewarded
    if node.parent is not None:
        forest.participants[node.parent].reach += node.reach


def _count(node: Participant, verified: Mapping[int, int]) -> Count:
    """Take from a participant what was counted, and nothing derived."""
    return Count(
        id=node.id,
        parent=node.parent,
        value=node.pot.value,
        orders=node.pot.orders,
        visits=node.pot.visits,
        vested_value=node.vest.value,
        vested_orders=node.vest.orders,
        vested_visits=node.vest.visits,
        verified_visits=verified[node.id],
        granted_minor=node.granted_minor,
        redeemed_minor=node.redeemed_minor,
    )


def _unlike(name: str, found: Any, expected: Any) -> list[str]:  # noqa: ANN401 - any dataclass
    """Return a sentence for every number in which two dataclasses of one type disagree."""
    return [
        f"{name} has {field.name} {one} and should have {other}."
        for field in fields(found)
        if not isinstance(one := getattr(found, field.name), Aggregates)
        and one != (other := getattr(expected, field.name))
    ]
