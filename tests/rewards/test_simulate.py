"""Simulated cascades look like published ones (docs/ENGINE.md §12)."""

import random

import pytest

from rewards import simulate
from rewards.simulate import PUBLISHED

AOV = 6_000


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - made to be repeated


@pytest.fixture(scope="module")
def shape():
    source, parents = seeded(20_261_122), []
    for _ in range(150_000):
        first = len(parents)
        parents += [above if above < 0 else first + above for above in simulate.cascade(source)]
    return simulate.shape(parents)


class TestShape:
    @pytest.mark.parametrize(
        ("name", "tolerance"),
        [("mean_size", 0.05), ("size_10", 0.10), ("size_50", 0.25), ("size_100", 0.35)],
    )
    def test_sizes_are_as_published(self, shape, name, tolerance):
        """The tolerance is relative: of 15 000 cascades, 100 are large and 30 very large."""
        assert getattr(shape, name) == pytest.approx(getattr(PUBLISHED, name), rel=tolerance)

    @pytest.mark.parametrize("level", [1, 2, 3, 4])
    def test_depths_are_as_published(self, shape, level):
        found, expected = shape.depths[level - 1], PUBLISHED.depths[level - 1]
        assert found == pytest.approx(expected, abs=0.02)

    def test_most_sharers_bring_nobody(self, shape):
        assert 0.70 <= shape.nobody <= 0.95

    def test_one_in_ten_who_begin_brings_somebody(self):
        source = seeded(5)
        reshared = sum(len(simulate.cascade(source)) > 1 for _ in range(20_000))
        assert reshared / 20_000 == pytest.approx(0.1, abs=0.01)

    def test_shape_counts_a_small_forest_by_hand(self):
        """Two cascades: a chain of three, and somebody alone."""
        found = simulate.shape([-1, 0, -1, 1])
        assert found.cascades == 2
        assert found.mean_size == 3
        assert found.depths == (0, 1, 0, 0)
        assert found.nobody == 0.5

    def test_without_a_reshare_there_is_no_shape(self):
        assert simulate.shape([-1]).mean_size == 0
        assert simulate.shape([]).nobody == 1


class TestSimulate:
    def test_one_seed_gives_one_world(self):
        def draw(seed):
            return simulate.simulate(seeded(seed), shares=300, average_order_minor=AOV)

        assert draw(1) == draw(1)
        assert draw(1) != draw(2)
        assert len(draw(1)) == 300

    def test_parents_come_first(self):
        people = simulate.simulate(seeded(3), shares=2_000, average_order_minor=AOV)
        assert any(person.parent >= 0 for person in people)
        assert all(person.parent < place for place, person in enumerate(people))

    def test_visits_orders_and_amounts_are_as_said(self):
        people = simulate.simulate(seeded(4), shares=30_000, average_order_minor=AOV)
        visits = sum(person.visits for person in people)
        assert visits / len(people) == pytest.approx(12, rel=0.05)
        for prospects, share, rate in ((False, 0.7, 0.5 / 250.5), (True, 0.3, 0.04)):
            group = [person for person in people if person.prospects is prospects]
            seen = sum(person.visits for person in group)
            orders = sum(len(person.orders_minor) for person in group)
            assert len(group) / len(people) == pytest.approx(share, abs=0.02)
            assert orders / seen == pytest.approx(rate, rel=0.15)
        paid = [amount for person in people for amount in person.orders_minor]
        assert sum(paid) / len(paid) == pytest.approx(AOV, rel=0.05)
        assert all(type(amount) is int and amount > 0 for amount in paid)
        assert max(len(person.orders_minor) for person in people) > 1

    def test_value_is_what_the_orders_come_to(self):
        assert simulate.Sharer(-1, 3, (5, 7), prospects=True).value_minor == 12


def test_a_very_heavy_draw_stays_within_bounds():
    class Always:
        """A source whose every number is the rarest."""

        def __init__(self):
            self.numbers = iter([0.0, 0.0, 1 - 1e-16])

        def random(self):
            return next(self.numbers, 0.0)

    assert len(simulate.cascade(Always())) == 1_001
