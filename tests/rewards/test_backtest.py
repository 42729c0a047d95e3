"""A backtest pays what live traffic would have been paid."""

import pytest

from rewards.backtest import Join, Purchase, Refund, Visits, backtest
from rewards.decision import Reason
from rewards.errors import HistoryBroken
from tests.rewards.story import DEFAULT_TERMS

WORKED_EXAMPLE = [
    Join(1, "Ann", None),
    Join(2, "Bob", "Ann"),
    Purchase(3, "Bob", "o1", 12_000),
    Join(4, "Cat", "Ann"),
    Purchase(5, "Cat", "o2", 9_000),
    Join(6, "Dan", "Bob"),
    Purchase(7, "Dan", "o3", 30_000),
]


def payouts(result):
    return {earner.name: earner.payout_minor for earner in result.earners}


def test_the_worked_example_pays_what_the_page_of_mathematics_says():
    result = backtest(WORKED_EXAMPLE, DEFAULT_TERMS)
    assert payouts(result) == {"Ann": 300, "Bob": 960, "Cat": 420, "Dan": 1_800}
    assert (result.net_minor, result.credit_minor, result.payout_minor) == (51_000, 51_000, 3_480)
    assert [earner.generation for earner in result.earners] == [0, 1, 1, 2]
    assert [earner.brought_by for earner in result.earners] == [None, "Ann", "Ann", "Bob"]
    assert result.earners[1].branch_credit_minor == 42_000
    assert (result.cut, result.refunds) == ({}, 0)


def test_the_curve_follows_sales_and_what_they_earn_together():
    curve = backtest([*WORKED_EXAMPLE, Refund(8, "o3")], DEFAULT_TERMS).curve
    assert [moment.net_minor for moment in curve] == [0, 12_000, 21_000, 51_000, 21_000]
    rule = DEFAULT_TERMS.schedule.reward
    assert [moment.payout for moment in curve] == [rule(moment.net_minor) for moment in curve]


def test_refunds_take_back_all_or_part():
    refunds = [Refund(8, "o3", 6_000), Refund(9, "o3"), Refund(10, "o2", 3_000)]
    result = backtest([*WORKED_EXAMPLE, *refunds], DEFAULT_TERMS)
    assert payouts(result)["Dan"] == 0
    assert payouts(result)["Cat"] == DEFAULT_TERMS.schedule.reward(6_000) // 10_000
    assert (result.net_minor, result.refunds) == (18_000, 3)
    assert [earner.orders for earner in result.earners] == [0, 1, 1, 0]


def test_visits_lift_sales_and_a_returning_customer_counts_half():
    history = [
        Join(1, "Ann", None),
        Visits(2, "Ann", 7),
        Purchase(3, "Ann", "o1", 10_000, returning=True),
    ]
    (ann,) = backtest(history, DEFAULT_TERMS).earners
    assert (ann.net_minor, ann.visits) == (10_000, 7)
    assert ann.credit_minor == DEFAULT_TERMS.credit(5_000, 7)


def test_a_budget_that_runs_out_cuts_and_says_so():
    history = [*WORKED_EXAMPLE, Purchase(8, "Ann", "o4", 100), Visits(9, "Cat", 2)]
    result = backtest(history, DEFAULT_TERMS, budget_minor=2_000)
    assert result.payout_minor <= 2_000
    assert result.remaining_minor == 0
    assert result.cut[Reason.BUDGET_PARTLY] == 1
    assert result.cut[Reason.BUDGET_SPENT] == 3
    assert result.earners[2].visits == 0


def test_progress_is_told_of_every_event():
    told = []
    backtest(WORKED_EXAMPLE, DEFAULT_TERMS, progress=lambda: told.append(1))
    assert len(told) == len(WORKED_EXAMPLE)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Join(9, "Ann", None), "Line 9: Ann has joined before"),
        (Join(9, "Eve", "Zoe"), "Line 9: Zoe has not joined before this"),
        (Visits(9, "Zoe", 1), "Line 9: Zoe has not joined"),
        (Purchase(9, "Zoe", "o9", 1), "Line 9: Zoe has not joined"),
        (Purchase(9, "Ann", "o1", 1), "Line 9: There is an order o1 already"),
        (Purchase(9, "Ann", "o9", 0), "Line 9: Let net_minor be a whole number"),
        (Refund(9, "o9"), "Line 9: There is no order o9"),
        (Refund(9, "o1", 12_001), "Line 9: A refund of 12001 minor units is larger"),
    ],
)
def test_a_contradiction_names_its_line(event, sentence):
    with pytest.raises(HistoryBroken, match=sentence):
        backtest([*WORKED_EXAMPLE, event], DEFAULT_TERMS)


def test_what_was_refunded_whole_cannot_be_refunded_again():
    with pytest.raises(HistoryBroken, match="Line 9: All of order o1 was refunded"):
        backtest([*WORKED_EXAMPLE, Refund(8, "o1"), Refund(9, "o1")], DEFAULT_TERMS)


def test_an_event_of_no_kind_is_a_bug():
    class Other:
        line = 1

    with pytest.raises(NotImplementedError):
        backtest([Other()], DEFAULT_TERMS)
