"""What must hold whatever the terms, the forest and the history (docs/ENGINE.md §3)."""

from copy import deepcopy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rewards.budget import admitted_value, liability, remaining_minor_rounded_down, room
from rewards.engine import apply
from rewards.facts import (
    BudgetRaised,
    Order,
    OrderPlaced,
    OrderReversed,
    OrderVested,
    VisitRemoved,
    VisitVerified,
    VisitVested,
)
from rewards.forest import Forest, Layer, Participant, reward
from rewards.ledger import balances, check
from rewards.money import WHOLE
from rewards.recompute import Count, differences, from_counts, from_scratch
from tests.rewards.history import (
    UNLIMITED_MINOR,
    World,
    any_counts,
    any_terms,
    at_least,
    play,
    state,
    steps,
    vested_forest,
)
from tests.rewards.story import DEFAULT_TERMS

budgets = st.integers(0, 300) | st.just(UNLIMITED_MINOR)


def rewards_of(forest: Forest) -> dict[int, int]:
    return {id_: reward(forest.terms, node.pot) for id_, node in forest.participants.items()}


class TestBudget:
    @given(terms=any_terms(), history=steps, budget=budgets)
    def test_nothing_is_ever_promised_or_granted_beyond_the_budget(self, terms, history, budget):
        """Also when refunds come after grants: L + Debt = sum of max(R, granted) <= budget."""
        world = World(terms, budget)
        for step in history:
            world.step(step)
            forest, totals = world.forest, world.forest.totals
            earned = rewards_of(forest)
            everybody = forest.participants.values()
            granted = {node.id: node.granted_minor * WHOLE for node in everybody}
            assert liability(totals) == sum(max(earned[id_], granted[id_]) for id_ in earned)
            assert liability(totals) <= totals.budget_minor * WHOLE
            assert sum(granted.values()) <= totals.budget_minor * WHOLE

    @given(terms=any_terms(), history=steps, budget=budgets, raised=st.integers(0, 900))
    def test_a_budget_covers_what_is_promised_or_is_refused(self, terms, history, budget, raised):
        """And what it leaves is what admission decides by: no more, no less."""
        world = play(terms, history, budget)
        totals = world.forest.totals
        promised, earlier = liability(totals), totals.budget_minor
        decision = world.happen(BudgetRaised, raised)
        assert decision.refused == (promised > raised * WHOLE)
        assert totals.budget_minor == (earlier if decision.refused else raised)
        assert room(totals) == totals.budget_minor * WHOLE - promised >= 0
        assert 0 <= room(totals) - remaining_minor_rounded_down(totals) * WHOLE < WHOLE

    @given(terms=any_terms(), history=steps, budget=budgets)
    def test_a_tree_pays_out_exactly_what_its_total_earns(self, terms, history, budget):
        forest = play(terms, history, budget).forest
        for layer in Layer:
            for root in forest.participants.values():
                if root.parent is None:
                    tree = [p for p in forest.participants.values() if p.root == root.id]
                    credit = sum(node.layer(layer).credit for node in tree)
                    paid = sum(reward(terms, node.layer(layer)) for node in tree)
                    assert paid == terms.schedule.reward(credit)
                    assert paid <= terms.schedule.ceiling_basis_points * credit

    @at_least(150)
    @given(
        terms=any_terms(),
        counts=any_counts(size_max=5, grants=True, deepest=12),
        extra=st.integers(0, 40),
        who=st.integers(0, 4),
        worth=st.integers(0, 60),
    )
    def test_what_is_admitted_is_the_largest_part_that_fits(self, terms, counts, extra, who, worth):
        """Compared with trying every part, each on a forest built from scratch."""
        forest = vested_forest(terms, counts)
        forest.totals.budget_minor = -(-liability(forest.totals) // WHOLE) + extra
        count = counts[-1 - who % len(counts)]

        def fits(part: int) -> bool:
            grown = [
                replace(one, value=one.value + part) if one is count else one for one in counts
            ]
            after = from_counts(terms, UNLIMITED_MINOR, grown).totals
            return liability(after) <= forest.totals.budget_minor * WHOLE

        largest = max(part for part in range(worth + 1) if fits(part))
        assert admitted_value(forest, count.id, worth) == largest

    @given(terms=any_terms(), history=steps, budget=st.integers(0, 60), who=st.integers(0, 50))
    def test_a_visit_counts_in_money_only_if_it_fits(self, terms, history, budget, who):
        world = play(terms, history, budget)
        before, reach = state(world.forest), world.forest.participants[1].reach
        decision = world.play(VisitVerified("visit", who % len(before[1]) + 1))
        if not decision.credited:
            for node in world.forest.participants.values():
                assert (node.pot, node.vest) == (before[1][node.id].pot, before[1][node.id].vest)
            # One visit more would have gone beyond the budget.
            counts = [
                replace(count, visits=count.visits + (count.id == decision.fact.participant))
                for count in counts_of(world.forest)
            ]
            after = from_counts(terms, UNLIMITED_MINOR, counts).totals
            assert liability(after) > world.forest.totals.budget_minor * WHOLE
        node = world.forest.participants[1]
        assert node.reach == reach + (
            world.forest.participants[decision.fact.participant].root == 1
        )


def counts_of(forest: Forest) -> list[Count]:
    return [
        Count(
            node.id,
            node.parent,
            value=node.pot.value,
            visits=node.pot.visits,
            granted_minor=node.granted_minor,
        )
        for node in forest.participants.values()
    ]


class TestFairness:
    @given(
        terms=any_terms(),
        counts=any_counts(),
        who=st.integers(0, 9),
        value=st.integers(0, 500),
        visits=st.integers(0, 30),
    )
    def test_credit_anywhere_lowers_nobody_and_touches_no_other_branch(
        self, terms, counts, who, value, visits
    ):
        count = counts[who % len(counts)]
        before = rewards_of(vested_forest(terms, counts))
        count.value += value
        count.visits += visits
        forest = from_counts(
            terms, UNLIMITED_MINOR, [replace(c, vested_value=0, vested_visits=0) for c in counts]
        )
        above = {node.id for node in forest.path(count.id)}
        for id_, after in rewards_of(forest).items():
            assert after >= before[id_]
            assert after == before[id_] or id_ in above

    @given(terms=any_terms(), history=steps, budget=budgets)
    def test_nothing_good_that_happens_ever_lowers_a_reward(self, terms, history, budget):
        """Whoever joins, orders or visits, whatever vests or is granted, whatever is raised."""
        world = World(terms, budget)
        for step in history:
            before = {
                id_: (reward(terms, node.pot), reward(terms, node.vest), node.reach)
                for id_, node in world.forest.participants.items()
            }
            world.step(step)
            if step[0] in {"refund", "lose"}:
                continue
            for id_, earlier in before.items():
                node = world.forest.participants[id_]
                now = (reward(terms, node.pot), reward(terms, node.vest), node.reach)
                assert all(one >= other for one, other in zip(now, earlier, strict=True))

    @given(terms=any_terms(), counts=any_counts())
    def test_everybody_earns_at_least_what_their_own_link_would_alone(self, terms, counts):
        forest = vested_forest(terms, counts)
        for id_, earned in rewards_of(forest).items():
            credit = forest.participants[id_].pot.credit
            alone = terms.schedule.reward(credit)
            assert earned >= alone >= terms.schedule.floor_basis_points * credit >= 0

    @given(terms=any_terms(), counts=any_counts())
    def test_nobody_earns_beyond_the_ceiling(self, terms, counts):
        """PHI of the own credit, and what merging each branch into higher bands can yield."""
        forest, schedule = vested_forest(terms, counts), terms.schedule
        for id_, earned in rewards_of(forest).items():
            children = sum(count.parent == id_ for count in counts)
            bound = schedule.ceiling_basis_points * forest.participants[id_].pot.credit
            if children > 1:
                bound += schedule.shortfall * children
            assert earned <= bound

    @given(terms=any_terms(), counts=any_counts(), who=st.integers(0, 9), value=st.integers(0, 900))
    def test_buying_through_an_own_account_returns_at_most_the_ceiling(
        self, terms, counts, who, value
    ):
        """Everybody together gains at most PHI of the credit that the purchase adds."""
        count = counts[who % len(counts)]
        before = vested_forest(terms, counts)
        paid, credit = sum(rewards_of(before).values()), before.participants[count.id].pot.credit
        count.value, count.vested_value = count.value + value, count.vested_value + value
        after = vested_forest(terms, counts)
        gained = sum(rewards_of(after).values()) - paid
        credited = after.participants[count.id].pot.credit - credit
        assert gained <= terms.schedule.ceiling_basis_points * credited
        assert credited <= value + -(-value * terms.visit_share_basis_points // WHOLE)


class TestReversal:
    @given(terms=any_terms(), history=steps, who=st.integers(0, 50), net=st.integers(1, 600))
    def test_an_order_taken_back_restores_everything(self, terms, history, who, net):
        """In any number of partial refunds, vested or not, whatever the budget admitted."""
        world = play(terms, history, budget_minor=200)
        before = state(world.forest)
        who = who % len(before[1]) + 1
        order = world.play(OrderPlaced("o", who, net, 5_000)).order
        if net % 2:
            order = world.play(OrderVested("v", who, order)).order
        for part in (net // 3, net // 5, net - net // 3 - net // 5):
            if part:
                order = world.play(OrderReversed("r", who, order, part)).order
        assert order.refunded_whole
        assert state(world.forest) == before

    @given(terms=any_terms(), history=steps, who=st.integers(0, 50), vests=st.booleans())
    def test_a_visit_taken_back_restores_everything(self, terms, history, who, vests):
        world = play(terms, history, budget_minor=100)
        before = state(world.forest)
        who = who % len(before[1]) + 1
        credited = world.play(VisitVerified("v", who)).credited
        if vests:
            world.play(VisitVested("w", who, credited=credited))
        world.play(VisitRemoved("r", who, vested=vests, credited=credited))
        assert state(world.forest) == before

    @given(terms=any_terms(), history=steps, budget=budgets, data=st.data())
    def test_everything_taken_back_leaves_all_zeros(self, terms, history, budget, data):
        world = play(terms, [step for step in history if step[0] != "take"], budget)
        orders = [o for o in world.orders if not o[1].refunded_whole]
        for what in data.draw(st.permutations(orders + world.visits)):
            if isinstance(what[1], Order):
                left = what[1].net_minor - what[1].refunded_minor
                world.play(OrderReversed("r", *what, left))
            else:
                world.play(VisitRemoved("r", what[0], vested=what[2], credited=what[1]))
        totals = world.forest.totals
        assert (totals.pot, totals.vest, totals.debt) == (0, 0, 0)
        for node in world.forest.participants.values():
            assert node == Participant(node.id, node.parent, node.root, node.depth)
        assert not any(balances(world.transfers).values())

    @given(
        parts=st.lists(st.integers(1, 300), min_size=1, max_size=5),
        rest=st.integers(0, 300),
        budget=st.integers(0, 40),
        data=st.data(),
    )
    def test_any_order_of_partial_refunds_ends_where_one_refund_ends(
        self, parts, rest, budget, data
    ):
        ends = []
        for refunds in (parts, data.draw(st.permutations(parts)), [sum(parts)]):
            world = World(DEFAULT_TERMS, budget)
            order = world.play(OrderPlaced("o", 1, sum(parts) + rest, 3_333)).order
            for refund in refunds:
                order = world.play(OrderReversed("r", 1, order, refund)).order
            ends.append((order, state(world.forest)))
        assert ends[0] == ends[1] == ends[2]


class TestState:
    @given(terms=any_terms(), history=steps, budget=budgets)
    def test_the_incremental_state_equals_a_recomputation(self, terms, history, budget):
        world = play(terms, history, budget)
        assert differences(world.forest, from_scratch(terms, budget, world.facts)) == []

    @given(terms=any_terms(), history=steps, budget=budgets)
    def test_the_ledger_is_right_at_every_moment(self, terms, history, budget):
        world = World(terms, budget)
        for step in history:
            world.step(step)
            assert check(world.forest, balances(world.transfers)) == []

    @given(
        terms=any_terms(),
        parents=st.lists(st.integers(0, 50), max_size=8),
        lives=st.lists(
            st.tuples(st.integers(0, 50), st.integers(1, 600), st.integers(0, 4)), max_size=10
        ),
        data=st.data(),
    )
    def test_any_order_of_the_same_events_gives_the_same_state(self, terms, parents, lives, data):
        """The lives of orders and visits are mixed at random; each keeps its own order."""
        ends = []
        turns = [number for number, life in enumerate(lives) for _ in range(3)]
        for order in (turns, data.draw(st.permutations(turns))):
            world = World(terms)
            for number, parent in enumerate(parents, start=1):
                world.step(("join", parent % (number + 1), 1))
            plays = [live(world, *life) for life in lives]
            for turn in order:
                next(plays[turn], None)
            ends.append(state(world.forest))
        assert ends[0] == ends[1]

    @given(terms=any_terms(), history=steps, step=steps, budget=budgets)
    def test_a_path_is_enough(self, terms, history, step, budget):
        """Applying a fact to the path alone changes the same rows to the same values."""
        world = play(terms, history, budget)
        for fact in filter(None, (world.fact(*one) for one in step[:3])):
            who = getattr(fact, "parent", None) or getattr(fact, "participant", None)
            known = who in world.forest.participants
            path = world.forest.path(who) if known else []
            totals, nodes = deepcopy((world.forest.totals, path))
            before = state(world.forest)
            alone = Forest(terms, totals, nodes)
            world.forest.changed.clear()
            decision = world.play(fact)
            assert apply(alone, fact) == decision
            assert alone.totals == world.forest.totals
            assert alone.changed == world.forest.changed
            for id_, node in world.forest.participants.items():
                assert id_ not in alone.participants or alone.participants[id_] == node
                assert id_ in alone.changed or before[1][id_] == node
            break

    @given(terms=any_terms(), values=st.lists(st.integers(1, 5), min_size=1, max_size=60))
    def test_what_is_too_small_to_pay_now_is_paid_later(self, terms, values):
        world = World(terms)
        for value in values:
            world.play(OrderPlaced("o", 1, value, WHOLE))
        paid = sum(transfer.amount_minor for transfer in world.transfers)
        assert paid == terms.schedule.reward(sum(values)) // WHOLE


def live(world: World, who: int, net: int, kind: int):
    """Play the life of one order or visit, a fact at a time."""
    who = who % len(world.forest.participants) + 1
    if kind == 0:
        yield world.play(VisitVerified("v", who))
        yield world.play(VisitVested("v", who))
        yield world.play(VisitRemoved("v", who, vested=True))
    elif kind == 1:
        yield world.play(VisitVerified("v", who))
        yield world.play(VisitVested("v", who))
    else:
        order = world.play(OrderPlaced("o", who, net, 5_000)).order
        yield
        if kind != 2:
            order = world.play(OrderVested("v", who, order)).order
            yield
        if kind != 3:
            world.play(OrderReversed("r", who, order, -(-net // 3)))


class TestSchedule:
    @given(terms=any_terms(), one=st.integers(0, 900), other=st.integers(0, 900))
    def test_the_reward_is_superadditive_and_between_its_bounds(self, terms, one, other):
        schedule = terms.schedule
        rule, phi = schedule.reward, schedule.ceiling_basis_points
        assert rule(one) + rule(other) <= rule(one + other)
        assert phi * one - schedule.shortfall <= rule(one) <= phi * one
        bands = schedule.bands(one)
        assert sum(band.credit_minor for band in bands) == one
        assert sum(band.rate_basis_points * band.credit_minor for band in bands) == rule(one)

    @given(terms=any_terms(), reward=st.integers(0, 10**7))
    def test_the_inverse_is_the_largest_credit_within_a_reward(self, terms, reward):
        schedule = terms.schedule
        credit = schedule.credit_within(reward)
        assert schedule.reward(credit) <= reward < schedule.reward(credit + 1)

    @given(terms=any_terms(), credit=st.integers(0, 2000), visits=st.integers(0, 50))
    def test_the_inverse_of_credit_is_the_largest_value_within_it(self, terms, credit, visits):
        value = terms.value_within(credit, visits)
        assert terms.credit(value, visits) <= credit < terms.credit(value + 1, visits)

    @given(
        terms=any_terms(),
        one=st.tuples(st.integers(0, 900), st.integers(0, 50)),
        other=st.tuples(st.integers(0, 900), st.integers(0, 50)),
    )
    def test_credit_is_superadditive(self, terms, one, other):
        both = terms.credit(one[0] + other[0], one[1] + other[1])
        assert terms.credit(*one) + terms.credit(*other) <= both
