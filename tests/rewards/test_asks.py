"""What a customer may be asked, and which question is worth it."""

from dataclasses import replace
from math import isclose, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.ask_choice import Prospect, best, cost_of, value_of
from rewards.ask_estimates import chances, lifted, share_of
from rewards.asks import (
    DAY_S,
    KEPT_DAYS,
    POINT,
    SENSITIVITY,
    Account,
    Asked,
    Kind,
    Question,
    Refusal,
    Reply,
    alike_after,
    ask,
    audit,
    coarsest_needed,
    cost_parts,
    delivered,
    is_expired,
    opened,
    passed,
    refusal,
    replied,
)
from rewards.errors import FactInvalid

SIZE = Question("shoe_size", Kind.SIZE, "so that we only show you shoes in your size")
MONTH = Question("birthday_month", Kind.BIRTHDAY_MONTH, "so that a gift comes in time")
BIRTH = Question("birth_date", Kind.BIRTH_DATE, "so that a gift comes in time", coarser=MONTH)
CONTACT = Question("newsletter", Kind.CONTACT, "so that you hear of sales first")


def put(account: Account, question: Question, now_s: int, session: str = "s") -> Account:
    after = ask(account, question, alike_after=100, session=session, now_s=now_s)
    assert isinstance(after, Account), after
    return after


def why_not(account: Account, question: Question, now_s: int, session: str = "other"):
    return refusal(account, question, alike_after=100, session=session, now_s=now_s)


class TestBudget:
    def test_time_gives_a_point_in_14_days_and_two_at_most(self):
        account = opened(0)
        assert account.time_parts == POINT
        assert passed(account, 7 * DAY_S).time_parts == POINT * 3 // 2
        assert passed(account, 14 * DAY_S).time_parts == 2 * POINT
        assert passed(account, 999 * DAY_S).time_parts == 2 * POINT

    def test_delivered_value_gives_a_point_for_5_00_and_half_for_an_item(self):
        account = delivered(opened(0), redeemed_minor=750, items_opened=1)
        assert account.value_parts == 2 * POINT
        assert delivered(account, redeemed_minor=10_000).value_parts == 6 * POINT
        assert (
            delivered(opened(0), redeemed_minor=1, value_per_point_minor=7).value_parts == 864_000
        )

    @pytest.mark.parametrize(
        "wrong", [{"redeemed_minor": -1}, {"items_opened": -1}, {"value_per_point_minor": 0}]
    )
    def test_nothing_is_taken_back(self, wrong: dict[str, int]):
        with pytest.raises(FactInvalid):
            delivered(opened(0), **wrong)

    def test_time_never_runs_backwards(self):
        with pytest.raises(FactInvalid, match="backwards"):
            passed(opened(10), 9)

    def test_value_is_spent_before_time(self):
        account = put(delivered(opened(0), redeemed_minor=250), SIZE, 0)
        assert (account.value_parts, account.time_parts) == (0, POINT // 2)

    @given(st.integers(1, 60))
    def test_rare_answers_cost_more(self, alike: int):
        cost = cost_parts(SIZE, alike) / POINT
        exact = 1 + max(0.0, log2(20 / alike))
        assert exact - 1e-9 <= cost <= exact + 0.001

    def test_nobody_alike_costs_as_one(self):
        assert cost_parts(SIZE, 0) == cost_parts(SIZE, 1)
        assert cost_parts(SIZE, 20) == POINT
        assert cost_parts(SIZE, 10) == 2 * POINT


class TestRules:
    def test_a_first_small_question_is_allowed_and_a_larger_one_is_not(self):
        assert why_not(opened(0), SIZE, 0) is None
        assert why_not(opened(0), MONTH, 0) is Refusal.NOT_EARNED
        assert why_not(opened(0), MONTH, 14 * DAY_S) is None

    def test_nothing_above_two_is_ever_asked_without_delivered_value(self):
        assert why_not(opened(0), CONTACT, 9999 * DAY_S) is Refusal.NOT_EARNED
        assert why_not(delivered(opened(0), redeemed_minor=1000), CONTACT, 0) is None

    def test_never_excludes_the_field_for_good_and_no_other(self):
        account = replied(put(opened(0), SIZE, 0), Reply.NEVER)
        assert why_not(account, SIZE, 9999 * DAY_S) is Refusal.EXCLUDED
        assert why_not(account, MONTH, 9999 * DAY_S) is None

    def test_one_question_a_session(self):
        account = replied(put(opened(0), SIZE, 0, "s"), Reply.ANSWERED)
        assert why_not(account, SIZE, 20 * DAY_S, "s") is Refusal.ASKED_THIS_SESSION

    def test_an_answer_rests_14_days(self):
        account = replied(put(opened(0), SIZE, 0), Reply.ANSWERED)
        assert why_not(account, MONTH, 14 * DAY_S - 1) is Refusal.COOLING_DOWN
        assert why_not(account, SIZE, 14 * DAY_S) is None

    def test_refusals_rest_longer_every_time(self):
        account, now_s = opened(0), 0
        for number, days in enumerate([30, 60, 120, 240, 365, 365]):
            account = replied(put(account, SIZE, now_s, f"{number}"), Reply.NOT_NOW)
            ready_s = now_s + days * DAY_S
            assert why_not(account, SIZE, ready_s - 1) is Refusal.COOLING_DOWN
            assert why_not(account, SIZE, ready_s) is None
            now_s = ready_s

    def test_no_reply_is_a_refusal_too(self):
        assert why_not(put(opened(0), SIZE, 0), SIZE, 29 * DAY_S) is Refusal.COOLING_DOWN

    def test_at_most_six_in_a_year(self):
        account = opened(0)
        for number in range(6):
            account = put(account, SIZE, number * 20 * DAY_S, f"{number}")
            account = replied(account, Reply.ANSWERED)
        assert why_not(account, SIZE, 365 * DAY_S - 1) is Refusal.ENOUGH_THIS_YEAR
        assert why_not(account, SIZE, 365 * DAY_S) is None

    def test_a_refused_question_costs_nothing_and_leaves_no_trace(self):
        assert ask(opened(0), BIRTH, alike_after=9, session="s", now_s=0) is Refusal.TOO_IDENTIFYING

    def test_a_coarser_question_takes_the_place_of_a_rare_one(self):
        assert coarsest_needed(BIRTH, {"birth_date": 3, "birthday_month": 40}) is MONTH
        assert coarsest_needed(BIRTH, {"birth_date": 20}) is BIRTH
        assert coarsest_needed(BIRTH, {"birth_date": 3, "birthday_month": 19}) is None

    def test_a_combination_is_as_rare_as_its_answers_together(self):
        assert alike_after(400, []) == 400
        assert alike_after(400, [(1, 4)]) == 100
        assert alike_after(400, [(1, 4), (1, 3)]) == 33
        assert alike_after(400, [(0, 4)]) == 0
        assert alike_after(400, [(0, 0)]) == 0

    def test_a_question_says_what_it_changes(self):
        with pytest.raises(FactInvalid, match="changes"):
            Question("size", Kind.SIZE, " ")

    def test_a_reply_needs_its_question(self):
        with pytest.raises(FactInvalid, match="reply"):
            replied(opened(0), Reply.ANSWERED)
        with pytest.raises(FactInvalid, match="reply"):
            replied(replied(put(opened(0), SIZE, 0), Reply.ANSWERED), Reply.NEVER)

    def test_every_kind_has_its_cost_and_its_end(self):
        assert set(SENSITIVITY) == set(KEPT_DAYS) == set(Kind)

    def test_values_expire_by_age_and_when_unused(self):
        year_s = 365 * DAY_S
        assert is_expired(Kind.SIZE, answered_s=0, used_s=year_s - 1, now_s=year_s)
        assert not is_expired(Kind.SIZE, answered_s=0, used_s=year_s - 2, now_s=year_s - 1)
        assert is_expired(Kind.CITY, answered_s=0, used_s=0, now_s=180 * DAY_S)
        assert not is_expired(Kind.CITY, answered_s=0, used_s=1, now_s=180 * DAY_S)


class TestAudit:
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 90 * DAY_S),
                st.integers(0, 4000),
                st.integers(0, 3),
                st.sampled_from([SIZE, MONTH, BIRTH, CONTACT]),
                st.integers(0, 40),
                st.sampled_from(Reply),
            ),
            max_size=30,
        )
    )
    def test_nothing_is_asked_that_was_not_covered(
        self, steps: list[tuple[int, int, int, Question, int, Reply]]
    ):
        account = opened(5)
        for number, (wait_s, minor, items, question, alike, reply) in enumerate(steps):
            account = passed(account, account.at_s + wait_s)
            account = delivered(account, redeemed_minor=minor, items_opened=items)
            after = ask(
                account, question, alike_after=alike, session=f"{number}", now_s=account.at_s
            )
            account = replied(after, reply) if isinstance(after, Account) else account
            assert audit(account)
            assert 0 <= account.time_parts <= 2 * POINT
            assert 0 <= account.value_parts <= 6 * POINT

    def test_finds_what_was_not_covered(self):
        asked = Asked(0, "birth_date", "s", 5 * POINT)
        assert not audit(replace(opened(0), history=(asked,)))


class TestEstimates:
    def test_what_nobody_answered_yet_is_equally_likely(self):
        assert chances([0, 0]) == {"0": 0.5, "1": 0.5}
        assert chances([3, 0]) == {"0": 0.8, "1": 0.2}

    def test_who_was_shown_what_fits_comes_more_often(self):
        rates = lifted({"boots": 0.2, "all": 0.9}, {"boots": {0}}, choices=2)
        assert rates["boots"] == {"0": 0.4, "1": 0.1}
        assert rates["all"] == {"0": 0.45, "1": 0.45}, "what is for nobody fits nobody"
        assert lifted({"boots": 0.9}, {"boots": {0}}, choices=1) == {"boots": {"0": 1.0}}

    def test_few_observations_pull_towards_the_prior(self):
        assert share_of(0, 0) == 0.25
        assert isclose(share_of(0, 100), 1 / 104)
        assert isclose(share_of(100, 100), 101 / 104)


class TestChoice:
    WORTH = Prospect(
        SIZE,
        chances={"38": 0.5, "44": 0.5},
        rates={"women": {"38": 0.1, "44": 0.0}, "men": {"38": 0.0, "44": 0.1}},
        values={"women": 20.0, "men": 20.0},
        uses=4,
        answering=0.5,
    )

    def test_value_is_what_knowing_gains_over_guessing(self):
        assert isclose(value_of(self.WORTH), 4 * (2.0 - 1.0) * 0.5)
        assert isclose(cost_of(self.WORTH), 0.20 * 1.5)

    def test_an_answer_that_changes_nothing_is_worth_nothing(self):
        same = replace(
            self.WORTH, rates={"women": {"38": 0.1, "44": 0.1}, "men": {"38": 0, "44": 0}}
        )
        assert value_of(same) == 0
        assert best([same]) is None

    def test_the_best_is_asked(self):
        dear = replace(self.WORTH, question=BIRTH)
        assert best([dear, self.WORTH]) is self.WORTH
        assert best([]) is None
