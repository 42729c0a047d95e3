"""A shop sells boots: sessions, buyers, the money, and what Stripe tells about it."""

from datetime import timedelta

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import Refused, StripeServer


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
