"""What terms would have paid on a history that really happened.

A history is a list of events in the order in which they happened.  They are played through the same
``engine.apply`` as live traffic, budget included; at the end everything that was not refunded has
vested.  Names of participants and references of orders are the brand's own.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import singledispatchmethod

from rewards import budget
from rewards.decision import Decision, Reason
from rewards.engine import apply
from rewards.errors import HistoryBroken, RewardsError
from rewards.facts import (
    Joined,
    Order,
    OrderPlaced,
    OrderReversed,
    OrderVested,
    VisitVerified,
    VisitVested,
)
from rewards.forest import Forest, Participant, Totals, payable_minor
from rewards.money import LARGEST_MINOR
from rewards.terms import Terms


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody shares for the first time, brought by ``parent`` or by nobody."""

    line: int
    participant: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Visits:
    """So many verified unique visits came through somebody's link."""

    line: int
    participant: str
    number: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order was made through somebody's link."""

    line: int
    participant: str
    order: str
    net_minor: int
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """An order was refunded, by an amount or, without one, by all that is left."""

    line: int
    order: str
    amount_minor: int | None = None


Event = Join | Visits | Purchase | Refund
"""``line`` says where the event stands in its source; a contradiction names it."""


@dataclass(frozen=True, slots=True)
class Earner:
    """One participant in the end; amounts in minor units, after refunds.

    ``generation`` is 0 for those whom nobody brought.  ``payout_minor`` is rounded down.
    """

    name: str
    brought_by: str | None
    generation: int
    net_minor: int
    orders: int
    visits: int
    credit_minor: int
    branch_credit_minor: int
    payout_minor: int


@dataclass(frozen=True, slots=True)
class Moment:
    """After an order or a refund: net sales so far, and what they earned together (in parts)."""

    net_minor: int
    payout: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What these terms would have paid; ``cut`` counts what did not count in full, by reason."""

    terms: Terms
    budget_minor: int
    remaining_minor: int
    earners: tuple[Earner, ...]
    curve: tuple[Moment, ...]
    refunds: int
    cut: dict[Reason, int]

    @property
    def net_minor(self) -> int:
        """Net sales through links, after refunds."""
        return sum(earner.net_minor for earner in self.earners)

    @property
    def credit_minor(self) -> int:
        """What counted: weighted, with the bonus for visits, within the budget."""
        return sum(earner.credit_minor for earner in self.earners)

    @property
    def payout_minor(self) -> int:
        """What everybody together could take."""
        return sum(earner.payout_minor for earner in self.earners)


def backtest(
    history: Iterable[Event],
    terms: Terms,
    *,
    budget_minor: int = LARGEST_MINOR,
    progress: Callable[[], object] = lambda: None,
) -> Backtest:
    """Play a history under these terms; ``progress`` is called once for each event.

    Raises:
        HistoryBroken: an event contradicts what happened before; the text begins with its line.
    """
    past = _Past(Forest(terms, Totals(budget_minor)))
    for event in history:
        try:
            past.play(event)
        except RewardsError as error:
            msg = f"Line {event.line}: {error}"
            raise HistoryBroken(msg) from error
        progress()
    past.vest()
    return Backtest(
        terms=terms,
        budget_minor=budget_minor,
        remaining_minor=budget.remaining_minor_rounded_down(past.forest.totals),
        earners=tuple(past.earner(name) for name in past.ids),
        curve=tuple(past.curve),
        refunds=past.refunds,
        cut=dict(past.cut),
    )


@dataclass(slots=True)
class _Past:
    """The forest so far, with the brand's names."""

    forest: Forest
    ids: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    net: Counter[int] = field(default_factory=Counter)
    orders: dict[str, tuple[int, Order]] = field(default_factory=dict)
    visits: Counter[int] = field(default_factory=Counter)
    curve: list[Moment] = field(default_factory=lambda: [Moment(0, 0)])
    net_minor: int = 0
    refunds: int = 0
    cut: Counter[Reason] = field(default_factory=Counter)

    @singledispatchmethod
    def play(self, event: Event) -> None:
        """Turn an event into facts, and apply them."""
        raise NotImplementedError(event)

    @play.register
    def _join(self, event: Join) -> None:
        if event.participant in self.ids:
            msg = f"{event.participant} has joined before, and nobody joins twice."
            raise HistoryBroken(msg)
        parent = None if event.parent is None else self._id(event.parent)
        self.ids[event.participant] = len(self.ids) + 1
        self.names.append(event.participant)
        self._happen(apply(self.forest, Joined("", len(self.ids), parent)))

    @play.register
    def _visits(self, event: Visits) -> None:
        who = self._id(event.participant)
        for _ in range(event.number):
            decision = self._happen(apply(self.forest, VisitVerified("", who)))
            self.visits[who] += decision.credited

    @play.register
    def _purchase(self, event: Purchase) -> None:
        who, terms = self._id(event.participant), self.forest.terms
        if event.order in self.orders:
            msg = f"There is an order {event.order} already; give every order its own reference."
            raise HistoryBroken(msg)
        weight = (
            terms.returning_weight_basis_points
            if event.returning
            else terms.new_weight_basis_points
        )
        fact = OrderPlaced("", who, event.net_minor, weight)
        self._remember(event.order, who, self._happen(apply(self.forest, fact)), event.net_minor)

    @play.register
    def _refund(self, event: Refund) -> None:
        if event.order not in self.orders:
            msg = f"There is no order {event.order} before this refund."
            raise HistoryBroken(msg)
        who, order = self.orders[event.order]
        left = order.net_minor - order.refunded_minor
        if left == 0:
            msg = f"All of order {event.order} was refunded before."
            raise HistoryBroken(msg)
        amount = left if event.amount_minor is None else event.amount_minor
        decision = apply(self.forest, OrderReversed("", who, order, amount))
        self._remember(event.order, who, decision, -amount)
        self.refunds += 1

    def vest(self) -> None:
        """Let everything vest that is left."""
        for who, order in self.orders.values():
            if not order.refunded_whole:
                apply(self.forest, OrderVested("", who, order))
        for who, number in self.visits.items():
            for _ in range(number):
                apply(self.forest, VisitVested("", who))

    def earner(self, name: str) -> Earner:
        """Say what became of one participant."""
        node: Participant = self.forest.participants[self.ids[name]]
        return Earner(
            name=name,
            brought_by=None if node.parent is None else self.names[node.parent - 1],
            generation=node.depth,
            net_minor=self.net[node.id],
            orders=node.vest.orders,
            visits=node.vest.visits,
            credit_minor=node.vest.credit,
            branch_credit_minor=node.vest.branch_credit,
            payout_minor=payable_minor(self.forest.terms, node),
        )

    def _id(self, name: str) -> int:
        if name not in self.ids:
            msg = f"{name} has not joined before this; write a join for {name} first."
            raise HistoryBroken(msg)
        return self.ids[name]

    def _happen(self, decision: Decision) -> Decision:
        if decision.reason is not None:
            self.cut[decision.reason] += 1
        return decision

    def _remember(self, name: str, who: int, decision: Decision, change_minor: int) -> None:
        """Keep an order as it now stands, and draw the curve on."""
        assert decision.order is not None
        self.orders[name] = who, decision.order
        self.net[who] += change_minor
        self.net_minor += change_minor
        self.curve.append(Moment(self.net_minor, self.forest.totals.pot))
