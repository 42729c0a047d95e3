"""What an offer pays, told as little stories.

Average order 60.00, so the default rates are 4 % up to 60.00, 6 % up to 240.00, 8 % up to 960.00
and 10 % above; a verified visit counts 0.30.
"""

from dataclasses import replace
from itertools import pairwise

import pytest

from rewards import grants
from rewards.engine import apply
from rewards.facts import Granted, OrderPlaced
from rewards.forest import DEPTH_MAX
from tests.rewards.story import DEFAULT_TERMS, tell


def test_a_branch_keeps_what_it_earns_and_the_inviter_gets_the_rest():
    tell(
        DEFAULT_TERMS,
        """
        Ann joins
        Bob joins by Ann        orders 120.00
        Cat joins by Ann        orders  90.00
        Dan joins by Bob        orders 300.00
        Ann earns 3.00   Bob earns 9.60   Cat earns 4.20   Dan earns 18.00
        """,
    )


def test_the_rate_grows_with_what_a_link_set_in_motion():
    tell(
        DEFAULT_TERMS,
        """
        Ann joins     earns 0.00
        Ann orders  60.00    earns   2.40
        Ann orders 180.00    earns  13.20
        Ann orders 720.00    earns  70.80
        Ann orders 100.00    earns  80.80
        """,
    )


def test_a_newcomer_who_does_better_than_the_inviter_takes_nothing_away():
    tell(
        DEFAULT_TERMS,
        """
        Ann joins               orders  300.00
        Ann earns 18.00
        Bob joins by Ann        orders 3000.00
        Ann earns 30.00         Bob earns 274.80
        """,
    )


def test_a_returning_customer_counts_half():
    tell(
        DEFAULT_TERMS,
        """
        Ann joins
        Ann orders 100.01 from a returning customer     counts 50.00
        Ann earns 2.00
        """,
    )


def test_money_is_pending_until_the_return_window_is_over():
    tell(
        DEFAULT_TERMS,
        """
        Ann joins     orders 240.00
        Ann earns 13.20    pending 13.20    payable 0.00
        Ann takes 5.00     but more_than_payable
        Ann vests
        Ann earns 13.20    pending 0.00     payable 13.20
        Ann takes 13.21    but more_than_payable
        Ann takes 5.00     payable 8.20
        """,
    )


class TestVisits:
    def test_visits_without_an_order_earn_reach_and_no_money(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins
            Bob joins by Ann        visits 30
            Bob earns 0.00          Bob reach 30    Ann reach 30
            """,
        )

    def test_visits_lift_orders_by_a_tenth_at_most(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins     visits 10    orders 20.00     earns 0.88
            Ann visits 10              earns 0.88
            Ann orders 40.00           earns 2.76
            """,
        )

    def test_a_visit_that_was_not_real_is_taken_back(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins     orders 60.00    visits 10    earns 2.58    reach 10
            Ann vests     payable 2.58
            Ann visits 5               earns 2.67    pending 0.09
            Ann loses visits 15        earns 2.40    reach 0     payable 2.40
            """,
        )


class TestRefunds:
    def test_a_whole_refund_leaves_no_trace(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins
            Bob joins by Ann     orders 100.00
            Bob orders 300.00    Bob earns 26.00
            Bob refunds 300.00   Bob earns 4.80    Ann earns 0.00
            """,
        )

    def test_partial_refunds_end_where_one_refund_ends(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 99.99 from a returning customer    counts 49.99
            Ann refunds 33.33    counts 33.33
            Ann refunds 33.33    counts 16.66
            Ann refunds 33.33    counts 0.00     earns 0.00
            """,
        )

    def test_a_refund_after_vesting_takes_payable_money(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 240.00    vests    payable 13.20
            Ann refunds 180.00    payable 2.40    pending 0.00
            """,
        )

    def test_a_refund_after_a_code_is_made_up_by_the_next_orders(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 30.00
            Ann joins    orders 240.00    vests    takes 13.20    redeems 13.20
            Ann refunds 240.00    payable -13.20    debt 13.20    remaining 16.80
            Ann orders 240.00     payable -13.20    debt  0.00    remaining 16.80
            Ann vests             payable   0.00
            Ann takes 5.00        but more_than_payable
            """,
        )

    def test_a_code_returned_after_a_refund_settles_the_debt(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 30.00
            Ann joins    orders 240.00    vests    takes 13.20
            Ann refunds 240.00    debt 13.20    remaining 16.80
            Ann returns 10.00     debt  3.20    remaining 26.80    payable -3.20
            """,
        )

    def test_a_refund_first_takes_what_the_budget_had_no_room_for(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 2.40
            Ann joins    orders 90.00    but budget_partly    counts 60.00
            Ann refunds 20.00    counts 60.00    remaining 0.00
            Ann refunds 20.00    counts 50.00    remaining 0.40
            """,
        )

    def test_a_refund_below_lowers_the_inviter_too(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 60.00
            Bob joins by Ann    orders 60.00    vests
            Ann vests    payable 3.60    Bob payable 2.40
            Bob refunds 60.00    Bob payable 0.00    Ann payable 2.40
            """,
        )


class TestBudget:
    def test_an_order_that_does_not_fit_counts_as_far_as_it_fits(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 10.00
            Ann joins    orders 120.00    earns 6.00    remaining 4.00
            Ann orders 120.00    but budget_partly     counts 66.66    earns 9.99
            Ann remaining 0.00
            Bob joins    orders 60.00    but budget_partly     counts 0.01
            Bob orders 60.00     but budget_spent      counts 0.00
            Ann earns 9.99
            """,
        )

    def test_the_budget_is_kept_to_the_last_part_of_a_cent(self):
        finest = replace(DEFAULT_TERMS, thresholds_minor=(0,), rates_basis_points=(1,))
        tell(
            finest,
            """
            budget 0.01
            Ann joins    orders 100.01    but budget_partly    counts 100.00    earns 0.01
            """,
        )

    def test_a_visit_that_does_not_fit_counts_for_reach(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 2.40
            Ann joins    orders 60.00    remaining 0.00
            Ann visits 2    but budget_spent    reach 2    earns 2.40
            Ann vests
            Ann loses visits 2    reach 0    earns 2.40
            """,
        )

    def test_a_raised_budget_has_room_again(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 2.40
            Ann joins    orders 60.00
            Ann orders 10.00    but budget_spent
            budget 3.00
            Ann orders 10.00    counts 10.00    earns 3.00
            """,
        )

    def test_a_budget_is_never_lower_than_what_is_promised(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 60.01
            budget 2.40    but budget_below_liability
            budget 2.41    remaining 0.00
            """,
        )

    def test_a_refund_makes_room(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 2.40
            Ann joins    orders 60.00    refunds 30.00    remaining 1.20
            Bob joins    orders 60.00    but budget_partly    counts 30.00
            """,
        )

    def test_what_was_granted_before_a_refund_still_counts_against_the_budget(self):
        tell(
            DEFAULT_TERMS,
            """
            budget 13.20
            Ann joins    orders 240.00    vests    takes 10.00
            Ann refunds 240.00    debt 10.00    remaining 3.20
            Bob joins    orders 240.00    but budget_partly    counts 73.33
            Ann orders 240.00    but budget_partly    counts 186.67
            """,
        )


class TestCodes:
    def test_a_code_has_a_smallest_value(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 100.00    vests    payable 4.80
            Ann takes 4.80    but below_minimum_grant
            Ann orders 10.00  vests    takes 5.40    payable 0.00
            """,
        )

    def test_an_unused_code_gives_its_value_back(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 240.00    vests    takes 13.20
            Ann returns 13.20    payable 13.20
            Ann takes 6.00       redeems 6.00    payable 7.20
            """,
        )

    def test_a_rolled_back_redemption_can_be_redeemed_or_returned_again(self):
        tell(
            DEFAULT_TERMS,
            """
            Ann joins    orders 240.00    vests    takes 13.20    redeems 13.20
            Ann rolls back 13.20    redeems 10.00    returns 3.20    payable 3.20
            """,
        )


def test_nobody_joins_deeper_than_the_deepest():
    names = [f"P{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(DEPTH_MAX + 3)]
    chain = "\n".join(f"{name} joins by {above}" for above, name in pairwise(names[:-2]))
    told = tell(
        DEFAULT_TERMS,
        f"""
        {names[0]} joins
        {chain}
        {names[-2]} joins by {names[-3]}    but depth_capped
        {names[-1]} joins by {names[-2]}    but depth_capped
        """,
    )
    *_, deepest, second, third = told.forest.participants.values()
    assert deepest.depth == second.depth == third.depth == DEPTH_MAX
    assert deepest.parent == second.parent == third.parent


def test_a_story_notices_what_it_leaves_unsaid_and_what_is_wrong():
    with pytest.raises(AssertionError, match="budget_spent should be said"):
        tell(DEFAULT_TERMS, "budget 0.00\nAnn joins    orders 1.00")
    with pytest.raises(AssertionError):
        tell(DEFAULT_TERMS, "Ann joins    orders 60.00    earns 2.41")


def test_the_yen_has_no_decimals():
    tell(
        replace(DEFAULT_TERMS, currency="JPY"),
        """
        Ann joins    orders 6000    earns 240
        """,
    )


def test_the_largest_code_is_what_is_payable_if_that_is_enough():
    told = tell(DEFAULT_TERMS, "Ann joins    orders 100.00    vests")
    assert grants.largest_grant_minor(DEFAULT_TERMS, told.person) == 0
    told.clause("orders 10.00")
    told.clause("vests")
    assert grants.largest_grant_minor(DEFAULT_TERMS, told.person) == 540
    assert grants.redeemable_minor(told.person) == 0


def test_reach_unlocks_content_and_what_was_opened_stays_open():
    told = tell(DEFAULT_TERMS, "Ann joins    Bob joins by Ann    visits 3    Ann reach 3")
    assert grants.is_unlocked(told.person, 3, opened=False)
    assert not grants.is_unlocked(told.person, 4, opened=False)
    assert grants.is_unlocked(told.person, 4, opened=True)


def test_a_decision_says_whether_it_was_a_refusal():
    told = tell(DEFAULT_TERMS, "budget 0.00    Ann joins")
    assert apply(told.forest, Granted("g", 1, 500)).refused
    assert not apply(told.forest, OrderPlaced("o", 1, 500, 10_000)).refused
