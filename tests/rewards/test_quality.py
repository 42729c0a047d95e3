"""Audience quality: labels, intervals, and whether they keep their promise."""

from math import isclose
from random import Random

from rewards.beta import probability_below
from rewards.quality import Label, Prior, Record, estimate, next_visit_minor, prior_of

BRAND = Prior()


class TestEstimate:
    def test_knows_nothing_of_a_newcomer(self):
        quality = estimate(Record(0, 0), BRAND)
        assert quality.label is Label.NOT_ENOUGH_VISITS
        assert isclose(quality.rate, 0.02)
        assert quality.low < 0.02 < quality.high
        assert isclose(probability_below(quality.low, 2, 98), 0.05, rel_tol=1e-9)
        assert isclose(probability_below(quality.high, 2, 98), 0.95, rel_tol=1e-9)

    def test_buyers_make_prospects(self):
        assert estimate(Record(60, 4), BRAND).label is Label.PROSPECTS

    def test_many_visits_without_an_order_make_dreamers(self):
        assert estimate(Record(150, 0), BRAND).label is Label.NOT_ENOUGH_VISITS
        assert estimate(Record(300, 0), BRAND).label is Label.DREAMERS

    def test_more_orders_than_visits_are_no_mistake(self):
        assert 0 < estimate(Record(1, 3), BRAND).rate < 1


class TestPrior:
    def test_is_the_default_until_sharers_are_known(self):
        assert prior_of([Record(100, 3)]) == BRAND
        assert prior_of([], rate=0.05) == Prior(0.05)

    def test_a_brand_that_has_sold_nothing_or_always_can_be_estimated(self):
        assert estimate(Record(30, 0), prior_of([], rate=0.0)).rate > 0
        assert estimate(Record(30, 30), prior_of([], rate=1.0)).rate < 1

    def test_leans_on_the_sharers_as_they_become_many(self):
        few = prior_of([Record(100, 0), Record(100, 10)] * 5)
        many = prior_of([Record(100, 0), Record(100, 10)] * 500)
        assert many.visits < few.visits < BRAND.visits


class TestCalibration:
    """Simulated sharers, seven in ten with an audience of dreamers (docs/ENGINE.md §10)."""

    def test_intervals_cover_and_labels_are_right(self):
        random = Random(7)  # noqa: S311 - it must repeat, not surprise
        truth, records = [], []
        for _ in range(6000):
            buys = random.random() < 0.3
            theta = random.betavariate(2, 48) if buys else random.betavariate(0.5, 250)
            mean, visits = random.gammavariate(0.6, 20), 0
            at = random.expovariate(1)
            while at < mean:
                visits, at = visits + 1, at + random.expovariate(1)
            orders = sum(random.random() < theta for _ in range(visits))
            truth.append(theta)
            records.append(Record(visits, orders))
        rate = sum(one.orders for one in records) / sum(one.visits for one in records)
        prior = prior_of(records, rate)
        seen: dict[tuple[int, int], tuple[Label, float, float]] = {}
        for one in records:
            if (one.visits, one.orders) not in seen:
                quality = estimate(one, prior)
                seen[one.visits, one.orders] = (quality.label, quality.low, quality.high)
        found = [
            (seen[one.visits, one.orders], theta) for one, theta in zip(records, truth, strict=True)
        ]
        covered = sum(low <= theta <= high for (_, low, high), theta in found) / len(found)
        labelled = [
            (theta > rate / 2) == (label is Label.PROSPECTS)
            for (label, _, _), theta in found
            if label is not Label.NOT_ENOUGH_VISITS
        ]
        precision = sum(labelled) / len(labelled)
        assert 0.85 <= covered <= 0.95, covered
        assert len(labelled) >= 100
        assert precision >= 0.93, precision


class TestNextVisit:
    def test_ranks_buyers_first_and_inviters_before_idle_ones(self):
        records = [
            Record(100, 0, 0, 0),
            Record(100, 8, 40_000, 0),
            Record(100, 0, 0, 9),
            Record(100, 8, 90_000, 0),
        ]
        idle, buyer, inviter, big = next_visit_minor(records, BRAND)
        assert idle < inviter
        assert idle < buyer < big

    def test_is_the_formula(self):
        (value,) = next_visit_minor([Record(100, 2, 12_000, 10)], BRAND)
        direct = 4 / 200 * (12_000 + 6_000) / 3
        assert isclose(value, direct + (10 + 0.1 * 100) / 200 * direct)

    def test_nobody_and_newcomers_have_a_value_too(self):
        assert next_visit_minor([], BRAND) == []
        assert next_visit_minor([Record(0, 0)], BRAND) == [0]
