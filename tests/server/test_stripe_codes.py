"""Codes at Stripe follow our ledger: one coupon for a value, one promotion code for a code."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from server.gateways.stripe import codes as gateway
from server.jobs import calls
from server.services import codes, redemptions
from server.store.connection import Database
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
    yield shop
    shop.means.stripe.close()


def active(shop: Shop) -> list[str]:
    return [str(promotion["code"]) for promotion in shop.promotions() if promotion["active"]]


def test_a_code_that_is_taken_can_be_used_at_stripe(shop: Shop):
    shop.connect()
    taken = shop.take(12_00)
    shop.work()

    (coupon,), (promotion,) = shop.coupons(), shop.promotions()
    assert (coupon["amount_off"], coupon["currency"], coupon["duration"]) == (12_00, "eur", "once")
    assert promotion["code"] == taken.code
    assert promotion["promotion"] == {"type": "coupon", "coupon": coupon["id"]}
    assert (promotion["active"], promotion["max_redemptions"]) == (True, 1)
    assert promotion["expires_at"] == int(taken.expires_at.timestamp())
    assert promotion["restrictions"]["minimum_amount"] == 12_00, "an amount is never cut"
    assert promotion["metadata"]["fanfare_code"] == taken.code
    assert shop.work() == 0
    assert shop.waiting() == []


def test_two_codes_of_one_value_share_their_coupon(shop: Shop):
    shop.connect()
    for value in (5_00, 5_00, 7_00):
        shop.take(value)
    shop.work()

    assert sorted(coupon["amount_off"] for coupon in shop.coupons()) == [5_00, 7_00]
    assert len(shop.promotions()) == 3


def test_codes_from_before_go_there_when_the_brand_connects(shop: Shop):
    taken = shop.take()
    shop.work()
    assert shop.promotions() == []

    shop.connect()
    shop.work()
    assert active(shop) == [taken.code]


def test_a_brand_without_stripe_writes_no_messages(shop: Shop):
    shop.take()

    assert shop.waiting() == []


def test_a_share_of_an_order_is_a_percentage_there(database: Database, stripe: StripeServer):
    shop = stripe_world.found(
        database, stripe, code_rate_basis_points=12_50, code_min_order_minor=20_00
    )
    shop.connect()
    shop.take(30_00)
    shop.work()
    shop.means.stripe.close()

    (coupon,), (promotion,) = shop.coupons(), shop.promotions()
    assert (coupon["percent_off"], coupon["amount_off"]) == (12.5, None)
    assert promotion["restrictions"]["minimum_amount"] == 20_00


def test_a_personal_code_stays_at_the_till(shop: Shop):
    shop.connect()
    shop.take(holder_hash="a" * 64)
    shop.work()

    assert shop.promotions() == []


class TestEnding:
    def test_a_code_that_is_used_at_the_till_ends_at_stripe(self, shop: Shop):
        shop.connect()
        taken = shop.take()
        shop.work()
        with shop.open():
            shop.till().redeem(taken.code)
        shop.work()

        assert active(shop) == []

    def test_so_does_one_that_is_revoked_before_it_ever_got_there(self, shop: Shop):
        shop.connect()
        taken = shop.take()
        with shop.open() as db:
            codes.give_back(
                db, member_id=shop.town.member("Ada"), code=taken.code, now=shop.town.now
            )
        shop.work()

        assert shop.promotions() == []

    def test_and_one_that_expires(self, shop: Shop):
        shop.connect()
        taken = shop.take()
        shop.work()
        shop.pass_time(taken.expires_at - shop.town.now)

        assert active(shop) == []
        assert shop.waiting() == []


class TestReopening:
    def test_a_whole_rollback_switches_the_same_promotion_code_on_again(self, shop: Shop):
        shop.connect()
        taken = shop.take()
        shop.work()
        with shop.open():
            till = shop.till()
            used = till.redeem(taken.code)
        shop.work()
        with shop.open():
            till.roll_back(used)
        shop.work()

        (promotion,) = shop.promotions()
        assert promotion["active"]

    def test_what_is_left_after_a_part_was_rolled_back_is_a_new_promotion_code(self, shop: Shop):
        shop.connect()
        taken = shop.take(12_00)
        shop.work()
        with shop.open():
            till = shop.till()
            used = till.redeem(taken.code)
            till.roll_back(used, 5_00, "part")
        shop.work()
        with shop.open():
            till.roll_back(used, rollback_ref="rest")
        shop.work()

        first, second = shop.promotions()
        assert (first["active"], second["active"]) == (False, True)
        assert second["promotion"]["coupon"] == "fanfare-eur-700"


class TestWhenStripeFails:
    """Whatever is lost on the way, there is one coupon and one promotion code."""

    def once(self, shop: Shop, code: str) -> bool:
        """Let time pass; tell whether there is one of each, and whether we know it to end it."""
        for _ in range(6):
            shop.pass_time(timedelta(minutes=70))
        made = (len(shop.coupons()), active(shop), shop.waiting())
        with shop.open():
            shop.till().redeem(code)
        shop.work()
        return made == (1, [code], []) and active(shop) == []

    @pytest.mark.parametrize("path", ["/v1/coupons", "/v1/promotion_codes"])
    @pytest.mark.parametrize(
        ("status", "after_effect"),
        [(429, False), (500, False), (500, True), (503, True)],
        ids=["429", "500", "500 after the effect", "503 after the effect"],
    )
    def test_by_an_answer(self, shop: Shop, path: str, status: int, *, after_effect: bool):
        shop.connect()
        shop.work()
        code = shop.take().code
        shop.stripe.fail(2, status, path, method="POST", after_effect=after_effect)

        shop.work()
        assert self.once(shop, code)

    @pytest.mark.parametrize("path", ["/v1/coupons", "/v1/promotion_codes"])
    @pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
    def test_by_none(self, shop: Shop, path: str, *, after_effect: bool):
        shop.connect()
        shop.work()
        code = shop.take().code
        shop.stripe.cut(1, path, method="POST", after_effect=after_effect)

        shop.work()
        assert shop.view().trouble == "Stripe does not answer."
        assert self.once(shop, code)
        assert shop.view().trouble is None

    def test_long_after_stripe_forgot_the_key(self, shop: Shop):
        shop.connect()
        shop.work()
        code = shop.take().code
        shop.stripe.cut(1, "/v1/promotion_codes", method="POST", after_effect=True)
        shop.work()
        shop.town.now += timedelta(days=3)
        shop.stripe.now = shop.town.now

        shop.work()
        assert self.once(shop, code)

    def test_a_coupon_that_somebody_deleted_is_made_again(self, shop: Shop):
        shop.connect()
        shop.take()
        shop.work()
        (coupon,) = shop.coupons()
        client = shop.means.stripe.reach(stripe_world.whole_access(shop))
        client.v1.coupons.delete(str(coupon["id"]))
        shop.take()
        shop.work()

        assert len(active(shop)) == 1
        assert shop.waiting() == []

    def test_one_silent_account_is_asked_once_in_a_round(self, shop: Shop):
        shop.connect()
        shop.work()
        for _ in range(4):
            shop.take()
        shop.stripe.cut(1)
        before = len(shop.stripe.requests)

        shop.work()
        assert len(shop.stripe.requests) == before + 1
        assert len(shop.waiting()) == 4

    def test_a_revoked_key_is_told_on_the_page(self, shop: Shop):
        shop.connect()
        shop.work()
        shop.take()
        shop.stripe.revoke_key(stripe_world.key_of(shop))
        shop.work()

        assert shop.view().trouble == "Stripe does not accept the key any more."
        assert len(shop.waiting()) == 1


def test_a_worker_that_was_slower_than_its_claim_looks_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    """The code is used while Stripe is asked, and another worker comes too early to end it."""
    shop.connect()
    shop.work()
    taken = shop.take()
    really = gateway.make_promotion

    def slowly(*args: object, **named: object) -> gateway.Promotion:
        made = really(*args, **named)
        monkeypatch.setattr(gateway, "make_promotion", really)
        with shop.open():
            shop.till().redeem(taken.code)
        calls.make_due(shop.database, shop.means, now=shop.town.now + timedelta(minutes=2))
        return made

    monkeypatch.setattr(gateway, "make_promotion", slowly)
    shop.work()

    assert active(shop) == []
    assert shop.waiting() == []


def test_a_code_gets_no_second_use_at_stripe_before_the_first_is_heard_of(shop: Shop):
    shop.connect()
    taken = shop.take()
    shop.work()
    session = shop.sells()
    shop.stripe.complete(session, code=taken.code)
    with shop.open():
        till = shop.till()
        used = till.redeem(taken.code)
    shop.work()
    with shop.open():
        till.roll_back(used)
    shop.work()
    assert active(shop) == []

    shop.hear()
    shop.work()
    assert active(shop) == [], "it was used, and now we know it"
    with shop.open() as db:
        (use, _) = redemptions.of_brand(
            db, brand_id=shop.town.brand_id, before_id=None, limit=9, code=taken.code
        )
    assert use.order_ref == session
