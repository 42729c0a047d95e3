"""The Beta and the Beta-binomial distribution, against exact sums of fractions."""

from fractions import Fraction
from math import comb, expm1, isclose, log, log1p, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.beta import log_beta, probability_below, quantile
from rewards.betabinomial import RHO_MAX, RHO_MIN, at_least, at_most, moments

positive = st.floats(0.01, 1e4)


def exactly_below(x: Fraction, a: int, b: int) -> Fraction:
    """Return I_x(a, b) for whole numbers: a sum over the binomial distribution."""
    n = a + b - 1
    return sum((comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1)), Fraction(0))


def exactly_at_most(count: int, visits: int, a: int, b: int) -> Fraction:
    """Return P(X <= count) of a Beta-binomial with whole parameters."""

    def beta(one: int, other: int) -> Fraction:
        return Fraction(1, one * comb(one + other - 1, one))

    return sum(
        (comb(visits, k) * beta(k + a, visits - k + b) / beta(a, b) for k in range(count + 1)),
        Fraction(0),
    )


class TestProbability:
    @settings(max_examples=60)
    @given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 99))
    def test_is_the_binomial_sum(self, a: int, b: int, hundredths: int):
        exact = exactly_below(Fraction(hundredths, 100), a, b)
        assert isclose(probability_below(hundredths / 100, a, b), exact, rel_tol=1e-11)

    @pytest.mark.parametrize(
        ("a", "b", "hundredths"), [(1, 400, 1), (400, 1, 99), (300, 20, 90), (250, 250, 40)]
    )
    def test_is_right_in_the_far_tails(self, a: int, b: int, hundredths: int):
        exact = exactly_below(Fraction(hundredths, 100), a, b)
        assert isclose(probability_below(hundredths / 100, a, b), exact, rel_tol=1e-11)

    def test_is_0_and_1_outside(self):
        assert probability_below(-1, 2, 3) == probability_below(0, 2, 3) == 0
        assert probability_below(1, 2, 3) == probability_below(2, 2, 3) == 1

    @settings(max_examples=60)
    @given(positive, positive, st.floats(0.001, 0.999))
    def test_both_tails_are_the_whole(self, a: float, b: float, x: float):
        assert isclose(probability_below(x, a, b) + probability_below(1 - x, b, a), 1, abs_tol=1e-9)

    def test_stays_right_where_the_parameters_are_huge(self):
        assert isclose(probability_below(0.5, 1e6, 1e6), 0.5, rel_tol=1e-11)
        assert isclose(probability_below(1e-8, 1, 1e8), -expm1(1e8 * log1p(-1e-8)), rel_tol=1e-11)
        assert probability_below(0.6, 1e8, 1e8) == 1
        assert probability_below(0.4, 1e8, 1e8) == 0


class TestQuantile:
    @settings(max_examples=40)
    @given(st.floats(0.5, 1e4), st.floats(0.5, 1e4), st.floats(0.001, 0.999))
    def test_is_the_inverse(self, a: float, b: float, probability: float):
        x = quantile(probability, a, b)
        assert isclose(probability_below(x, a, b), probability, rel_tol=1e-8, abs_tol=1e-9)

    def test_finds_what_is_very_near_to_0_and_1(self):
        assert isclose(quantile(0.05, 0.01, 1), 0.05**100, rel_tol=1e-10)
        assert isclose(quantile(0.05, 1, 1e8), -expm1(log1p(-0.05) / 1e8), rel_tol=1e-10)
        assert quantile(0.95, 0.001, 0.001) == 1
        assert quantile(1e-10, 0.001, 0.001) < 1e-300


def test_the_logarithm_of_the_beta_function_is_right():
    assert isclose(log_beta(0.5, 0.5), log(pi))
    assert isclose(log_beta(3, 4), -log(60), rel_tol=1e-14)
    assert isclose(log_beta(30, 12), -log(30 * comb(41, 30)), rel_tol=1e-14)
    assert isclose(log_beta(1, 1e12), -log(1e12), rel_tol=1e-14)


class TestBetaBinomial:
    @settings(max_examples=60)
    @given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 60), st.data())
    def test_is_the_exact_sum(self, a: int, b: int, visits: int, data: st.DataObject):
        count = data.draw(st.integers(0, visits))
        mean, rho = a / (a + b), 1 / (a + b + 1)
        exact = exactly_at_most(count, visits, a, b)
        assert isclose(at_most(count, visits, mean, rho), exact, rel_tol=1e-10)
        more = 1 - exactly_at_most(count - 1, visits, a, b)
        assert isclose(at_least(count, visits, mean, rho), more, rel_tol=1e-9)

    def test_nothing_is_impossible(self):
        assert 0 < at_least(5, 5, 0.0, 0.0) < 1e-15
        assert at_most(5, 5, 1.0, 0.5) == 1
        assert at_least(0, 5, 0.1, 0.5) == 1
        assert at_least(6, 5, 0.1, 0.5) == 0

    def test_stays_right_where_single_probabilities_vanish(self):
        assert at_most(1900, 2000, 0.45, RHO_MIN) == 1
        assert at_most(100, 2000, 0.45, RHO_MIN) < 1e-90
        assert at_least(1, 100_000, 0.5, RHO_MIN) == 1

    def test_differs_more_than_the_binomial(self):
        assert at_most(2, 40, 0.3, 0.1) > 10 * at_most(2, 40, 0.3, RHO_MIN)


class TestMoments:
    def test_few_sharers_say_nothing(self):
        assert moments([(10, 5)] * 4) is None
        assert moments([(4, 2)] * 90) is None

    def test_all_or_nothing_says_nothing(self):
        assert moments([(10, 0)] * 9) is None
        assert moments([(10, 10)] * 9) is None

    def test_equal_audiences_differ_least_and_split_ones_most(self):
        assert moments([(10, 5)] * 20) == (0.5, RHO_MIN, 20)
        assert moments([(100, 0), (100, 100)] * 10) == (0.5, RHO_MAX, 20)

    def test_recomputed_by_hand(self):
        mean, rho, sharers = moments([(10, 2), (10, 4)] * 3) or (0, 0, 0)
        # S/(p(1-p)) = 6 * 10 * 0.01 / 0.21; the rest is (60 - 10 - 5)
        assert (mean, sharers) == (0.3, 6)
        assert rho == RHO_MIN
        _, rho, _ = moments([(10, 0), (10, 6)] * 3) or (0, 0, 0)
        assert isclose(rho, (6 * 10 * 0.09 / 0.21 - 5) / 45)
