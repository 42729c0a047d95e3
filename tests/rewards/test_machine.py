"""The engine driven as the server drives it: rows in, one path of them changed, rows out.

``Server`` keeps the offer as a database would: a row for each participant, one for the totals, one
for each order, visit and code, and the ledger.  Every rule loads a copy of the path from one
participant to the root, applies one fact to it and writes back the rows that it says changed.  What
must hold is checked after every rule on all rows together, against counts that only the machine
keeps.
"""

from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from rewards.budget import liability
from rewards.decision import Decision
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
from rewards.forest import DEPTH_MAX, Forest, Participant, Totals
from rewards.ledger import balances, check
from rewards.money import WHOLE
from rewards.recompute import Count, differences, from_counts
from tests.rewards.history import UNLIMITED_MINOR, WEIGHTS, any_terms

whos, amounts = st.integers(0, 200), st.integers(1, 600)


@dataclass
class OrderRow:
    """One order, as its table keeps it."""

    participant: int
    order: Order


@dataclass
class VisitRow:
    """One verified visit."""

    participant: int
    credited: bool
    vested: bool = False
    removed: bool = False


@dataclass
class CodeRow:
    """One discount code."""

    participant: int
    value_minor: int
    redeemed_minor: int = 0
    ended: bool = False


class Server(RuleBasedStateMachine):
    """What may happen to one offer, in any order."""

    orders, visits, codes = Bundle("orders"), Bundle("visits"), Bundle("codes")

    @initialize(terms=any_terms(), budget=st.integers(0, 400) | st.just(UNLIMITED_MINOR))
    def publish(self, terms, budget):
        self.terms = terms
        self.totals = Totals(budget)
        self.rows: dict[int, Participant] = {}
        self.order_rows: list[OrderRow] = []
        self.visit_rows: list[VisitRow] = []
        self.code_rows: list[CodeRow] = []
        self.transfers = []
        self.events = 0
        self.joins(0)

    def opens(self, path_of: int | None) -> Forest:
        """Load copies of the rows from a participant up to the root."""
        path, above = [], path_of
        while above is not None:
            row = self.rows[above]
            path.append(replace(row, pot=replace(row.pot), vest=replace(row.vest)))
            above = row.parent
        return Forest(self.terms, replace(self.totals), path)

    def decides(self, forest: Forest, kind: type[Fact], *args, **kwargs) -> Decision:
        self.events += 1
        decision = apply(forest, kind(f"event-{self.events}", *args, **kwargs))
        self.transfers += decision.transfers
        return decision

    def saves(self, forest: Forest) -> None:
        """Write back what the forest says changed, and the totals."""
        for id_ in forest.changed:
            self.rows[id_] = forest.participants[id_]
        self.totals = forest.totals

    def happens(self, kind: type[Fact], *args, path_of: int | None = None, **kwargs) -> Decision:
        """Load a path, apply a fact, write back what changed: one transaction."""
        forest = self.opens(path_of)
        decision = self.decides(forest, kind, *args, **kwargs)
        assert not (decision.refused and forest.changed)
        self.saves(forest)
        return decision

    def about(self, kind: type[Fact], who: int, *args, **kwargs) -> Decision:
        return self.happens(kind, who, *args, path_of=who, **kwargs)

    def somebody(self, who: int) -> int:
        return who % len(self.rows) + 1

    @rule(who=whos)
    def joins(self, who):
        parent = who % (len(self.rows) + 1) or None
        self.happens(Joined, len(self.rows) + 1, parent, path_of=parent)

    @precondition(lambda self: len(self.rows) < DEPTH_MAX)
    @rule(who=whos, length=st.sampled_from((3, 3, 3, DEPTH_MAX + 2)))
    def a_chain_joins(self, who, length):
        """Several facts in one transaction, the last of them deeper than is allowed."""
        above = self.somebody(who)
        forest = self.opens(above)
        for new in range(len(self.rows) + 1, len(self.rows) + 1 + length):
            self.decides(forest, Joined, new, above)
            above = new
        self.saves(forest)

    @rule(target=orders, who=whos, net=amounts, weight=st.sampled_from(WEIGHTS))
    def an_order_is_placed(self, who, net, weight):
        who = self.somebody(who)
        row = OrderRow(who, self.about(OrderPlaced, who, net, weight).order)
        self.order_rows.append(row)
        return row

    @rule(row=orders)
    def an_order_vests(self, row):
        if not row.order.vested and not row.order.refunded_whole:
            row.order = self.about(OrderVested, row.participant, row.order).order

    @rule(row=orders, refund=amounts, whole=st.booleans())
    def an_order_is_refunded(self, row, refund, whole):
        left = row.order.net_minor - row.order.refunded_minor
        if left:
            refund = left if whole else min(left, refund)
            row.order = self.about(OrderReversed, row.participant, row.order, refund).order

    @rule(target=visits, who=whos)
    def a_visit_is_verified(self, who):
        who = self.somebody(who)
        row = VisitRow(who, self.about(VisitVerified, who).credited)
        self.visit_rows.append(row)
        return row

    @rule(row=visits)
    def a_visit_vests(self, row):
        if not row.vested and not row.removed:
            self.about(VisitVested, row.participant, credited=row.credited)
            row.vested = True

    @rule(row=visits)
    def a_visit_is_removed(self, row):
        if not row.removed:
            self.about(VisitRemoved, row.participant, vested=row.vested, credited=row.credited)
            row.removed = True

    @rule(target=codes, who=whos, value=amounts, all_of_it=st.booleans())
    def a_code_is_taken(self, who, value, all_of_it):
        who = self.somebody(who)
        payable = sum(
            t.amount_minor
            * ((str(t.credit) == f"payable:{who}") - (str(t.debit) == f"payable:{who}"))
            for t in self.transfers
        )
        value = max(1, payable) if all_of_it else value
        decision = self.about(Granted, who, value)
        assert decision.refused == (not self.terms.min_grant_minor <= value <= payable)
        row = CodeRow(who, 0 if decision.refused else value, ended=decision.refused)
        self.code_rows.append(row)
        return row

    @rule(row=codes, value=amounts)
    def a_code_is_redeemed(self, row, value):
        out = row.value_minor - row.redeemed_minor
        if out and not row.ended:
            self.about(Redeemed, row.participant, min(out, value))
            row.redeemed_minor += min(out, value)

    @rule(row=codes, value=amounts)
    def a_redemption_is_rolled_back(self, row, value):
        if row.redeemed_minor and not row.ended:
            value = min(row.redeemed_minor, value)
            self.about(RedemptionRolledBack, row.participant, value)
            row.redeemed_minor -= value

    @rule(row=codes, reason=st.sampled_from(ReturnReason))
    def a_code_ends(self, row, reason):
        unused = row.value_minor - row.redeemed_minor
        if unused and not row.ended:
            self.about(GrantReturned, row.participant, unused, reason)
            row.value_minor, row.ended = row.redeemed_minor, True

    @rule(budget=st.integers(0, 900))
    def the_budget_is_set(self, budget):
        promised = liability(self.totals)
        assert self.happens(BudgetRaised, budget).refused == (promised > budget * WHOLE)

    @invariant()
    def the_budget_holds(self):
        assert 0 <= liability(self.totals) <= self.totals.budget_minor * WHOLE
        granted = sum(row.granted_minor for row in self.rows.values())
        assert granted <= self.totals.budget_minor

    @invariant()
    def the_ledger_is_right(self):
        whole = Forest(self.terms, self.totals, self.rows.values())
        assert check(whole, balances(self.transfers)) == []

    @invariant()
    def the_rows_are_what_a_recomputation_says(self):
        whole = Forest(self.terms, self.totals, self.rows.values())
        expected = from_counts(self.terms, self.totals.budget_minor, self.counts())
        assert differences(whole, expected) == []

    def counts(self) -> list[Count]:
        """Count everything from the rows of orders, visits and codes alone."""
        counts = {
            row.id: Count(row.id, row.parent)
            for row in sorted(self.rows.values(), key=lambda row: row.depth)
        }
        for one in self.order_rows:
            count, order = counts[one.participant], one.order
            count.value += order.credited_minor
            count.orders += not order.refunded_whole
            if order.vested:
                count.vested_value += order.credited_minor
                count.vested_orders += not order.refunded_whole
        for visit in self.visit_rows:
            count, there = counts[visit.participant], not visit.removed
            count.verified_visits += there
            count.visits += there and visit.credited
            count.vested_visits += there and visit.credited and visit.vested
        for code in self.code_rows:
            counts[code.participant].granted_minor += code.value_minor
            counts[code.participant].redeemed_minor += code.redeemed_minor
        return list(counts.values())


class TestServer(Server.TestCase):
    settings = settings(max_examples=30, stateful_step_count=30)
