"""Payments at Stripe: orders come in, codes are used up, refunds and disputes take back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from server.gateways.stripe.events import TYPES
from server.services import codes, redemptions
from server.services.redemptions import RedemptionView
from server.store import stripe_events
from server.store.cases import ReviewCase
from server.store.connection import Database
from server.store.conversions import Conversion
from server.store.stripe_payments import StripePayment
from tests import make
from tests.server import stripe_world
from tests.server.stripe_world import Shop
from tests.stripe_server import StripeServer


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def shop(database: Database, stripe: StripeServer) -> Iterator[Shop]:
    shop = stripe_world.found(database, stripe)
    shop.connect()
    shop.work()
    yield shop
    shop.means.stripe.close()


def visit(shop: Shop) -> str:
    """Let a friend arrive through Ada's link."""
    with shop.open() as db:
        token = make.visit(db, shop.town.links["Ada"], now=shop.town.now)
    shop.pass_time(timedelta(minutes=5))
    return token


def buys(shop: Shop, amount: int = 120_00, *, code: str | None = None, **given: object) -> str:
    """Let somebody pay; return the checkout."""
    session = shop.sells(amount, **given)
    shop.stripe.complete(session, code=code)
    return session


def outcomes(shop: Shop) -> list[tuple[str, str | None]]:
    with shop.open() as db:
        rows = db.exec(select(stripe_events.StripeEvent)).all()
    return [(row.state, row.outcome) for row in rows if row.facts]


def uses(shop: Shop) -> list[RedemptionView]:
    with shop.open() as db:
        return redemptions.of_brand(db, brand_id=shop.town.brand_id, before_id=None, limit=100)


def cases(shop: Shop) -> list[ReviewCase]:
    with shop.open() as db:
        return list(db.exec(select(ReviewCase)))


def pending(shop: Shop) -> int:
    with shop.open():
        return shop.town.place("Ada").pending_minor


class TestOrders:
    def test_a_visit_brings_an_order(self, shop: Shop):
        token = visit(shop)
        session = buys(shop, client_reference_id=token, metadata={"fanfare_new_customer": "yes"})
        shop.hear()
        shop.work()

        order = shop.order(session)
        assert (order.net_minor, order.credited_minor, order.reason) == (120_00, 120_00, None)
        assert pending(shop) > 0
        assert shop.wrong() == []

    def test_who_does_not_say_that_a_buyer_is_new_gets_the_half_of_a_returning_one(
        self, shop: Shop
    ):
        session = buys(shop, client_reference_id=visit(shop))
        shop.hear()
        shop.work()

        assert shop.order(session).credited_minor == 60_00

    def test_a_code_is_used_up_and_the_order_counts_for_who_brought_its_holder(self, shop: Shop):
        with shop.open() as db:
            taken = codes.take(
                db,
                member_id=shop.town.member("Bela"),
                offer_public_id=shop.town.offer.public_id,
                event_id="bela",
                value_minor=12_00,
                now=shop.town.now,
            )
        shop.work()
        session = buys(shop, code=taken.code)
        shop.hear()
        shop.work()

        (used,) = uses(shop)
        assert (used.code, used.order_ref, used.discount_minor) == (taken.code, session, 12_00)
        assert used.order_total_minor == 120_00
        order = shop.order(session)
        assert (order.net_minor, order.reason) == (108_00, None), "Ada brought Bela"
        assert shop.wrong() == []

    def test_what_nobody_of_ours_brought_is_not_kept(self, shop: Shop):
        buys(shop, client_reference_id="cart-7")
        shop.hear()
        shop.work()

        with shop.open() as db:
            refs = [order.order_ref for order in db.exec(select(Conversion))]
            (payment,) = db.exec(select(StripePayment))
        assert (payment.conversion_id, payment.redemption_id) == (None, None)
        assert not any(ref.startswith("cs_") for ref in refs)
        assert ("ignored", "Neither a code of ours nor a visit brought it.") in outcomes(shop)

    def test_an_order_under_the_shops_own_reference_is_not_counted_twice(self, shop: Shop):
        token = visit(shop)
        with shop.open() as db:
            make.order(
                db,
                shop.town.brand_id,
                "100.00",
                order_ref="A-7",
                visit_token=token,
                now=shop.town.now,
            )
        buys(shop, client_reference_id=token, metadata={"fanfare_order_ref": "A-7"})
        shop.hear()
        shop.work()

        assert shop.order("A-7").net_minor == 100_00
        assert ("done", "A partner reported A-7 with other values.") in outcomes(shop)

    def test_a_payment_that_takes_its_time_counts_when_it_came(self, shop: Shop):
        session = shop.sells(client_reference_id=visit(shop))
        shop.stripe.complete(session, "unpaid")
        shop.hear()
        shop.work()
        assert shop.order(session) is None

        shop.stripe.settle(session, succeeded=True)
        shop.hear()
        shop.work()
        assert shop.order(session).net_minor == 120_00

    def test_a_payment_that_fails_gives_the_code_back(self, shop: Shop):
        taken = shop.take()
        shop.work()
        session = shop.sells()
        shop.stripe.complete(session, "unpaid", code=taken.code)
        shop.hear()
        shop.work()
        shop.stripe.settle(session, succeeded=False)
        shop.hear()
        shop.work()

        assert uses(shop) == []
        assert [p["active"] for p in shop.promotions()][-1]
        assert shop.waiting() == []


class TestOnceInAnyOrder:
    def test_an_event_that_comes_twice_has_one_effect(self, shop: Shop):
        session = buys(shop, client_reference_id=visit(shop))
        shop.stripe.refund(session, 20_00)
        shop.hear(order="repeated")
        shop.work()

        assert shop.order(session).refunded_minor == 20_00
        assert shop.wrong() == []

    def test_a_refund_that_comes_before_its_checkout_waits_for_it(self, shop: Shop):
        session = buys(shop, client_reference_id=visit(shop))
        shop.stripe.refund(session, 20_00)
        shop.stripe.refund(session, 40_00)
        shop.hear(order="reversed")
        shop.work()

        assert shop.order(session).refunded_minor == 60_00
        assert {state for state, _ in outcomes(shop)} == {"done"}

    def test_an_event_about_nothing_that_we_know_is_given_up_after_days(self, shop: Shop):
        session = buys(shop, client_reference_id=visit(shop))
        shop.stripe.refund(session)
        checkout, *rest = [e for e in shop.stripe.events if e["type"] in TYPES]
        for event in rest:
            shop.take_in(event)
        shop.work()
        assert outcomes(shop) == [("waiting", "We know no checkout with this payment.")]

        for _ in range(40):
            shop.pass_time(timedelta(hours=6))
        assert outcomes(shop) == [("ignored", "We know no checkout with this payment.")]
        assert shop.waiting() == []

        shop.take_in(checkout)
        shop.work()
        order = shop.order(session)
        assert order.refunded_minor == order.net_minor, "what was given up was woken"


class TestRefunds:
    def test_a_part_reverses_as_large_a_part_rounded_down(self, shop: Shop):
        token = visit(shop)
        session = buys(shop, 100_00, client_reference_id=token)
        shop.stripe.refund(session, 33_33)
        shop.hear()
        shop.work()

        assert shop.order(session).refunded_minor == 33_33

    def test_all_of_it_reverses_all_and_the_code_can_be_used_again(self, shop: Shop):
        taken = shop.take(12_00)
        shop.work()
        session = buys(shop, code=taken.code)
        shop.hear()
        shop.work()
        shop.stripe.refund(session)
        shop.hear()
        shop.work()

        order = shop.order(session)
        assert (order.refunded_minor, order.credited_minor) == (order.net_minor, 0)
        (used,) = uses(shop)
        assert used.ended_at is not None
        first, second = shop.promotions()
        assert (first["active"], second["active"]) == (False, True)
        assert shop.wrong() == []

        again = buys(shop, code=taken.code)
        shop.hear()
        shop.work()
        assert [use.order_ref for use in uses(shop)] == [again, session]

    def test_a_part_leaves_the_code_used(self, shop: Shop):
        taken = shop.take(12_00)
        shop.work()
        session = buys(shop, code=taken.code)
        shop.stripe.refund(session, 10_00)
        shop.hear()
        shop.work()

        (used,) = uses(shop)
        assert used.ended_at is None


class TestDisputes:
    def disputed(self, shop: Shop) -> tuple[str, str]:
        session = buys(shop, client_reference_id=visit(shop))
        shop.hear()
        shop.work()
        dispute = shop.stripe.dispute(session)
        shop.hear()
        shop.work()
        return session, str(dispute["id"])

    def test_a_dispute_opens_a_case_and_the_order_does_not_vest(self, shop: Shop):
        session, dispute = self.disputed(shop)

        (case,) = cases(shop)
        assert (case.kind, case.state, case.source_ref) == ("dispute", "open", dispute)
        assert case.evidence[0] == (
            "The buyer's bank disputes 120.00 EUR at Stripe: the owner of the card did not buy it."
        )
        shop.pass_time(timedelta(days=20))
        assert shop.order(session).vested_at is None

    def test_one_that_is_won_lets_it_vest_at_once_when_its_time_is_over(self, shop: Shop):
        session, dispute = self.disputed(shop)
        shop.pass_time(timedelta(days=20))
        shop.stripe.close_dispute(dispute, "won")
        shop.hear()
        shop.work()

        assert shop.order(session).vested_at is not None
        assert cases(shop)[0].outcome == "won"
        assert shop.wrong() == []

    def test_one_that_is_lost_reverses_the_order(self, shop: Shop):
        session, dispute = self.disputed(shop)
        shop.stripe.close_dispute(dispute, "lost")
        shop.hear()
        shop.work()

        order = shop.order(session)
        assert (order.refunded_minor, order.credited_minor) == (order.net_minor, 0)
        shop.pass_time(timedelta(days=20))
        assert shop.order(session).vested_at is None
        assert shop.wrong() == []

    def test_one_that_is_told_twice_is_lost_once(self, shop: Shop):
        session = buys(shop, client_reference_id=visit(shop))
        dispute = shop.stripe.dispute(session, 30_00)
        shop.stripe.close_dispute(str(dispute["id"]), "lost")
        shop.hear()
        shop.take_in(shop.stripe.events[-1] | {"id": "evt_again"})
        shop.work()

        assert shop.stripe.events[-1]["type"] == "charge.dispute.closed"
        assert shop.order(session).refunded_minor == 30_00


class TestDifferences:
    def test_a_code_that_was_used_at_the_till_at_the_same_moment_is_booked_once(self, shop: Shop):
        taken = shop.take(12_00)
        shop.work()
        session = shop.sells()
        with shop.open():
            shop.till().redeem(taken.code)
        shop.stripe.complete(session, code=taken.code)
        shop.hear()
        shop.work()

        (used,) = uses(shop)
        assert used.order_ref == "A-1"
        assert shop.order(session).net_minor == 108_00, "the order is recorded all the same"
        words = f"Stripe took {taken.code}, but here it could not be used (already_redeemed)."
        assert ("done", words) in outcomes(shop)
        assert shop.wrong() == []

    def test_a_code_that_a_till_holds_waits_until_it_does_not(self, shop: Shop):
        taken = shop.take(12_00)
        shop.work()
        with shop.open():
            shop.till().reserve(taken.code)
        session = buys(shop, code=taken.code)
        shop.hear()
        shop.work()
        assert uses(shop) == []

        shop.pass_time(timedelta(minutes=16))
        (used,) = uses(shop)
        assert used.order_ref == session

    def test_a_code_that_had_expired_here_is_noted(self, shop: Shop):
        taken = shop.take(12_00)
        shop.work()
        session = buys(shop, code=taken.code)
        shop.town.now = taken.expires_at + timedelta(minutes=1)
        shop.work()
        shop.hear()
        shop.work()

        assert uses(shop) == []
        assert shop.order(session) is not None
        assert any("(expired)" in str(words) for _, words in outcomes(shop))

    def test_a_percentage_beyond_the_codes_value_is_the_brands_own(
        self, database: Database, stripe: StripeServer
    ):
        shop = stripe_world.found(database, stripe, code_rate_basis_points=10_00)
        shop.connect()
        taken = shop.take(5_00)
        shop.work()
        session = buys(shop, 120_00, code=taken.code)
        shop.hear()
        shop.work()
        shop.means.stripe.close()

        (used,) = uses(shop)
        assert used.discount_minor == 5_00
        assert shop.order(session).net_minor == 108_00
        words = f"Stripe gave 12.00 EUR off for {taken.code}, the ledger 5.00 EUR."
        assert ("done", words) in outcomes(shop)
        assert shop.wrong() == []

    def test_a_subscription_uses_the_code_up_and_is_no_order(self, shop: Shop):
        taken = shop.take(5_00)
        shop.work()
        event = stripe_world.session_event(
            shop,
            reference="",
            mode="subscription",
            amount_subtotal=20_00,
            amount_total=15_00,
            total_details={"amount_discount": 5_00, "amount_shipping": 0, "amount_tax": 0},
            discounts=[{"coupon": None, "promotion_code": shop.promotions()[0]["id"]}],
        )
        shop.take_in(event)
        shop.work()

        (used,) = uses(shop)
        assert used.code == taken.code
        assert shop.order("cs_test_1") is None
        assert ("done", "It is a subscription, whose orders are not counted.") in outcomes(shop)

    def test_an_order_in_another_currency_is_told_and_not_counted(self, shop: Shop):
        session = buys(shop, currency="usd", client_reference_id=visit(shop))
        shop.hear()
        shop.work()

        assert shop.order(session) is None
        assert any("Berta's Boots sells in EUR" in str(words) for _, words in outcomes(shop))

    def test_an_amount_that_does_not_exist_here_is_told(self, shop: Shop):
        event = stripe_world.session_event(
            shop, reference=visit(shop), currency="isk", amount_subtotal=550, amount_total=550
        )
        shop.take_in(event)
        shop.work()

        assert ("ignored", "550 of Stripe's units are no whole amount of ISK.") in outcomes(shop)


class TestMoney:
    @pytest.mark.parametrize(
        ("currency", "paid", "net"),
        [("JPY", 12_000, 12_000), ("KWD", 12_340, 12_340), ("EUR", 120_00, 120_00)],
    )
    def test_currencies_of_every_kind(
        self, database: Database, stripe: StripeServer, currency: str, paid: int, net: int
    ):
        shop = stripe_world.found(database, stripe, currency=currency)
        shop.connect()
        taken = shop.take(500)
        shop.work()
        session = shop.sells(paid, currency.lower())
        stripe.complete(session, code=taken.code)
        shop.hear()
        shop.work()
        shop.means.stripe.close()

        order = shop.order(session)
        assert (order.net_minor, order.currency) == (net - 500, currency)
        assert shop.wrong() == []

    def test_tax_and_shipping_are_no_part_of_an_order(self, shop: Shop):
        event = stripe_world.session_event(
            shop,
            reference=visit(shop),
            amount_subtotal=100_00,
            amount_total=137_50,
            total_details={"amount_discount": 0, "amount_shipping": 15_00, "amount_tax": 22_50},
            shipping_cost={"amount_subtotal": 15_00, "amount_tax": 2_50, "amount_total": 17_50},
        )
        shop.take_in(event)
        shop.work()

        assert shop.order(event["data"]["object"]["id"]).net_minor == 100_00
