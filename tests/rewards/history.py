"""Random terms, forests and histories, for the properties that must hold whatever they are.

A history is a list of steps, each a kind and two numbers; ``World.step`` reads any such step as
something that can happen at that moment, so every random list is a valid life of an offer.
"""

from copy import deepcopy

from hypothesis import settings
from hypothesis import strategies as st

from rewards import grants
from rewards.engine import apply
from rewards.facts import (
    BudgetRaised,
    Fact,
    Granted,
    GrantReturned,
    Joined,
    Order,
    OrderPlaced,
    OrderReversed,
    OrderVested,
    Redeemed,
    RedemptionRolledBack,
    ReturnReason,
    VisitRemoved,
    VisitVerified,
    VisitVested,
)
from rewards.forest import DEPTH_MAX, Forest, Totals, payable_minor
from rewards.recompute import Count, from_counts
from rewards.terms import Terms

UNLIMITED_MINOR = 10**12
WEIGHTS = (10_000, 5_000, 3_333)
KINDS = (
    *("join", "join", "order", "order", "order", "vest", "vest", "refund", "refund"),
    *("visit", "visit", "vest_visit", "lose"),
    *("take", "take", "redeem", "roll_back", "give_back", "budget"),
)


def at_least(cases: int) -> settings:
    """Try a property in this many cases, or in more if the profile says so."""
    return settings(max_examples=max(cases, settings().max_examples))


@st.composite
def any_terms(draw) -> Terms:
    """One to six bands: small thresholds and any rates, so that small orders cross every band."""
    widths = draw(st.lists(st.integers(1, 300), max_size=5))
    rates = sorted(draw(st.lists(st.integers(0, 9_999), min_size=len(widths), max_size=5)))
    rates = rates[: len(widths)]
    last = draw(st.integers(max([1, *rates]), 9_999))
    return Terms(
        currency="EUR",
        average_order_minor=100,
        thresholds_minor=tuple(sum(widths[:n]) for n in range(len(widths) + 1)),
        rates_basis_points=(*rates, last),
        visit_credit_minor=draw(st.integers(0, 30)),
        visit_share_basis_points=draw(st.integers(0, 10_000)),
        min_grant_minor=draw(st.integers(1, 20)),
    )


@st.composite
def any_counts(
    draw, *, size_max: int = 10, grants: bool = False, deepest: int = DEPTH_MAX
) -> list[Count]:
    """Draw a forest by what was counted: everything vested, parents before children.

    Some forests begin with a chain, so that a branch may hang as deep as is allowed.
    """
    counts = chain_of_counts(
        draw(st.sampled_from((0, 0, 0, 6, DEPTH_MAX))), draw(st.integers(0, 9))
    )
    first = len(counts) + 1
    for id_ in range(first, first + draw(st.integers(1, size_max))):
        parent = draw(st.integers(0, min(id_ - 1, DEPTH_MAX))) or None
        value, visits = draw(st.integers(0, 500)), draw(st.integers(0, 20))
        granted = draw(st.integers(0, 100)) if grants else 0
        counts.append(
            Count(
                id_,
                parent,
                value=value,
                visits=visits,
                vested_value=value,
                vested_visits=visits,
                granted_minor=granted,
            )
        )
    return counts


def chain_of_counts(length: int, value: int) -> list[Count]:
    """Return a chain of participants, every third with some orders and visits."""
    return [
        Count(
            id_,
            id_ - 1 or None,
            value=(own := value * 7 if id_ % 3 == 0 else 0),
            visits=value,
            vested_value=own,
            vested_visits=value,
        )
        for id_ in range(1, length + 1)
    ]


def _with_a_chain(length: int, rest: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return [("chain", 0, length), *rest] if length else rest


steps = st.builds(
    _with_a_chain,
    st.sampled_from((0, 0, 0, 6, DEPTH_MAX)),
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(0, 70),
            st.integers(1, 600),
        ),
        max_size=40,
    ),
)
"""Histories; some begin with a chain of participants as deep as is allowed."""


class World:
    """A whole forest, the state of all orders and visits, and everything that happened."""

    def __init__(self, terms: Terms, budget_minor: int = UNLIMITED_MINOR):
        self.terms = terms
        self.budget_minor = budget_minor
        self.forest = Forest(terms, Totals(budget_minor))
        self.orders: list[tuple[int, Order]] = []
        self.visits: list[tuple[int, bool, bool]] = []
        self.facts: list[Fact] = []
        self.transfers = []
        self.happen(Joined, 1, None)

    def happen(self, kind: type[Fact], *args, **kwargs):
        fact = kind(f"event-{len(self.facts)}", *args, **kwargs)
        decision = apply(self.forest, fact)
        self.facts.append(fact)
        self.transfers += decision.transfers
        return decision

    def fact(self, kind: str, which: int, amount: int) -> Fact | None:
        """Return the next fact that a step means, or None if nothing like it can happen now."""
        event, people = f"event-{len(self.facts)}", len(self.forest.participants)
        match kind:
            case "join" | "chain":
                return Joined(event, people + 1, which % (people + 1) or None)
            case "order":
                weight = WEIGHTS[which % len(WEIGHTS)]
                return OrderPlaced(event, which % people + 1, amount, weight)
            case "vest" | "refund" if self.orders:
                return self._order_fact(kind, event, which, amount)
            case "visit":
                return VisitVerified(event, which % people + 1)
            case "vest_visit" | "lose" if self.visits:
                return self._visit_fact(kind, event, which)
        return self._money_fact(kind, event, which % people + 1, amount)

    def _order_fact(self, kind: str, event: str, which: int, amount: int) -> Fact | None:
        who, order = self.orders[which % len(self.orders)]
        if order.refunded_whole:
            return None
        if kind == "refund":
            left = order.net_minor - order.refunded_minor
            return OrderReversed(event, who, order, min(left, amount))
        return None if order.vested else OrderVested(event, who, order)

    def _visit_fact(self, kind: str, event: str, which: int) -> Fact | None:
        who, credited, vested = self.visits[which % len(self.visits)]
        if kind == "lose":
            return VisitRemoved(event, who, vested=vested, credited=credited)
        return None if vested else VisitVested(event, who, credited=credited)

    def _money_fact(self, kind: str, event: str, who: int, amount: int) -> Fact | None:
        node = self.forest.participants[who]
        payable, out = payable_minor(self.terms, node), grants.redeemable_minor(node)
        match kind:
            case "take" if payable > 0:
                # Most take nearly all, so that later refunds make debt.
                return Granted(event, who, max(1, payable - amount // 100))
            case "redeem" if out:
                return Redeemed(event, who, min(out, amount))
            case "roll_back" if node.redeemed_minor:
                return RedemptionRolledBack(event, who, min(node.redeemed_minor, amount))
            case "give_back" if out:
                return GrantReturned(event, who, min(out, amount), ReturnReason.EXPIRED)
            case "budget":
                return BudgetRaised(event, amount)
        return None

    def step(self, step: tuple[str, int, int]):
        """Play a step and return its decision, or None if there was none to play."""
        if step[0] == "chain":
            for _ in range(step[2]):
                self.happen(
                    Joined, len(self.forest.participants) + 1, len(self.forest.participants)
                )
            return None
        fact = self.fact(*step)
        return None if fact is None else self.play(fact)

    def play(self, fact: Fact):
        """Apply a fact and remember what became of the order or visit."""
        decision = apply(self.forest, fact)
        self.facts.append(fact)
        self.transfers += decision.transfers
        match fact:
            case OrderPlaced():
                self.orders.append((fact.participant, decision.order))
            case OrderVested() | OrderReversed():
                self.orders.remove((fact.participant, fact.order))
                self.orders.append((fact.participant, decision.order))
            case VisitVerified():
                self.visits.append((fact.participant, decision.credited, False))
            case VisitVested():
                self.visits.remove((fact.participant, fact.credited, False))
                self.visits.append((fact.participant, fact.credited, True))
            case VisitRemoved():
                self.visits.remove((fact.participant, fact.credited, fact.vested))
        return decision


def play(terms: Terms, history, budget_minor: int = UNLIMITED_MINOR) -> World:
    """Play a history from the beginning."""
    world = World(terms, budget_minor)
    for step in history:
        world.step(step)
    return world


def state(forest: Forest):
    """Return a copy of everything that a forest knows."""
    return deepcopy((forest.totals, forest.participants))


def vested_forest(terms: Terms, counts: list[Count]) -> Forest:
    """Build the forest of ``any_counts``."""
    return from_counts(terms, UNLIMITED_MINOR, counts)
