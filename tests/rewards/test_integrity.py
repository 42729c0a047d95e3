"""Six looks at visits, and what follows from them."""

from collections.abc import Callable
from math import isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.anomalies import Anomaly, Look, Norms, Seen, look, norms_of
from rewards.errors import FactInvalid
from rewards.integrity import (
    UNCHECKED,
    Finding,
    HardRule,
    HoldState,
    Ruling,
    Standing,
    Verdict,
    benjamini_hochberg,
    hard_rule,
    review,
    simes,
    state_of_hold,
)
from tests.rewards.traffic import FRAUDS, UNUSUAL, honest

NOON = 12 * 3600
DAY_S = 86_400
NORMS = Norms((0.45, 0.05), (0.05, 0.05), frozenset(range(6)))
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def at(random: Random, n: int, **given: str) -> list[Seen]:
    """Draw plain visits around noon."""
    return [
        Seen(NOON + random.randrange(20_000), random.random() < 0.45, **given) for _ in range(n)
    ]


def found(visits: list[Seen], which: Look, norms: Norms = NORMS) -> Anomaly:
    return next(anomaly for anomaly in look(visits, norms) if anomaly.look is which)


def offer(kind: Callable[[Random], list[Seen]], hidden: int = 5, seed: int = 4) -> list[Finding]:
    """Hide some of a kind among honest sharers; return what was found of them, then of the rest."""
    random = Random(seed)  # noqa: S311 - it must repeat, not surprise
    return list(review({n: (kind if n < hidden else honest)(random) for n in range(150)}).values())


@pytest.fixture
def random() -> Random:
    return Random(3)  # noqa: S311 - it must repeat, not surprise


class TestLooks:
    def test_engagement_is_missed(self):
        visits = [Seen(NOON + n * n, n < 3) for n in range(120)]
        anomaly = found(visits, Look.ENGAGEMENT)
        assert anomaly.p < 1e-4
        assert anomaly.sentence == "3 of 120 visits stayed longer than 10 s; usual here is 45 %."
        assert anomaly.numbers == {"engaged": 3, "visits": 120, "usual": 0.45}

    def test_a_timer_is_heard(self, random: Random):
        anomaly = found([Seen(NOON + 60 * n, engaged=True) for n in range(60)], Look.TIMER)
        assert anomaly.sentence == "60 visits arrived about every 60 s, like a timer."
        assert anomaly.p < 1e-3
        assert found(at(random, 60), Look.TIMER).p > 0.01

    def test_the_timer_is_greenwoods_statistic(self):
        gaps = [30, 90] * 10
        visits = [Seen(sum(gaps[:n]), engaged=True) for n in range(21)]
        greenwood = found(visits, Look.TIMER).numbers["greenwood"]
        assert isclose(greenwood, 10 * (30**2 + 90**2) / 1200**2)

    def test_a_timer_needs_gaps(self, random: Random):
        looks = {anomaly.look for anomaly in look(at(random, 19), NORMS)}
        assert Look.TIMER not in looks
        together = [Seen(NOON, engaged=True)] * 30
        assert Look.TIMER not in {anomaly.look for anomaly in look(together, NORMS)}

    def test_one_network(self, random: Random):
        visits = at(random, 52, network="one") + [Seen(NOON, True, f"other {n}") for n in range(8)]
        anomaly = found(visits, Look.NETWORK)
        assert anomaly.sentence == "52 of 60 visits came from one small network."
        assert anomaly.p < 1e-9

    def test_what_many_others_use_too_is_no_surprise(self, random: Random):
        visits = at(random, 30, device="common")
        alone = found(visits, Look.DEVICE)
        everybody = Norms(
            (0.45, 0.05), (0.05, 0.05), frozenset(), devices={"common": 930, "rare": 100}
        )
        assert alone.sentence == "30 of 30 visits came from one exact browser version."
        assert alone.p < 1e-9
        assert found(visits, Look.DEVICE, everybody).p > 1e-2

    def test_quiet_hours(self):
        visits = [Seen(n * 600, engaged=True) for n in range(30)] + [Seen(NOON, engaged=True)] * 30
        anomaly = found(visits, Look.QUIET_HOURS)
        assert anomaly.sentence == (
            "30 of 60 visits came in the 6 quietest hours of the day; usual here is 5 %."
        )
        assert anomaly.p < 1e-3

    def test_a_hollow_burst(self, random: Random):
        burst = [Seen(40_000 + n * 14, engaged=False) for n in range(40)]
        anomaly = found(at(random, 5) + burst, Look.HOLLOW_BURST)
        assert anomaly.sentence == "40 visits came within 10 minutes, and 0 of them read the page."
        assert anomaly.p < 1e-3
        calm = [Seen(n * 700, engaged=False) for n in range(40)]
        assert Look.HOLLOW_BURST not in {anomaly.look for anomaly in look(calm, NORMS)}

    def test_the_busiest_ten_minutes_end_before_the_eleventh(self):
        visits = [Seen(NOON + n * 40, engaged=False) for n in range(100)]
        assert found(visits, Look.HOLLOW_BURST).numbers["visits"] == 15

    def test_what_is_unknown_is_left_out(self, random: Random):
        looks = {anomaly.look for anomaly in look(at(random, 30), NORMS)}
        assert not looks & {Look.NETWORK, Look.DEVICE}


class TestNorms:
    def test_are_defaults_until_sharers_are_known(self, random: Random):
        norms = norms_of([at(random, 30), []])
        assert norms.engaged == (0.45, 0.05)
        assert norms.quiet == (0.05, 0.05)

    def test_are_learnt(self, random: Random):
        norms = norms_of([honest(random) for _ in range(200)])
        assert 0.42 < norms.engaged[0] < 0.48
        assert 0.03 < norms.engaged[1] < 0.08
        assert norms.quiet_hours == {0, 1, 2, 3, 4, 5}


class TestCombining:
    def test_simes_is_the_formula(self):
        assert simes([0.01, 0.5, 0.02]) == 0.03
        assert simes([0.2]) == 0.2

    @given(probabilities)
    def test_simes_lies_between_the_least_and_bonferroni(self, ps: list[float]):
        assert min(ps) <= simes(ps) <= len(ps) * min(ps)

    def test_benjamini_and_hochbergs_own_example(self):
        ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
        ps += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
        assert benjamini_hochberg(ps, 0.05) == 0.0095

    def test_nothing_significant(self):
        assert benjamini_hochberg([0.9, 0.2], 0.05) < 0
        assert benjamini_hochberg([], 0.05) < 0


class TestReview:
    @pytest.mark.parametrize("kind", FRAUDS.values(), ids=FRAUDS)
    def test_fraud_is_held_and_nobody_beside_it(self, kind: Callable[[Random], list[Seen]]):
        findings = offer(kind)
        assert {finding.standing for finding in findings[:5]} == {Standing.HOLD}
        assert Standing.HOLD not in {finding.standing for finding in findings[5:]}
        assert findings[0].sentence == findings[0].anomalies[0].sentence != ""

    def test_nobody_is_held_without_fraud(self):
        standings = {finding.standing for finding in offer(honest)}
        assert Standing.HOLD not in standings
        assert Standing.NONE in standings

    def test_a_shared_network_alone_never_holds(self):
        shared = UNUSUAL["a shared house or office (70 % one network)"]
        assert {finding.standing for finding in offer(shared)[:5]} == {Standing.WATCH}

    def test_few_visits_say_nothing(self):
        (finding,) = review({1: [Seen(60 * n, False, "n", "d") for n in range(19)]}).values()
        assert finding == Finding(Standing.NONE)
        (finding,) = review({1: [Seen(60 * n, False, "n", "d") for n in range(20)]}).values()
        assert finding.standing is Standing.HOLD

    def test_what_cannot_be_checked_is_held(self):
        assert review({1: None, 2: []}) == {1: UNCHECKED, 2: Finding(Standing.NONE)}
        assert UNCHECKED.standing is Standing.HOLD
        assert review({}) == {}


class TestHold:
    def test_ends_in_the_customers_favour(self):
        last = 14 * DAY_S - 1
        assert state_of_hold(began_s=0, now_s=last, verdict=None) is HoldState.HELD
        assert state_of_hold(began_s=0, now_s=last + 1, verdict=None) is HoldState.RELEASED

    @pytest.mark.parametrize(
        ("ruling", "state"),
        [
            (Ruling.CONFIRM, HoldState.HELD),
            (Ruling.RELEASE, HoldState.RELEASED),
            (Ruling.DENY, HoldState.DENIED),
        ],
    )
    def test_a_person_decides(self, ruling: Ruling, state: HoldState):
        verdict = Verdict("Nele", ruling)
        assert state_of_hold(began_s=0, now_s=99 * DAY_S, verdict=verdict) is state

    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_only_a_person_denies(self, began_s: int, now_s: int):
        assert state_of_hold(began_s=began_s, now_s=now_s, verdict=None) is not HoldState.DENIED
        with pytest.raises(FactInvalid, match="only a person"):
            Verdict("  ", Ruling.DENY)


class TestHardRules:
    def test_the_buyer_is_the_sharer_or_above(self):
        refused = hard_rule(buyer={"b", "card"}, upwards=["a", "card"], seconds_since_visit=60)
        assert refused is HardRule.OWN_ORDER

    def test_an_order_is_faster_than_anybody_reads(self):
        assert hard_rule(buyer=(), upwards=(), seconds_since_visit=9) is HardRule.TOO_FAST
        assert hard_rule(buyer=(), upwards=(), seconds_since_visit=10) is None
        assert hard_rule(buyer={"b"}, upwards={"a"}, seconds_since_visit=None) is None
