"""Coupons and promotion codes: what they are worth, for how long, and for whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import Refused, StripeServer

Thing = dict[str, Any]

FIVE = {"amount_off": 5_00, "currency": "eur"}


def refusal_of(call: Any, *args: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as refusal:
        call(*args)
    return refusal.value


def codes(client: StripeClient, coupon: str = "five", **given: Any) -> Any:
    return client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon}, **given}
    )


@pytest.fixture
def five(client: StripeClient) -> str:
    return client.v1.coupons.create(FIVE | {"id": "five"}).id


class TestACoupon:
    def test_is_an_amount_or_a_percentage(self, client: StripeClient):
        five = client.v1.coupons.create(FIVE | {"name": "Five", "metadata": {"value": "500"}})
        assert (five.amount_off, five.currency, five.percent_off) == (5_00, "eur", None)
        assert (five.duration, five.valid, five.times_redeemed) == ("once", True, 0)
        assert (five.name, five.metadata.to_dict()) == ("Five", {"value": "500"})
        half = client.v1.coupons.create({"percent_off": 12.5, "duration": "forever"})
        assert (half.percent_off, half.amount_off, half.currency) == (12.5, None, None)

    @pytest.mark.parametrize(
        ("given", "code", "param"),
        [
            ({}, "parameter_missing", None),
            ({"amount_off": 5}, None, "currency"),
            (FIVE | {"percent_off": 5}, None, None),
            (FIVE | {"amount_off": 0}, "parameter_invalid_integer", "amount_off"),
            (FIVE | {"amount_off": -5}, "parameter_invalid_integer", "amount_off"),
            (FIVE | {"currency": "boots"}, None, "currency"),
            ({"percent_off": 0}, None, "percent_off"),
            ({"percent_off": 100.5}, None, "percent_off"),
            (FIVE | {"name": "n" * 41}, None, "name"),
            (FIVE | {"max_redemptions": 0}, "parameter_invalid_integer", "max_redemptions"),
            (FIVE | {"redeem_by": 1}, None, "redeem_by"),
            (FIVE | {"duration": "repeating"}, None, "duration"),
            (FIVE | {"duration_in_months": 3}, None, "duration_in_months"),
            (FIVE | {"redeem_by": 4_102_444_800}, None, "redeem_by"),
        ],
    )
    def test_is_refused_when_it_makes_no_sense(
        self, client: StripeClient, given: Thing, code: str | None, param: str | None
    ):
        refusal = refusal_of(client.v1.coupons.create, given)
        assert (refusal.code, refusal.param) == (code, param)
        assert client.v1.coupons.list().data == []

    @pytest.mark.parametrize(
        "given",
        [
            FIVE | {"amount_off": 1},
            FIVE | {"name": "n" * 40, "max_redemptions": 1},
            {"percent_off": 0.01},
            {"percent_off": 100},
        ],
    )
    def test_may_go_to_its_limits(self, client: StripeClient, given: Thing):
        assert client.v1.coupons.create(given).valid

    def test_can_be_redeemed_until_its_time_is_over(
        self, stripe: StripeServer, client: StripeClient
    ):
        stripe.now = datetime(2026, 11, 1, tzinfo=UTC)
        refusal = refusal_of(client.v1.coupons.create, FIVE | {"redeem_by": stripe.now})
        assert refusal.user_message.endswith("which is in the past.")
        far = stripe.now + 5 * 365 * 24 * 60 * 60
        assert client.v1.coupons.create(FIVE | {"redeem_by": far}).valid
        assert refusal_of(client.v1.coupons.create, FIVE | {"redeem_by": far + 1}).param == (
            "redeem_by"
        )
        soon = client.v1.coupons.create(FIVE | {"redeem_by": stripe.now + 60})
        stripe.advance(timedelta(seconds=60))
        assert client.v1.coupons.retrieve(soon.id).valid, "it names the last moment"
        stripe.advance(timedelta(seconds=1))
        assert not client.v1.coupons.retrieve(soon.id).valid

    def test_has_an_id_of_its_own(self, client: StripeClient, five: str):
        refusal = refusal_of(client.v1.coupons.create, FIVE | {"id": "five"})
        assert refusal.code == "resource_already_exists"

    def test_changes_in_name_and_metadata_alone(self, client: StripeClient, five: str):
        client.v1.coupons.update(five, {"name": "Cinq", "metadata": {"a": "1", "b": "2"}})
        changed = client.v1.coupons.update(five, {"metadata": {"a": "", "c": "3"}})
        assert (changed.name, changed.metadata.to_dict()) == ("Cinq", {"b": "2", "c": "3"})
        assert client.v1.coupons.update(five, {"metadata": ""}).metadata.to_dict() == {}
        refusal = refusal_of(client.v1.coupons.update, five, {"amount_off": 6_00})
        assert refusal.code == "parameter_unknown"

    def test_that_is_deleted_is_gone_and_its_codes_are_worth_nothing(
        self, client: StripeClient, five: str
    ):
        code = codes(client)
        assert client.v1.coupons.delete(five).deleted
        assert refusal_of(client.v1.coupons.retrieve, five).code == "resource_missing"
        assert refusal_of(client.v1.coupons.delete, five).http_status == 404
        assert client.v1.coupons.list().data == []
        assert not client.v1.promotion_codes.retrieve(code.id).active
        refusal = refusal_of(codes, client)
        assert (refusal.http_status, refusal.code) == (400, "resource_missing")

    def test_that_is_made_again_is_another_one(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        old = codes(client, code="OLD")
        session = stripe.checkout(boots, 50_00, "eur", discounts=[{"promotion_code": old.id}])
        client.v1.coupons.delete(five)
        client.v1.coupons.create({"id": "five", "percent_off": 50})
        assert not client.v1.promotion_codes.retrieve(old.id).active
        with pytest.raises(Refused, match="no longer valid"):
            stripe.complete(session)
        new = codes(client, code="OLD")
        assert (new.active, new.promotion.coupon) == (True, "five")
        refusal = refusal_of(client.v1.promotion_codes.update, old.id, {"active": True})
        assert refusal.param == "active"

    def test_is_worth_nothing_after_its_time_or_its_uses(
        self, stripe: StripeServer, boots: str, client: StripeClient
    ):
        once = client.v1.coupons.create(FIVE | {"max_redemptions": 1})
        codes(client, once.id, code="ONE")
        codes(client, once.id, code="TWO")
        soon = client.v1.coupons.create(FIVE | {"redeem_by": stripe.now + 60})

        stripe.complete(stripe.checkout(boots, 50_00, "eur"), code="ONE")
        stripe.advance(timedelta(seconds=61))

        assert not client.v1.coupons.retrieve(once.id).valid
        assert not client.v1.coupons.retrieve(soon.id).valid
        assert not client.v1.promotion_codes.list({"code": "TWO"}).data[0].active
        assert refusal_of(codes, client, soon.id).param == "promotion[coupon]"


class TestAPromotionCode:
    def test_is_what_a_customer_types_for_a_coupon(self, client: StripeClient, five: str):
        made = codes(client, code="Ada-5", max_redemptions=1, metadata={"grant": "g-1"})
        assert (made.code, made.active, made.max_redemptions) == ("Ada-5", True, 1)
        assert (made.promotion.type, made.promotion.coupon) == ("coupon", five)
        expanded = client.v1.promotion_codes.retrieve(made.id, {"expand": ["promotion.coupon"]})
        assert expanded.promotion.coupon.amount_off == 5_00
        assert len(codes(client).code) == 8, "Stripe thinks of one if nobody else does"

    def test_is_unique_among_the_active_ones_whatever_its_case(
        self, client: StripeClient, five: str
    ):
        first = codes(client, code="ADA5")
        refusal = refusal_of(lambda: codes(client, code="ada5"))
        assert refusal.user_message == (
            "An active promotion code with `code: ada5` already exists."
        )
        assert (refusal.http_status, refusal.code, refusal.param) == (400, None, None)
        client.v1.promotion_codes.update(first.id, {"active": False})
        second = codes(client, code="ada5")
        refusal = refusal_of(client.v1.promotion_codes.update, first.id, {"active": True})
        assert "already exists" in refusal.user_message
        assert [code.id for code in client.v1.promotion_codes.list({"code": "Ada5"})] == [
            second.id,
            first.id,
        ]

    @pytest.mark.parametrize(
        ("given", "param"),
        [
            ({"code": "ADA 5"}, "code"),
            ({"code": "ÄDA5"}, "code"),
            ({"expires_at": 1}, "expires_at"),
            ({"expires_at": 4_102_444_800}, "expires_at"),
            ({"promotion": {"type": "coupon"}}, "promotion.coupon"),
            ({"promotion": {"type": "coupon", "coupon": "none"}}, "promotion[coupon]"),
            ({"max_redemptions": 0}, "max_redemptions"),
            ({"customer": "cus_1"}, "customer"),
            ({"restrictions": {"minimum_amount": 5}}, "restrictions[minimum_amount_currency]"),
            ({"restrictions": {"minimum_amount_currency": "eur"}}, "restrictions[minimum_amount]"),
            ({"restrictions": {"minimum_amount": 5, "minimum_amount_currency": "x"}},
             "restrictions[minimum_amount_currency]"),
        ],
    )  # fmt: skip
    def test_is_refused_when_it_makes_no_sense(
        self, client: StripeClient, five: str, given: Thing, param: str
    ):
        assert refusal_of(lambda: codes(client, **given)).param == param
        assert client.v1.promotion_codes.list().data == []

    def test_does_not_promise_more_than_its_coupon(
        self, stripe: StripeServer, client: StripeClient
    ):
        until = stripe.now + 600
        client.v1.coupons.create(FIVE | {"id": "few", "max_redemptions": 2, "redeem_by": until})
        assert refusal_of(lambda: codes(client, "few", max_redemptions=3)).param == (
            "max_redemptions"
        )
        assert refusal_of(lambda: codes(client, "few", expires_at=until + 1)).param == "expires_at"
        assert codes(client, "few").expires_at == until

    def test_expires_when_its_time_comes(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        stripe.now = datetime(2026, 11, 1, tzinfo=UTC)
        made = codes(client, code="ADA5", expires_at=stripe.now + 3600)
        assert made.created == stripe.now
        stripe.advance(timedelta(minutes=59))
        assert client.v1.promotion_codes.retrieve(made.id).active
        stripe.advance(timedelta(minutes=1))
        assert not client.v1.promotion_codes.retrieve(made.id).active
        with pytest.raises(Refused, match="invalid"):
            stripe.complete(stripe.checkout(boots, 50_00, "eur"), code="ADA5")
        refusal = refusal_of(client.v1.promotion_codes.update, made.id, {"active": True})
        assert refusal.param == "active"
        assert codes(client, code="ADA5").active, "the word is free again"

    def test_wants_its_least_order(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        codes(
            client,
            code="ADA5",
            restrictions={"minimum_amount": 20_00, "minimum_amount_currency": "eur"},
        )
        with pytest.raises(Refused, match="minimum"):
            stripe.complete(stripe.checkout(boots, 19_99, "eur"), code="ADA5")
        paid = stripe.complete(stripe.checkout(boots, 20_00, "eur"), code="ADA5")
        assert paid["amount_total"] == 15_00

    def test_that_is_switched_off_cannot_be_used(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        made = codes(client, code="ADA5")
        changed = client.v1.promotion_codes.update(
            made.id, {"active": False, "metadata": {"why": "revoked"}}
        )
        assert (changed.active, changed.metadata.to_dict()) == (False, {"why": "revoked"})
        with pytest.raises(Refused, match="invalid"):
            stripe.complete(stripe.checkout(boots, 50_00, "eur"), code="ADA5")
        assert [event["type"] for event in stripe.events] == [
            "coupon.created",
            "promotion_code.created",
            "promotion_code.updated",
        ]
        assert stripe.events[-1]["data"]["previous_attributes"] == {
            "active": True,
            "metadata": {"why": None},
        }

    def test_can_be_put_into_a_session_by_the_shop(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        made = codes(client, code="ADA5")
        session = stripe.checkout(boots, 50_00, "eur", discounts=[{"promotion_code": made.id}])
        assert stripe.complete(session)["amount_total"] == 45_00
        plain = stripe.checkout(boots, 50_00, "eur", discounts=[{"coupon": five}])
        discounts = stripe.complete(plain)["discounts"]
        assert discounts == [{"coupon": "five", "promotion_code": None}]
        with pytest.raises(Refused, match="takes no promotion codes"):
            stripe.complete(
                stripe.checkout(boots, 50_00, "eur", allow_promotion_codes=False), code="ADA5"
            )

    def test_that_two_buyers_hold_is_used_by_the_first_who_pays(
        self, stripe: StripeServer, boots: str, client: StripeClient, five: str
    ):
        made = codes(client, max_redemptions=1)
        given = {"discounts": [{"promotion_code": made.id}]}
        first, second = (stripe.checkout(boots, 50_00, "eur", **given) for _ in range(2))
        stripe.complete(second)
        with pytest.raises(Refused, match="no longer valid"):
            stripe.complete(first)
        assert client.v1.promotion_codes.retrieve(made.id).times_redeemed == 1


class TestAList:
    def test_is_read_page_by_page_newest_first(self, client: StripeClient, five: str):
        made = [codes(client, code=f"ADA{n}").id for n in range(25)]
        newest = made[::-1]

        first = client.v1.promotion_codes.list()
        assert ([code.id for code in first], first.has_more) == (newest[:10], True)
        last = client.v1.promotion_codes.list({"starting_after": newest[19], "limit": 5})
        assert ([code.id for code in last], last.has_more) == (newest[20:], False)
        before = client.v1.promotion_codes.list({"ending_before": newest[5], "limit": 3})
        assert ([code.id for code in before], before.has_more) == (newest[2:5], True)
        everything = client.v1.promotion_codes.list({"limit": 7}).auto_paging_iter()
        assert [code.id for code in everything] == newest

    @pytest.mark.parametrize(
        ("given", "param"),
        [
            ({"limit": 0}, "limit"),
            ({"limit": 101}, "limit"),
            ({"starting_after": "promo_none"}, "starting_after"),
            ({"starting_after": "a", "ending_before": "b"}, "ending_before"),
        ],
    )
    def test_has_pages_of_a_size(self, client: StripeClient, given: Thing, param: str):
        assert refusal_of(client.v1.promotion_codes.list, given).param == param

    def test_may_have_up_to_100_on_a_page(self, client: StripeClient, five: str):
        for limit in (1, 100):
            assert client.v1.coupons.list({"limit": limit}).has_more is False

    def test_is_filtered(self, stripe: StripeServer, client: StripeClient, five: str):
        stripe.now = datetime(2026, 11, 1, tzinfo=UTC)
        client.v1.coupons.create({"percent_off": 5, "id": "other"})
        old = codes(client, code="OLD")
        stripe.advance(timedelta(days=1))
        new = codes(client, "other", code="NEW")
        client.v1.promotion_codes.update(old.id, {"active": False})

        def found(**given: Any) -> list[str]:
            return [code.code for code in client.v1.promotion_codes.list(given)]

        assert found(active=True) == ["NEW"]
        assert found(active=False) == ["OLD"]
        assert found(coupon="five") == ["OLD"]
        assert found(code="new") == ["NEW"]
        assert found(created={"gte": new.created}) == ["NEW"]
        assert found(created={"lt": new.created, "gt": 0}) == ["OLD"]
        assert found(created=old.created) == ["OLD"]
        assert found(customer="cus_1") == []
        assert refusal_of(client.v1.promotion_codes.list, {"coupon": "none"}).param == "coupon"
