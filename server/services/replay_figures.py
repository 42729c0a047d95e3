"""What came of a replay, per cascade and in total, read from everybody's aggregates."""

from collections.abc import Iterable
from dataclasses import dataclass

from rewards.forest import Participant
from rewards.ledger import standing
from rewards.money import WHOLE
from rewards.terms import Terms


@dataclass(slots=True)
class Figures:
    """The sums of one cascade, or of all; amounts in minor units.

    ``visits`` are the verified ones, ``credited_visits`` those that the budget had room for.
    ``payout_minor`` is what everybody can take, each rounded down; ``roots_minor`` is the part of
    it that belongs to who began.
    """

    name: str
    participants: int = 0
    depth: int = 0
    visits: int = 0
    credited_visits: int = 0
    orders: int = 0
    credit_minor: int = 0
    payout_minor: int = 0
    roots_minor: int = 0

    @property
    def payout_per_credit(self) -> int | None:
        """Payout / credit in ten-thousandths, rounded down; None without any credit."""
        return ratio_rounded_down(self.payout_minor, self.credit_minor)

    @property
    def roots_per_payout(self) -> int | None:
        """The share of those who began in the payout, in ten-thousandths, rounded down."""
        return ratio_rounded_down(self.roots_minor, self.payout_minor)

    def add(self, terms: Terms, node: Participant) -> None:
        """Add one participant."""
        payout = standing(terms, node).vested
        self.participants += 1
        self.depth = max(self.depth, node.depth)
        self.credited_visits += node.vest.visits
        self.orders += node.vest.orders
        self.credit_minor += node.vest.credit
        self.payout_minor += payout
        if node.parent is None:
            self.visits += node.reach  # of the whole tree
            self.roots_minor += payout

    def join(self, other: "Figures") -> None:
        """Add the sums of a cascade."""
        self.participants += other.participants
        self.depth = max(self.depth, other.depth)
        self.visits += other.visits
        self.credited_visits += other.credited_visits
        self.orders += other.orders
        self.credit_minor += other.credit_minor
        self.payout_minor += other.payout_minor
        self.roots_minor += other.roots_minor


def ratio_rounded_down(part: int, whole: int) -> int | None:
    """Return part / whole in ten-thousandths, rounded down; None when there is no whole."""
    return part * WHOLE // whole if whole else None


def total(parts: Iterable[Figures]) -> Figures:
    """Return the sum of cascades."""
    everything = Figures("total")
    for part in parts:
        everything.join(part)
    return everything
