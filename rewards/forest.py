"""The referral forest and its additive aggregates: the state of one offer.

Everything is kept twice: *pot* counts all that is credited, *vest* only what has vested.  A reward
depends only on the participant's own branch, so every change walks from one participant to the root
and touches nobody else.  A forest may therefore hold just that path.  Rewards, L and Debt are in
parts (10 000 parts are one minor unit); V, c and S in minor units.  Source: docs/ENGINE.md §2-4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rewards.errors import AlreadyJoined, NeverCredited, UnknownParticipant
from rewards.money import WHOLE
from rewards.terms import Terms

DEPTH_MAX = 64
"""The depth below the root that nobody exceeds; bounds the cost of every change."""


class Layer(StrEnum):
    """One of the two ledgers of credit: pending and vested together, or vested only."""

    POT = "pot"
    VEST = "vest"


@dataclass(slots=True)
class Aggregates:
    """One participant's sums in one layer."""

    value: int = 0
    """V: net value of orders through the own link."""
    orders: int = 0
    """k: how many orders; for counts, never for money."""
    visits: int = 0
    """v: credited verified visits through the own link."""
    credit: int = 0
    """c: own credit."""
    branch_credit: int = 0
    """S: the sum of c over the participant and everybody below."""
    children_reward: int = 0
    """The sum of W(S) over the direct children, in parts."""


@dataclass(slots=True)
class Participant:
    """One node of the forest: who brought them, what they set in motion, what they took."""

    id: int
    parent: int | None
    root: int
    depth: int
    pot: Aggregates = field(default_factory=Aggregates)
    vest: Aggregates = field(default_factory=Aggregates)
    reach: int = 0
    """Verified unique visits in the whole branch, credited or not; unlocks content."""
    granted_minor: int = 0
    """The value of all codes taken and not returned, redeemed ones included."""
    redeemed_minor: int = 0

    def layer(self, layer: Layer) -> Aggregates:
        """Return the aggregates of one layer."""
        return self.pot if layer is Layer.POT else self.vest


@dataclass(slots=True)
class Totals:
    """What is kept once per offer: the budget, L of both layers, and the debt."""

    budget_minor: int
    pot: int = 0
    """L_pot: the sum of W(S) over the roots, which is the sum of all rewards."""
    vest: int = 0
    """L_vest."""
    debt: int = 0
    """What was granted before a refund and is no longer earned."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to (or, negative, taken from) one participant's own V, k and v."""

    value: int = 0
    orders: int = 0
    visits: int = 0


def reward(terms: Terms, layer: Aggregates) -> int:
    """Return R = W(S) - sum over the children of W(S_child), in parts (docs/ENGINE.md §3)."""
    return terms.schedule.reward(layer.branch_credit) - layer.children_reward


def debt(terms: Terms, participant: Participant) -> int:
    """Return max(0, granted * 10 000 - R_pot), in parts (docs/ENGINE.md §4)."""
    return max(0, participant.granted_minor * WHOLE - reward(terms, participant.pot))


def payable_minor(terms: Terms, participant: Participant) -> int:
    """Return floor(R_vest / 10 000) - granted; negative after a refund of what was taken."""
    return reward(terms, participant.vest) // WHOLE - participant.granted_minor


class Forest:
    """The participants of one offer, all of them or one path; changed in place."""

    def __init__(
        self, terms: Terms, totals: Totals, participants: Iterable[Participant] = ()
    ) -> None:
        """Take over ``totals`` and ``participants``; they are changed in place."""
        self.terms = terms
        self.totals = totals
        self.participants = {participant.id: participant for participant in participants}
        self.changed: set[int] = set()

    def path(self, participant: int) -> list[Participant]:
        """Return the participant and everybody above, the root last.

        Raises:
            UnknownParticipant: one of them is not in this forest.
        """
        path: list[Participant] = []
        above: int | None = participant
        while above is not None:
            node = self.participants.get(above)
            if node is None:
                raise UnknownParticipant(above)
            path.append(node)
            above = node.parent
        return path

    def join(self, participant: int, parent: int | None) -> Participant:
        """Add a participant below a parent, or as the parent's sibling at the greatest depth.

        Raises:
            AlreadyJoined: the participant is in the forest.
            UnknownParticipant: the parent is not.
        """
        if participant in self.participants:
            raise AlreadyJoined(participant)
        node = Participant(participant, parent=None, root=participant, depth=0)
        if parent is not None:
            above = self.path(parent)[0]
            if above.depth >= DEPTH_MAX:
                above = self.path(parent)[1]
            node = Participant(participant, above.id, above.root, above.depth + 1)
        self.participants[participant] = node
        self.changed.add(participant)
        return node

    def add(self, participant: int, change: Change, *layers: Layer) -> None:
        """Add to one participant's own V, k and v, and carry the credit up to the root.

        O(depth).  A reversal is an ``add`` of the negative change.  Nothing is changed on an error.

        Raises:
            UnknownParticipant: the participant is not in this forest.
            NeverCredited: less than nothing would be left, or more would vest than is credited.
        """
        path = self.path(participant)
        self._check(path[0], change, layers)
        before = sum(debt(self.terms, node) for node in path)
        for layer in layers:
            own = path[0].layer(layer)
            own.value += change.value
            own.orders += change.orders
            own.visits += change.visits
            risen = self.terms.credit(own.value, own.visits) - own.credit
            own.credit += risen
            self._carry(path, layer, risen)
        self.totals.debt += sum(debt(self.terms, node) for node in path) - before
        self.changed.add(participant)

    def growth(self, path: list[Participant], layer: Layer, risen: int) -> list[int]:
        """Return W(S + risen) - W(S) for everybody on a path, in parts.

        Somebody's own reward rises by their growth less that of the one before them on the path.
        """
        rule = self.terms.schedule.reward
        branches = [node.layer(layer).branch_credit for node in path]
        return [rule(branch + risen) - rule(branch) for branch in branches]

    def see(self, participant: int, visits: int) -> None:
        """Add verified visits to the reach of the participant and everybody above.

        Raises:
            UnknownParticipant: the participant is not in this forest.
            NeverCredited: there are fewer visits than are taken back.
        """
        path = self.path(participant)
        if path[0].reach + visits < 0:
            raise NeverCredited(participant, "visits")
        for node in path:
            node.reach += visits
            self.changed.add(node.id)

    def grant(self, participant: int, value_minor: int) -> None:
        """Add to (or take from) what was granted, and to the debt if that was not earned.

        Raises:
            UnknownParticipant: the participant is not in this forest.
        """
        node = self.path(participant)[0]
        before = debt(self.terms, node)
        node.granted_minor += value_minor
        self.totals.debt += debt(self.terms, node) - before
        self.changed.add(participant)

    def _carry(self, path: list[Participant], layer: Layer, risen: int) -> None:
        """Carry a rise of credit up the path in one layer."""
        if risen == 0:
            return
        growth = self.growth(path, layer, risen)
        below = 0
        for node, grown in zip(path, growth, strict=True):
            sums = node.layer(layer)
            sums.branch_credit += risen
            sums.children_reward += below
            below = grown
            self.changed.add(node.id)
        if layer is Layer.POT:
            self.totals.pot += below
        else:
            self.totals.vest += below

    def _check(self, node: Participant, change: Change, layers: tuple[Layer, ...]) -> None:
        """Refuse what would leave less than nothing, or more vested than credited."""
        for name, amount, what in (
            ("value", change.value, "orders"),
            ("orders", change.orders, "orders"),
            ("visits", change.visits, "visits"),
        ):
            pot = getattr(node.pot, name) + (amount if Layer.POT in layers else 0)
            vest = getattr(node.vest, name) + (amount if Layer.VEST in layers else 0)
            if not 0 <= vest <= pot:
                raise NeverCredited(node.id, what)
