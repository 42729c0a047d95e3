"""A line-by-line notation for the life of one offer.

Clauses stand on lines of their own or are separated by two or more spaces; a clause without a name
goes on about the person before it::

    budget 100.00
    Ann joins
    Bob joins by Ann    orders 120.00    vests    takes 5.00
    Ann earns 4.80      Bob payable 0.00

What happens: ``joins [by]``, ``orders [from a returning customer]``, ``visits``, ``loses visits``,
``refunds`` (of the last order), ``vests`` (all that is pending), ``takes``, ``redeems``,
``rolls back``, ``returns``, ``budget``.  What must be so: ``earns``, ``pending``, ``payable``,
``reach``, ``counts`` (credit of the last order), ``remaining``, ``debt``, and ``but`` with a reason
after everything that does not count in full.  After every clause the ledger must be right and the
state must equal a recomputation.
"""

import re

from rewards import budget
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
from rewards.forest import Forest, Totals, payable_minor
from rewards.ledger import Transfer, balances, check, standing
from rewards.money import WHOLE, Money, text
from rewards.recompute import differences, from_scratch
from rewards.terms import Terms, default_terms

DEFAULT_TERMS = default_terms(currency="EUR", average_order_minor=6000)
UNLIMITED_MINOR = 10**12


def tell(terms: Terms, story: str) -> "Story":
    """Play a story and compare it with what it says."""
    told = Story(terms)
    for number, line in enumerate(story.splitlines(), start=1):
        for clause in filter(None, re.split(r"\s{2,}(?=[A-Za-z])", line.strip())):
            try:
                told.clause(clause)
            except AssertionError as error:
                error.add_note(f"in line {number}: {line.strip()}")
                raise
    told.nothing_unsaid("the end")
    return told


class Story:
    """An offer with named people, everything that happened, and the last decision."""

    def __init__(self, terms: Terms):
        self.forest = Forest(terms, Totals(UNLIMITED_MINOR))
        self.facts: list[Fact] = []
        self.transfers: list[Transfer] = []
        self.ids: dict[str, int] = {}
        self.orders: dict[str, list[Order]] = {}
        self.visits: dict[str, list[tuple[bool, bool]]] = {}
        self.name = ""
        self.reason: str | None = None

    def clause(self, clause: str) -> None:
        """Play one clause."""
        if clause.startswith("but "):
            assert clause.removeprefix("but ") == self.reason
            self.reason = None
            return
        self.nothing_unsaid(clause)
        if match := re.match(r"([A-Z][a-z]+) +", clause):
            self.name, clause = match[1], clause[match.end() :]
        verb, rest = re.fullmatch(r"(loses visits|rolls back|\w+) *(.*)", clause).groups()
        getattr(self, "on_" + verb.replace(" ", "_"))(rest)
        self.nothing_wrong()

    def nothing_unsaid(self, clause: str) -> None:
        assert self.reason is None, f"{self.reason} should be said before {clause!r}"

    def nothing_wrong(self) -> None:
        """Check the ledger and the state after a clause."""
        assert check(self.forest, balances(self.transfers)) == []
        scratch = from_scratch(self.forest.terms, UNLIMITED_MINOR, self.facts)
        assert differences(self.forest, scratch) == []

    def happen(self, kind: type[Fact], *args, **kwargs):
        fact = kind(f"event-{len(self.facts)}", *args, **kwargs)
        decision = apply(self.forest, fact)
        self.facts.append(fact)
        self.transfers += decision.transfers
        self.reason = decision.reason
        return decision

    @property
    def id(self) -> int:
        return self.ids[self.name]

    @property
    def person(self):
        return self.forest.participants[self.id]

    def amount(self, written: str) -> int:
        return Money.parse(written, self.forest.terms.currency).minor

    def same(self, minor: int, written: str) -> None:
        assert text(minor, self.forest.terms.currency) == written

    # What happens.

    def on_joins(self, by: str) -> None:
        parent = self.ids[by.removeprefix("by ")] if by else None
        self.ids[self.name] = len(self.ids) + 1
        self.orders[self.name], self.visits[self.name] = [], []
        self.happen(Joined, self.id, parent)

    def on_orders(self, rest: str) -> None:
        amount, _, whose = rest.partition(" ")
        terms = self.forest.terms
        weight = terms.returning_weight_basis_points if whose else terms.new_weight_basis_points
        decision = self.happen(OrderPlaced, self.id, self.amount(amount), weight)
        self.orders[self.name].append(decision.order)

    def on_refunds(self, amount: str) -> None:
        order = self.orders[self.name].pop()
        decision = self.happen(OrderReversed, self.id, order, self.amount(amount))
        self.orders[self.name].append(decision.order)

    def on_visits(self, count: str) -> None:
        reasons = []
        for _ in range(int(count)):
            decision = self.happen(VisitVerified, self.id)
            self.visits[self.name].append((decision.credited, False))
            reasons.append(decision.reason)
        self.reason = next(filter(None, reasons), None)

    def on_loses_visits(self, count: str) -> None:
        for _ in range(int(count)):
            credited, vested = self.visits[self.name].pop()
            self.happen(VisitRemoved, self.id, vested=vested, credited=credited)

    def on_vests(self, _: str) -> None:
        for position, order in enumerate(self.orders[self.name]):
            if not order.vested and not order.refunded_whole:
                decision = self.happen(OrderVested, self.id, order)
                self.orders[self.name][position] = decision.order
        for position, (credited, vested) in enumerate(self.visits[self.name]):
            if not vested:
                self.happen(VisitVested, self.id, credited=credited)
                self.visits[self.name][position] = (credited, True)

    def on_takes(self, amount: str) -> None:
        self.happen(Granted, self.id, self.amount(amount))

    def on_redeems(self, amount: str) -> None:
        self.happen(Redeemed, self.id, self.amount(amount))

    def on_rolls_back(self, amount: str) -> None:
        self.happen(RedemptionRolledBack, self.id, self.amount(amount))

    def on_returns(self, amount: str) -> None:
        self.happen(GrantReturned, self.id, self.amount(amount), ReturnReason.EXPIRED)

    def on_budget(self, amount: str) -> None:
        self.happen(BudgetRaised, self.amount(amount))

    # What must be so.

    def on_earns(self, amount: str) -> None:
        self.same(standing(self.forest.terms, self.person).earned, amount)

    def on_pending(self, amount: str) -> None:
        now = standing(self.forest.terms, self.person)
        self.same(now.earned - now.vested, amount)

    def on_payable(self, amount: str) -> None:
        self.same(payable_minor(self.forest.terms, self.person), amount)

    def on_reach(self, visits: str) -> None:
        assert self.person.reach == int(visits)

    def on_counts(self, amount: str) -> None:
        self.same(self.orders[self.name][-1].credited_minor, amount)

    def on_remaining(self, amount: str) -> None:
        self.same(budget.remaining_minor_rounded_down(self.forest.totals), amount)

    def on_debt(self, amount: str) -> None:
        self.same(self.forest.totals.debt // WHOLE, amount)
