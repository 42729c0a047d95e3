"""Opening several accounts gains nothing: in integers, in every shape."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.facts import Order
from rewards.forest import DEPTH_MAX, payable_minor
from rewards.recompute import Count
from tests.rewards.attacks import Shape, any_attack, dice_of, gain, lifted, parents_first, split
from tests.rewards.history import any_counts, any_terms, at_least, vested_forest
from tests.rewards.story import DEFAULT_TERMS

shapes = st.sampled_from(Shape)


class TestSplitting:
    @at_least(200)
    @given(
        terms=any_terms(),
        counts=any_counts(size_max=8),
        who=st.integers(0, 9),
        shape=shapes,
        seed=st.integers(0, 2**32),
    )
    def test_several_accounts_never_earn_more_than_one(self, terms, counts, who, shape, seed):
        """Accounts of any shape, beside, above and below each other and the own descendants."""
        victim = counts[-1 - who % len(counts)]
        gained, allowed = gain(terms, counts, victim, shape, dice_of(seed))
        assert gained <= allowed

    @given(
        parts=st.lists(st.integers(1, 400), min_size=1, max_size=6), weight=st.integers(0, 10_000)
    )
    def test_several_orders_never_count_more_than_one(self, parts, weight):
        whole = Order(sum(parts), weight, 0).worth_minor
        assert sum(Order(part, weight, 0).worth_minor for part in parts) <= whole

    @at_least(200)
    @given(seed=st.integers(0, 2**32), shape=shapes)
    def test_no_attack_of_the_campaign_gains_anything(self, seed, shape):
        assert any_attack(dice_of(seed), shape) <= 0


FAMILY = [
    Count(1, None, value=100, vested_value=100),
    Count(2, 1, value=90, visits=9, vested_value=90, vested_visits=9),
    Count(3, 2, value=50, vested_value=50),
    Count(4, 3, value=20, vested_value=20),
]


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("seed", range(20))
def test_an_attack_divides_one_account_and_keeps_everybody_else(shape, seed):
    others, accounts = split(FAMILY[1], FAMILY, shape, dice_of(seed))
    assert 2 <= len(accounts) <= 6
    assert sum(account.value for account in accounts) == 90
    assert sum(account.visits for account in accounts) == 9
    assert [(o.id, o.value) for o in others] == [(1, 100), (3, 50), (4, 20)]
    assert len(parents_first(others + accounts)) == len(others + accounts), "nobody hangs loose"


def test_the_shapes_are_what_their_names_say():
    def parents(shape: Shape) -> list[int | None]:
        return [account.parent for account in split(FAMILY[1], FAMILY, shape, dice_of(4))[1]]

    assert len(set(parents(Shape.CHAIN))) == len(parents(Shape.CHAIN)), "nobody brings two"
    assert set(parents(Shape.STAR)[1:]) == {1000}
    assert set(parents(Shape.SIBLINGS)) == {1}
    assert set(parents(Shape.BELOW_OWN)[1:]) <= {3, 4}
    assert set(parents(Shape.TREE)[1:]) <= {1000 + n for n in range(6)}


def test_the_greatest_depth_moves_at_most_k_for_each_one_who_hits_it():
    """64 accounts above a recruit's recruit leave no depth for them: a gain, but a small one."""
    terms = replace(DEFAULT_TERMS, thresholds_minor=(0, 100), rates_basis_points=(100, 1_000))
    own = [Count(id_, id_ - 1 or None) for id_ in range(1, DEPTH_MAX + 1)]
    recruit, theirs = (
        Count(id_, id_ - 1, value=100, vested_value=100) for id_ in (DEPTH_MAX + 1, DEPTH_MAX + 2)
    )
    padded = vested_forest(terms, [*own, recruit, theirs])
    assert lifted(padded, [*own, recruit, theirs]) == 1
    honest = vested_forest(
        terms, [Count(1, None), replace(recruit, parent=1), replace(theirs, parent=recruit.id)]
    )
    gained = sum(payable_minor(terms, padded.participants[count.id]) for count in own)
    gained -= payable_minor(terms, honest.participants[1])
    assert gained == 9 == terms.schedule.shortfall // 10_000


def test_an_unfair_rule_would_be_caught():
    """A flat bonus for every account is what splitting feeds on: the attacks can find a gain."""

    class Unfair:
        shortfall = 0

        def __getattr__(self, name):
            return getattr(DEFAULT_TERMS, name)

        @property
        def schedule(self):
            return self

        def reward(self, credit_minor: int) -> int:
            return 10_000 * 3 if credit_minor else 0

    found = [gain(Unfair(), FAMILY, FAMILY[3], Shape.SIBLINGS, dice_of(n))[0] for n in range(20)]
    assert max(found) > 0
