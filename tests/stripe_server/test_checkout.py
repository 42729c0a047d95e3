"""A shop sells boots: sessions, buyers, the money, and what Stripe tells about it."""

from datetime import timedelta
from typing import Any

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import Refused, StripeServer

BOOTS = {"currency": "eur", "unit_amount": 60_00, "product_data": {"name": "Boots"}}


@pytest.fixture
def ada5(client: StripeClient) -> str:
    coupon = client.v1.coupons.create({"amount_off": 5_00, "currency": "eur"})
    made = client.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": coupon.id},
            "code": "ADA5",
            "max_redemptions": 1,
            "metadata": {"grant": "g-1"},
        }
    )
    return made.id


def happened(stripe: StripeServer) -> list[str]:
    return [event["type"] for event in stripe.events]


class TestABuyerWithACode:
    def test_pays_less_and_uses_the_code_up(
        self, stripe: StripeServer, boots: str, client: StripeClient, ada5: str
    ):
        session_id = stripe.checkout(boots, 120_00, "eur", client_reference_id="v-1")

        stripe.complete(session_id, code="ada5")

        session = client.v1.checkout.sessions.retrieve(
            session_id, {"expand": ["total_details.breakdown", "payment_intent.latest_charge"]}
        )
        assert (session.amount_subtotal, session.amount_total) == (120_00, 115_00)
        assert session.total_details.breakdown.discounts[0].discount.promotion_code == ada5
        assert session.discounts[0].promotion_code == ada5
        assert session.client_reference_id == "v-1"
        assert (session.status, session.payment_status) == ("complete", "paid")
        assert session.customer_details.email == "ada@example.com"
        assert session.payment_intent.latest_charge.amount == 115_00
        code = client.v1.promotion_codes.retrieve(ada5)
        assert (code.active, code.times_redeemed) == (False, 1)
        assert happened(stripe)[-1] == "checkout.session.completed"

    def test_cannot_use_it_twice(self, stripe: StripeServer, boots: str, ada5: str):
        stripe.complete(stripe.checkout(boots, 120_00, "eur"), code="ADA5")
        with pytest.raises(Refused, match="invalid"):
            stripe.complete(stripe.checkout(boots, 120_00, "eur"), code="ADA5")

    def test_cannot_use_it_in_another_currency(self, stripe: StripeServer, boots: str, ada5: str):
        with pytest.raises(Refused, match="currency"):
            stripe.complete(stripe.checkout(boots, 12_000, "jpy"), code="ADA5")

    def test_pays_nothing_when_the_code_is_worth_more(
        self, stripe: StripeServer, boots: str, ada5: str
    ):
        session = stripe.complete(stripe.checkout(boots, 4_00, "eur"), code="ADA5")
        assert session["payment_status"] == "no_payment_required"
        assert session["payment_intent"] is None
        assert session["total_details"]["amount_discount"] == 4_00


class TestABuyerWhoPaysLater:
    def test_is_waited_for_and_pays(self, stripe: StripeServer, boots: str):
        session = stripe.checkout(boots, 120_00, "eur")

        waiting = stripe.complete(session, "unpaid")
        assert (waiting["status"], waiting["payment_status"]) == ("complete", "unpaid")

        paid = stripe.settle(session, succeeded=True)
        assert paid["payment_status"] == "paid"
        assert happened(stripe)[-1] == "checkout.session.async_payment_succeeded"

    def test_is_waited_for_and_does_not_pay(self, stripe: StripeServer, boots: str):
        session = stripe.checkout(boots, 120_00, "eur")
        stripe.complete(session, "unpaid")
        failed = stripe.settle(session, succeeded=False)
        assert failed["payment_status"] == "unpaid"
        assert happened(stripe)[-1] == "checkout.session.async_payment_failed"
        with pytest.raises(Refused, match="failed already"):
            stripe.settle(session, succeeded=True)

    def test_comes_too_late_when_the_session_has_expired(self, stripe: StripeServer, boots: str):
        session = stripe.checkout(boots, 120_00, "eur")
        stripe.advance(timedelta(hours=24))
        assert happened(stripe)[-1] == "checkout.session.expired"
        with pytest.raises(Refused, match="expired"):
            stripe.complete(session)


class TestAShop:
    def test_makes_sessions_through_the_api(self, stripe: StripeServer, client: StripeClient):
        price = {"currency": "eur", "unit_amount": 60_00, "product_data": {"name": "Boots"}}
        made = client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "success_url": "https://boots.example/thanks",
                "line_items": [{"price_data": price, "quantity": 2}],
                "client_reference_id": "v-1",
                "metadata": {"order": "A-1"},
            }
        )
        assert (made.amount_total, made.currency, made.status) == (120_00, "eur", "open")
        lines = client.v1.checkout.sessions.line_items.list(made.id)
        assert [(line.description, line.quantity) for line in lines] == [("Boots", 2)]

        client.v1.checkout.sessions.expire(made.id)
        with pytest.raises(InvalidRequestError, match="status expired"):
            client.v1.checkout.sessions.expire(made.id)

    def test_may_let_a_session_live_from_half_an_hour_to_a_day(
        self, stripe: StripeServer, boots: str
    ):
        stripe.now = stripe.now
        for seconds in (30 * 60, 24 * 60 * 60):
            stripe.checkout(boots, 50_00, "eur", expires_at=stripe.now + seconds)
        for seconds in (30 * 60 - 1, 24 * 60 * 60 + 1):
            with pytest.raises(Refused, match="between 30 minutes and 24 hours"):
                stripe.checkout(boots, 50_00, "eur", expires_at=stripe.now + seconds)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"mode": "subscription"}, "only knows sessions with mode=payment"),
            ({"mode": None}, "Missing required param: mode"),
            ({"success_url": None}, "Missing required param: success_url"),
            ({"line_items": None}, "Missing required param: line_items"),
            ({"line_items": [{"quantity": 1}]}, r"line_items\[0\]\[price_data\]"),
            ({"line_items": [{"price": "price_1"}]}, "No such price"),
            ({"line_items": [{"price_data": {"currency": "eur"}}]}, "unit_amount"),
            ({"line_items": [{"price_data": {"currency": "eur", "unit_amount": 1}}]},
             "product_data"),
            ({"line_items": [{"price_data": BOOTS, "quantity": 0}]}, "greater than or equal to 1"),
            ({"line_items": [{"price_data": BOOTS}, {"price_data": BOOTS | {"currency": "jpy"}}]},
             "same currency"),
            ({"client_reference_id": "v" * 201}, "at most 200"),
            ({"allow_promotion_codes": True, "discounts": [{"coupon": "x"}]}, "only specify one"),
            ({"discounts": [{"coupon": "x"}, {"coupon": "y"}]}, "only specify one"),
            ({"discounts": [{"coupon": "x"}]}, "No such coupon"),
            ({"discounts": [{"promotion_code": "x"}]}, "No such promotion code"),
        ],
    )  # fmt: skip
    def test_is_told_what_is_wrong_with_a_session(
        self, stripe: StripeServer, client: StripeClient, changes: dict[str, Any], message: str
    ):
        right = {
            "mode": "payment",
            "success_url": "https://boots.example/thanks",
            "line_items": [{"price_data": BOOTS}],
            "client_reference_id": "v" * 200,
        }
        assert client.v1.checkout.sessions.create(right).status == "open"
        given = {name: value for name, value in (right | changes).items() if value is not None}
        with pytest.raises(InvalidRequestError, match=message):
            client.v1.checkout.sessions.create(given)

    def test_is_told_that_a_total_is_too_small(self, stripe: StripeServer, boots: str):
        with pytest.raises(Refused, match="at least 50"):
            stripe.checkout(boots, 49, "eur")

    def test_finds_a_session_by_its_payment(
        self, stripe: StripeServer, boots: str, client: StripeClient
    ):
        stripe.complete(stripe.checkout(boots, 50_00, "eur"))
        session = stripe.complete(stripe.checkout(boots, 120_00, "eur"))
        found = client.v1.checkout.sessions.list({"payment_intent": session["payment_intent"]})
        assert [one.id for one in found] == [session["id"]]
