"""Orders: whom they are credited to, when they vest, and how exactly they are undone."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from rewards.money import Money
from server.errors import Conflict, Invalid, NotFound, OrderRefTaken, ReversalRefTaken, TimesInvalid
from server.services import codes, conversions, shares
from server.services.attribution import Evidence
from server.store import offers, visits
from server.store import referrals as referral_store
from tests import make
from tests.server import town as towns
from tests.server.town import Town


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def test_a_branch_keeps_what_it_earns_and_the_inviter_gets_the_rest(town: Town):
    """The worked example of docs/ENGINE.md: Ann brings Bob and Cat, Bob brings Dan."""
    town.shares("Ann")
    for name, inviter in (("Bob", "Ann"), ("Cat", "Ann"), ("Dan", "Bob")):
        town.shares(name, after=inviter)
    for amount, name in (("120.00", "Bob"), ("90.00", "Cat"), ("300.00", "Dan")):
        town.orders(amount, through=name)

    earned = {name: town.place(name).earned_minor for name in ("Ann", "Bob", "Cat", "Dan")}

    assert earned == {"Ann": 3_00, "Bob": 9_60, "Cat": 4_20, "Dan": 18_00}
    assert town.wrong() == []


class TestReport:
    def test_credits_the_owner_of_the_link_pending(self, town: Town):
        town.shares("Ada")

        found = town.orders("120.00", through="Ada")

        assert (found.credited_minor, found.reason) == (120_00, None)
        assert found.vests_at == town.now + timedelta(days=14)
        place = town.place("Ada")
        assert (place.pending_minor, place.payable_minor) == (6_00, 0)

    def test_gives_the_first_answer_again_when_a_partner_retries(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        town.now += timedelta(minutes=1)

        def report():
            return make.order(
                town.db, town.brand_id, "60.00", order_ref="A-1", visit_token=token, now=town.now
            )

        first, again = report(), report()

        assert (first.is_new, again.is_new) == (True, False)
        assert again.public_id == first.public_id
        assert town.place("Ada").pending_minor == 2_40

    def test_refuses_another_order_under_the_same_reference(self, town: Town):
        make.order(town.db, town.brand_id, "60.00", order_ref="A-1", now=town.now)

        with pytest.raises(OrderRefTaken):
            make.order(town.db, town.brand_id, "61.00", order_ref="A-1", now=town.now)

    def test_counts_a_returning_customer_half(self, town: Town):
        town.shares("Ada")

        found = town.orders("60.01", through="Ada", is_new_customer=False)

        assert found.credited_minor == 30_00

    def test_refuses_a_currency_that_the_brand_does_not_sell_in(self, town: Town):
        with pytest.raises(Invalid, match="sells in EUR"):
            conversions.report(
                town.db,
                brand_id=town.brand_id,
                order_ref="A-1",
                net=Money(1_00, "CHF"),
                is_new_customer=True,
                evidence=Evidence(),
                ordered_at=None,
                now=town.now,
            )

    def test_refuses_an_order_from_the_future(self, town: Town):
        with pytest.raises(TimesInvalid):
            make.order(
                town.db,
                town.brand_id,
                "1.00",
                now=town.now,
                ordered_at=town.now + timedelta(hours=1),
            )

    def test_credits_what_fits_into_the_budget_and_says_so(self, db: Session):
        town = towns.found(db, budget_minor=6_00)
        town.shares("Ada")

        found = town.orders("200.00", through="Ada")

        assert (found.credited_minor, found.reason) == (120_00, "budget_partly")
        assert "budget" in found.why
        assert town.orders("10.00", through="Ada").reason == "budget_spent"
        assert town.wrong() == []


class TestAttribution:
    def reason(self, town: Town, **evidence: str) -> str | None:
        town.now += timedelta(minutes=1)
        return make.order(town.db, town.brand_id, "50.00", now=town.now, **evidence).reason

    def test_needs_evidence(self, town: Town):
        assert self.reason(town) == "no_evidence"
        assert self.reason(town, visit_token="nothing-known") == "unknown_visit"
        assert self.reason(town, code="NOTHINGKNOWN") == "unknown_code"

    def test_takes_a_link_code_that_the_buyer_typed(self, town: Town):
        assert self.reason(town, code=town.shares("Ada")) is None
        assert town.place("Ada").earned_minor == 2_00

    def test_does_not_know_the_visits_of_another_brand(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))

        found = make.order(town.db, other, "50.00", visit_token=token, now=town.now)

        assert found.reason == "unknown_visit"

    def test_ends_with_the_window(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        town.now += timedelta(days=30, minutes=-2)
        assert self.reason(town, visit_token=token) is None
        town.now += timedelta(minutes=2)
        assert self.reason(town, visit_token=token) == "outside_window"

    def test_ends_when_the_share_is_withdrawn(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        town.now += timedelta(minutes=5)
        shares.withdraw(town.db, member_id=town.member("Ada"), code=town.links["Ada"], now=town.now)

        assert self.reason(town, visit_token=token) == "share_withdrawn"

    def test_an_order_within_ten_seconds_of_the_click_is_too_fast(self, town: Town):
        town.shares("Ada")
        token = make.visit(town.db, town.links["Ada"], now=town.now)

        found = make.order(
            town.db,
            town.brand_id,
            "50.00",
            visit_token=token,
            now=town.now + timedelta(seconds=9),
        )

        assert found.reason == "too_fast"

    def test_nobody_earns_for_their_own_order(self, town: Town):
        town.shares("Ada")
        town.orders("300.00", through="Ada")
        town.time_passes()
        own = codes.take(
            town.db,
            member_id=town.member("Ada"),
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=None,
            now=town.now,
        )
        token = make.visit(town.db, town.links["Ada"], now=town.now)

        assert self.reason(town, visit_token=token, code=own.code) == "own_order"

    def test_nobody_earns_for_an_order_from_above(self, town: Town):
        """Ada brought Bela; Ada then buys through Bela's link with a code of her own."""
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        town.orders("300.00", through="Ada")
        town.time_passes()
        adas = codes.take(
            town.db,
            member_id=town.member("Ada"),
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=None,
            now=town.now,
        )
        token = make.visit(town.db, town.links["Bela"], now=town.now)

        assert self.reason(town, visit_token=token, code=adas.code) == "own_order"

    def test_the_first_verified_referral_wins_over_a_later_link(self, town: Town):
        """Bela was brought by Ada and clicks Cleo's link on the way to the checkout."""
        town.shares("Ada")
        town.shares("Cleo")
        make.claim(
            town.db,
            town.member("Bela"),
            make.visit(town.db, town.links["Ada"], now=town.now),
            now=town.now,
        )
        later = make.visit(town.db, town.links["Cleo"], now=town.now)
        self.know(town, later, "Bela")

        assert self.reason(town, visit_token=later) is None
        assert town.place("Ada").earned_minor == 2_00
        assert town.place("Cleo").earned_minor == 0

    def test_a_withdrawn_referral_counts_no_longer(self, town: Town):
        town.shares("Ada")
        town.shares("Cleo")
        bela = town.member("Bela")
        token = make.visit(town.db, town.links["Ada"], now=town.now)
        make.claim(town.db, bela, token, now=town.now)
        referral = referral_store.find(town.db, offer_id=self.offer_id(town), friend_id=bela)
        town.takes_back("Bela", referral.consent_id)
        later = make.visit(town.db, town.links["Cleo"], now=town.now)
        self.know(town, later, "Bela")

        assert self.reason(town, visit_token=later) is None
        assert town.place("Cleo").earned_minor == 2_00

    def test_a_buyer_who_came_lately_through_one_link_stays_with_it(self, town: Town):
        town.shares("Ada")
        town.shares("Cleo")
        town.orders("50.00", through="Ada", buyer_ref="b1")
        town.orders("50.00", through="Cleo", buyer_ref="b1")
        town.orders("50.00", through="Cleo", buyer_ref="b2")

        assert town.place("Ada").earned_minor == 4_80
        assert town.place("Cleo").earned_minor == 2_00

    @staticmethod
    def know(town: Town, token: str, name: str) -> None:
        visits.find_by_token(town.db, token).friend_id = town.member(name)
        town.db.flush()

    @staticmethod
    def offer_id(town: Town) -> int:
        return offers.find_by_public_id(town.db, town.offer.public_id).id


class TestVesting:
    def test_pending_becomes_payable_when_the_window_is_over(self, town: Town):
        town.shares("Ada")
        town.orders("120.00", through="Ada")
        town.time_passes(timedelta(days=13))
        assert town.place("Ada").payable_minor == 0

        town.time_passes(timedelta(days=1))

        place = town.place("Ada")
        assert (place.pending_minor, place.payable_minor) == (0, 6_00)
        assert town.wrong() == []

    def test_happens_once_however_often_the_worker_looks(self, town: Town):
        town.shares("Ada")
        town.orders("120.00", through="Ada")
        for _ in range(3):
            town.time_passes()

        assert town.place("Ada").payable_minor == 6_00

    def test_a_refund_before_the_end_of_the_window_leaves_nothing_to_vest(self, town: Town):
        town.shares("Ada")
        make.refund(town.db, town.brand_id, town.orders("120.00", through="Ada"), now=town.now)
        town.time_passes()

        assert town.place("Ada").payable_minor == 0
        assert town.wrong() == []


class TestReverse:
    def test_a_full_refund_restores_the_exact_state(self, town: Town):
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        town.orders("77.77", through="Bela")
        before = [town.place(name) for name in ("Ada", "Bela")]

        order = town.orders("123.45", through="Ada")
        make.refund(town.db, town.brand_id, order, now=town.now)

        after = [town.place(name) for name in ("Ada", "Bela")]
        assert [p.why for p in after] == [p.why for p in before]
        assert town.wrong() == []

    def test_partial_refunds_in_two_orders_end_the_same(self, town: Town):
        town.shares("Ada")
        town.shares("Cleo")
        adas = town.orders("99.99", through="Ada", is_new_customer=False)
        cleos = town.orders("99.99", through="Cleo", is_new_customer=False)
        for amount in ("0.01", "33.33", "12.00"):
            make.refund(town.db, town.brand_id, adas, amount, now=town.now)
        for amount in ("12.00", "0.01", "33.33"):
            make.refund(town.db, town.brand_id, cleos, amount, now=town.now)

        assert town.place("Ada").why == town.place("Cleo").why

    def test_a_repeated_refund_gets_the_first_answer(self, town: Town):
        town.shares("Ada")
        order = town.orders("100.00", through="Ada")
        first = make.refund(town.db, town.brand_id, order, "40.00", reversal_ref="R", now=town.now)
        again = make.refund(town.db, town.brand_id, order, "40.00", reversal_ref="R", now=town.now)

        assert (first.is_new, again.is_new) == (True, False)
        assert again.credited_after_minor == 60_00
        assert again.conversion.refunded_minor == 40_00

    def test_refuses_what_contradicts_an_earlier_refund(self, town: Town):
        town.shares("Ada")
        order = town.orders("100.00", through="Ada")
        make.refund(town.db, town.brand_id, order, "40.00", reversal_ref="R", now=town.now)

        with pytest.raises(ReversalRefTaken):
            make.refund(town.db, town.brand_id, order, "41.00", reversal_ref="R", now=town.now)
        with pytest.raises(Invalid, match=r"60\.00"):
            make.refund(town.db, town.brand_id, order, "60.01", now=town.now)
        make.refund(town.db, town.brand_id, order, now=town.now)
        with pytest.raises(Conflict, match="refunded already"):
            make.refund(town.db, town.brand_id, order, "0.01", now=town.now)

    def test_another_brand_cannot_refund_the_order(self, town: Town):
        town.shares("Ada")
        order = town.orders("100.00", through="Ada")
        other = make.brand(town.db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))

        with pytest.raises(NotFound):
            make.refund(town.db, other, order, now=town.now)

    def test_a_refund_after_a_grant_is_owed_and_counts_against_the_budget(self, town: Town):
        town.shares("Ada")
        order = town.orders("300.00", through="Ada")
        town.time_passes()
        codes.take(
            town.db,
            member_id=town.member("Ada"),
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=10_00,
            now=town.now,
        )

        make.refund(town.db, town.brand_id, order, now=town.now)

        place = town.place("Ada")
        assert place.payable_minor == -10_00
        assert place.remaining_minor == 5_000_00 - 10_00
        assert town.wrong() == []
