"""What the drill finds is what attackers would get, and never more than it says."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.drill import SIZES, drill
from rewards.exposure import to_fake_visits_rounded_up
from tests.rewards.history import any_terms
from tests.rewards.story import DEFAULT_TERMS

BUDGET = 500_000


@pytest.fixture(scope="module")
def attacks():
    return {attack.name: attack for attack in drill(DEFAULT_TERMS, BUDGET).attacks}


@pytest.mark.parametrize("kind", ["chain", "star", "side by side", "tree", "below own friends"])
def test_more_accounts_gain_exactly_nothing(attacks, kind):
    attack = attacks[f"several accounts, {kind}"]
    assert attack.gain_minor == 0
    assert attack.tried > 1_000


def test_buying_from_oneself_returns_at_most_the_highest_rate(attacks):
    attack = attacks["buying from oneself"]
    assert attack.gain_minor * 10 == attack.spent_minor == max(SIZES) * 6_000


def test_sending_back_in_time_leaves_nothing(attacks):
    assert attacks["buying and sending back"].gain_minor == 0


def test_sending_back_too_late_keeps_what_was_taken(attacks):
    expected = DEFAULT_TERMS.schedule.reward(max(SIZES) * 6_000) // 10_000
    assert attacks["sending back after taking the code"].gain_minor == expected


def test_a_code_that_is_too_small_to_take_keeps_nothing():
    terms = replace(DEFAULT_TERMS, min_grant_minor=10**9)
    attacks = {attack.name: attack for attack in drill(terms, BUDGET).attacks}
    assert attacks["sending back after taking the code"].gain_minor == 0


def test_farms_gain_at_most_a_hundredth_of_real_sales(attacks):
    assert attacks["click farm without any sale"].gain_minor == 0
    farms = [
        attacks[f"click farm beside sales: {kind}"].gain_minor
        for kind in ("timer bot", "human farm", "rotating proxies")
    ]
    assert farms == [30 * 30 // 10, 500 * 30 // 10, max(SIZES) * 6_000 // 100]


def test_pooling_earns_what_one_seller_of_that_size_earns(attacks):
    rule = DEFAULT_TERMS.schedule.reward
    assert attacks["strangers pooling under one"].gain_minor == (
        rule(100 * 6_000) // 10_000 - 100 * (rule(6_000) // 10_000)
    )


def test_padding_the_depth_takes_a_whole_step_of_bands_from_a_recruit(attacks):
    """K = W's shortfall: what one newcomer beside the recruit, not below, gives to who is above."""
    padding = attacks["empty accounts down to the greatest depth"]
    assert padding.gain_minor == DEFAULT_TERMS.schedule.shortfall // 10_000 == 2_520


def test_exposure_is_stated_in_money():
    exposures = [(e.name, e.at_most_minor) for e in drill(DEFAULT_TERMS, BUDGET).exposures]
    amounts = [amount for _, amount in exposures]
    # At a branch of just above 66.00 the visits lift it into the 6 % band, where they earn most.
    assert amounts == [500_000, 65_218, 500_000, 600, 500_000, 4_568_364]
    assert DEFAULT_TERMS.schedule.reward(DEFAULT_TERMS.credit(4_568_364, 10**12)) <= BUDGET * 10_000


def test_a_flat_rate_exposes_exactly_the_share_of_visits():
    terms = replace(DEFAULT_TERMS, thresholds_minor=(0,), rates_basis_points=(1_000,))
    exposures = drill(terms, 110_000).exposures
    assert exposures[1].at_most_minor == 10_000


@settings(max_examples=3)
@given(terms=any_terms(), budget=st.integers(0, 10**6))
def test_no_terms_give_more_than_their_budget_or_anything_for_accounts(terms, budget):
    result = drill(terms, budget)
    assert all(attack.gain_minor <= budget for attack in result.attacks)
    assert all(attack.gain_minor <= 0 for attack in result.attacks if "several" in attack.name)
    assert all(exposure.at_most_minor <= budget for exposure in result.exposures[:3])


@settings(max_examples=60)
@given(terms=any_terms(), value=st.integers(0, 2_000), visits=st.integers(0, 200))
def test_fake_visits_are_never_behind_more_than_the_exposure_says(terms, value, visits):
    """For one branch: what is paid less what its real sales earn, beside what is paid."""
    paid = terms.schedule.reward(terms.credit(value, visits))
    fake = paid - terms.schedule.reward(value)
    bound = to_fake_visits_rounded_up(terms, 10**9)
    # A minor unit of rounding in the credit is worth at most the highest rate.
    assert fake * 10**9 <= (bound + 1) * paid + 10**9 * terms.schedule.ceiling_basis_points
