"""The search for gains by splitting: complete where it says so, and it finds what is there."""

from operator import add

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards import batch, splits
from rewards.rivals import geometric, single_level, two_tiers
from tests.rewards.history import any_terms


class TestShapes:
    @pytest.mark.parametrize(("accounts", "number"), [(2, 2), (3, 6), (4, 24)])
    def test_every_forest_of_accounts_is_tried(self, accounts, number):
        found = list(splits.shapes(accounts, 0))
        assert len({shape.parents for shape in found}) == len(found) == number

    def test_accounts_hang_below_own_friends_too(self):
        found = {(shape.name, shape.parents, shape.accounts) for shape in splits.shapes(2, 1)}
        assert ("below own friends", (-1, 0, 1), (0, 2)) in found
        assert ("side by side", (-1, 0, -1), (0, 2)) in found
        assert ("side by side", (-1, -1, 1), (0, 1)) in found, "the friend goes to the second"

    def test_each_has_its_name(self):
        names = {shape.parents: shape.name for shape in splits.shapes(3, 0)}
        assert names == {
            (-1, -1, -1): "side by side",
            (-1, -1, 0): "tree",
            (-1, -1, 1): "tree",
            (-1, 0, -1): "tree",
            (-1, 0, 0): "star",
            (-1, 0, 1): "chain",
        }


def test_divisions_give_all_of_it_away_and_no_more():
    found = list(splits.divisions(100, 3, marks=(30, 90)))
    assert all(sum(division) == 100 and min(division) >= 0 for division in found)
    assert {(100, 0, 0), (0, 0, 100), (34, 33, 33), (98, 1, 1), (40, 30, 30)} <= set(found)
    assert not any(90 in division for division in found), "90 twice is more than there is"


class TestBestSplit:
    def test_finds_the_known_gain_of_two_tiers(self):
        """Two accounts in a chain get 6 % + 4 % for what one gets 6 % for."""
        best = splits.best_split(two_tiers, add, splits.Person(10_000), accounts_max=2)
        assert (best.before_minor, best.gain_minor, best.shape) == (600, 400, "star")

    def test_finds_the_known_gain_of_the_geometric_rule(self):
        """5 % becomes 5 % + 2.5 % + 1.25 % + 0.625 %."""
        best = splits.best_split(geometric, add, splits.Person(10_000), accounts_max=4)
        assert (best.before_minor, best.gain_minor, best.shape) == (500, 437, "chain")

    def test_a_single_level_gains_nothing(self):
        best = splits.best_split(single_level, add, splits.Person(10_001), accounts_max=3)
        assert (best.before_minor, best.gain_minor) == (1_000, 0)

    def test_without_another_account_there_is_nothing_to_try(self):
        assert splits.best_split(
            single_level, add, splits.Person(10_000), accounts_max=1
        ) == splits.Best(0, 1_000, 0)

    def test_tries_only_the_kind_that_is_asked_for(self):
        best = splits.best_split(
            two_tiers, add, splits.Person(10_000), accounts_max=3, kind="side by side"
        )
        assert (best.gain_minor, best.shape) == (0, "side by side")

    @settings(max_examples=25)
    @given(
        terms=any_terms(),
        value=st.integers(0, 900),
        visits=st.integers(0, 30),
        friends=st.lists(st.integers(0, 400), max_size=1),
    )
    def test_our_rule_gains_nothing_whatever_the_terms(self, terms, value, visits, friends):
        def ours(parents, credits_minor):
            return batch.rewards(terms.schedule, parents, credits_minor).reward

        person = splits.Person(value, visits, tuple(friends))
        marks = terms.thresholds_minor[1:]
        best = splits.best_split(ours, terms.credit, person, accounts_max=3, marks=marks)
        assert best.tried
        assert best.gain_minor <= 0
