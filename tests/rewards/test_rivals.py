"""Other rules beside ours, on the same cascades."""

import pytest

from rewards import rivals
from tests.rewards.story import DEFAULT_TERMS

ANN_BOB_CAT_DAN = rivals.Cascade((-1, 0, 0, 1), (0, 12_000, 9_000, 30_000))


class TestRules:
    def rule(self, name):
        return rivals.rules(DEFAULT_TERMS.schedule)[name]

    @pytest.mark.parametrize(
        ("name", "earned_minor"),
        [
            ("single level 10 %", [0, 1_200, 900, 3_000]),
            ("two tiers 6 % + 4 %", [840, 720 + 1_200, 540, 1_800]),
            ("geometric 1/2", [375 + 300 + 225, 600 + 750, 450, 1_500]),
            ("branch difference", [300, 960, 420, 1_800]),
        ],
    )
    def test_what_they_pay_in_the_worked_example(self, name, earned_minor):
        cascade = ANN_BOB_CAT_DAN
        parts = self.rule(name)(cascade.parents, cascade.credits_minor)
        assert [part // 10_000 for part in parts] == earned_minor


@pytest.fixture(scope="module")
def lines():
    alone = rivals.Cascade((-1,), (6_000,))
    nothing = rivals.Cascade((-1, 0), (0, 0))
    many = rivals.NODES_WATCHED
    large = rivals.Cascade((-1, *(0,) * many), (*(0,) * many, 1))
    two_begin = rivals.Cascade((-1, -1), (0, 0))
    cascades = [ANN_BOB_CAT_DAN, alone, nothing, large, two_begin]
    found = rivals.compare(DEFAULT_TERMS.schedule, cascades)
    return {line.name: line for line in found}


class TestCompare:
    def test_only_ours_and_a_single_level_withstand_splits(self, lines):
        gains = {name: line.split_gain_basis_points for name, line in lines.items()}
        assert gains["single level 10 %"] == gains["branch difference"] == 0
        assert gains["two tiers 6 % + 4 %"] >= 6_666
        assert gains["geometric 1/2"] >= 7_400
        assert all(line.splits_tried > 100 for line in lines.values())

    def test_what_is_paid_and_to_whom(self, lines):
        ours = lines["branch difference"]
        # 3.00 + 9.60 + 4.20 + 18.00 for Ann's tree, 2.40 for who is alone; 570.01 sold.
        assert ours.payout_per_credit == (3_480 + 240) * 10_000 // 57_001
        assert ours.to_roots == (300 + 240) * 10_000 // 3_720
        assert ours.to_people_without_sale == 300 * 10_000 // 3_720
        assert lines["single level 10 %"].to_people_without_sale == 0

    def test_sales_in_small_cascades_are_watched_one_by_one(self, lines):
        assert {line.events for line in lines.values()} == {4}
        assert {line.lowered for line in lines.values()} == {0}

    def test_nobody_at_all(self):
        for line in rivals.compare(DEFAULT_TERMS.schedule, []):
            assert (line.split_gain_minor, line.payout_per_credit, line.events) == (0, 0, 0)


def test_a_rule_that_shares_a_pot_is_caught_lowering_rewards():
    """The watch can see: a fixed pot, shared by sales, takes from one what it gives another."""

    def pot(_parents, credits_minor):
        return [1_000_000 * credit // max(1, sum(credits_minor)) for credit in credits_minor]

    cascade = ANN_BOB_CAT_DAN
    line = rivals.line("pot", pot, DEFAULT_TERMS.schedule, [cascade], [])
    assert (line.events, line.lowered) == (3, 2)
