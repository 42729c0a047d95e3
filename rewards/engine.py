"""The one entrance: ``apply(forest, fact)`` changes the forest and says what it decided.

Each rule below is one kind of fact.  A refusal comes back as a decision with a reason and changes
nothing; a caller's mistake is raised before anything is changed.  The ledger transfers are not made
by the rules: they follow from everybody's whole minor units before and after.
"""

from dataclasses import dataclass, replace
from functools import singledispatch

from rewards import budget, grants
from rewards.decision import Decision, Reason
from rewards.errors import (
    AlreadyVested,
    MoreThanGranted,
    NeverCredited,
    NothingToVest,
    RefundTooLarge,
)
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
    VisitRemoved,
    VisitVerified,
    VisitVested,
    weighted_minor,
)
from rewards.forest import Change, Forest, Layer
from rewards.ledger import Entry, Transfer, standing, transfers_between

__all__ = ["Decision", "Reason", "apply"]

_REASONS: dict[type[Fact], str] = {
    VisitVerified: "visit_verified",
    VisitVested: "visit_vested",
    VisitRemoved: "visit_removed",
    OrderPlaced: "order_placed",
    OrderVested: "order_vested",
    OrderReversed: "order_reversed",
    Granted: "granted",
    Redeemed: "redeemed",
    RedemptionRolledBack: "redemption_rolled_back",
}
"""What the ledger gives as the reason of a transfer; a returned grant brings its own."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a rule decided, before the ledger is written."""

    reason: Reason | None = None
    order: Order | None = None
    credited: bool = False


def apply(forest: Forest, fact: Fact) -> Decision:
    """Apply one fact to the forest, in place, and return the decision.

    O(depth).  The forest needs to hold only the path from the fact's participant to the root.

    Raises:
        UnknownParticipant: the participant or a parent is not in this forest.
        AlreadyJoined: the participant joins twice.
        RefundTooLarge: more is refunded than is left of the order.
        AlreadyVested: the order has vested.
        NothingToVest: all of the order was refunded.
        NeverCredited: what vests or is taken back was never credited.
        MoreThanGranted: more is redeemed, returned or rolled back than is there.
    """
    if isinstance(fact, Joined | BudgetRaised):
        outcome = _rule(fact, forest)
        return Decision(fact, outcome.reason)
    path = forest.path(fact.participant)
    before = [standing(forest.terms, node) for node in path]
    outcome = _rule(fact, forest)
    reason = fact.reason if isinstance(fact, GrantReturned) else _REASONS[type(fact)]
    entry = Entry(fact.event_id, reason, getattr(fact, "undoes", None))
    transfers: list[Transfer] = []
    for node, earlier in zip(path, before, strict=True):
        transfers += transfers_between(node.id, earlier, standing(forest.terms, node), entry)
    return Decision(fact, outcome.reason, outcome.order, outcome.credited, tuple(transfers))


@singledispatch
def _rule(fact: Fact, forest: Forest) -> _Outcome:
    """Change the forest as the fact's kind demands; the rules follow in the order of a life."""
    raise NotImplementedError(fact, forest)


@_rule.register
def _joined(fact: Joined, forest: Forest) -> _Outcome:
    node = forest.join(fact.participant, fact.parent)
    return _Outcome(None if node.parent == fact.parent else Reason.DEPTH_CAPPED)


@_rule.register
def _visit_verified(fact: VisitVerified, forest: Forest) -> _Outcome:
    fits = budget.visit_fits(forest, fact.participant)
    if fits:
        forest.add(fact.participant, Change(visits=1), Layer.POT)
    forest.see(fact.participant, 1)
    return _Outcome(None if fits else Reason.BUDGET_SPENT, credited=fits)


@_rule.register
def _visit_vested(fact: VisitVested, forest: Forest) -> _Outcome:
    if fact.credited:
        forest.add(fact.participant, Change(visits=1), Layer.VEST)
    return _Outcome(credited=fact.credited)


@_rule.register
def _visit_removed(fact: VisitRemoved, forest: Forest) -> _Outcome:
    if forest.participants[fact.participant].reach < 1:
        raise NeverCredited(fact.participant, "visits")
    if fact.credited:
        forest.add(fact.participant, Change(visits=-1), *_layers(vested=fact.vested))
    forest.see(fact.participant, -1)
    return _Outcome()


@_rule.register
def _order_placed(fact: OrderPlaced, forest: Forest) -> _Outcome:
    worth = weighted_minor(fact.net_minor, fact.weight_basis_points)
    credited = budget.admitted_value(forest, fact.participant, worth)
    forest.add(fact.participant, Change(value=credited, orders=1), Layer.POT)
    reason = None
    if credited < worth:
        reason = Reason.BUDGET_PARTLY if credited else Reason.BUDGET_SPENT
    return _Outcome(reason, Order(fact.net_minor, fact.weight_basis_points, credited))


@_rule.register
def _order_vested(fact: OrderVested, forest: Forest) -> _Outcome:
    order = fact.order
    if order.vested:
        raise AlreadyVested
    if order.refunded_whole:
        raise NothingToVest
    forest.add(fact.participant, Change(value=order.credited_minor, orders=1), Layer.VEST)
    return _Outcome(order=replace(order, vested=True))


@_rule.register
def _order_reversed(fact: OrderReversed, forest: Forest) -> _Outcome:
    """Lower the credit to what the rest of the order is worth, so partial refunds commute."""
    order, left = fact.order, fact.order.net_minor - fact.order.refunded_minor
    if fact.refund_minor > left:
        raise RefundTooLarge(fact.refund_minor, left)
    refunded = order.refunded_minor + fact.refund_minor
    worth = weighted_minor(order.net_minor - refunded, order.weight_basis_points)
    after = replace(order, refunded_minor=refunded, credited_minor=min(order.credited_minor, worth))
    change = Change(
        value=after.credited_minor - order.credited_minor,
        orders=-1 if after.refunded_whole else 0,
    )
    forest.add(fact.participant, change, *_layers(vested=order.vested))
    return _Outcome(order=after)


@_rule.register
def _granted(fact: Granted, forest: Forest) -> _Outcome:
    node = forest.participants[fact.participant]
    reason = grants.refusal(forest.terms, node, fact.value_minor)
    if reason is None:
        forest.grant(fact.participant, fact.value_minor)
    return _Outcome(reason)


@_rule.register
def _grant_returned(fact: GrantReturned, forest: Forest) -> _Outcome:
    _check_there(fact, grants.redeemable_minor(forest.participants[fact.participant]))
    forest.grant(fact.participant, -fact.value_minor)
    return _Outcome()


@_rule.register
def _redeemed(fact: Redeemed, forest: Forest) -> _Outcome:
    node = forest.participants[fact.participant]
    _check_there(fact, grants.redeemable_minor(node))
    node.redeemed_minor += fact.value_minor
    forest.changed.add(node.id)
    return _Outcome()


@_rule.register
def _redemption_rolled_back(fact: RedemptionRolledBack, forest: Forest) -> _Outcome:
    node = forest.participants[fact.participant]
    _check_there(fact, node.redeemed_minor)
    node.redeemed_minor -= fact.value_minor
    forest.changed.add(node.id)
    return _Outcome()


@_rule.register
def _budget_raised(fact: BudgetRaised, forest: Forest) -> _Outcome:
    if fact.budget_minor < budget.liability_minor_rounded_up(forest.totals):
        return _Outcome(Reason.BUDGET_BELOW_LIABILITY)
    forest.totals.budget_minor = fact.budget_minor
    return _Outcome()


def _check_there(fact: GrantReturned | Redeemed | RedemptionRolledBack, there_minor: int) -> None:
    """Refuse to move more than is there."""
    if fact.value_minor > there_minor:
        raise MoreThanGranted(fact.participant, fact.value_minor, there_minor)


def _layers(*, vested: bool) -> tuple[Layer, ...]:
    """Return the layers in which something counts."""
    return (Layer.POT, Layer.VEST) if vested else (Layer.POT,)
