"""Money: currencies with no, two and three decimals; refunds; disputes; events about them."""

from typing import Any

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import Refused, StripeServer, currencies


def sold(stripe: StripeServer, boots: str, amount: int = 120_00, currency: str = "eur") -> str:
    session = stripe.checkout(boots, amount, currency)
    stripe.complete(session)
    return session


def happened(stripe: StripeServer, since: int) -> list[str]:
    return [event["type"] for event in stripe.events[since:]]


class TestACurrency:
    @pytest.mark.parametrize(
        ("currency", "right", "wrong"),
        [
            ("eur", [1_00, 1_01], []),
            ("jpy", [100, 101], []),
            ("kwd", [5_120, 5_130], [5_124]),
            ("isk", [500], [501, 550]),
            ("ugx", [500], [501]),
            ("huf", [200_45], []),
            ("twd", [200_45], []),
        ],
    )
    def test_has_amounts_of_its_own(self, currency: str, right: list[int], wrong: list[int]):
        for value in right:
            assert currencies.amount(value, currency, param="amount") == value
        for value in wrong:
            with pytest.raises(Refused, match="divisible"):
                currencies.amount(value, currency, param="amount")

    def test_is_taken_in_any_case_and_given_in_lower(self, client: StripeClient):
        assert client.v1.coupons.create({"amount_off": 5, "currency": "JPY"}).currency == "jpy"

    def test_has_a_least_and_a_most(self, stripe: StripeServer, boots: str):
        for amount, currency in [(49, "eur"), (49, "jpy"), (29, "gbp"), (17499, "huf")]:
            with pytest.raises(Refused, match="at least"):
                stripe.checkout(boots, amount, currency)
        with pytest.raises(Refused, match="no more than"):
            stripe.checkout(boots, 100_000_000, "eur")

    @pytest.mark.parametrize(
        ("currency", "total", "percent", "off"),
        [
            ("eur", 119_99, 12.5, 15_00),
            ("jpy", 11_999, 12.5, 1_500),
            ("kwd", 119_990, 12.5, 15_000),
            ("isk", 119_900, 12.5, 15_000),
        ],
    )
    def test_is_what_a_percentage_is_rounded_to(
        self,
        stripe: StripeServer,
        boots: str,
        client: StripeClient,
        currency: str,
        total: int,
        percent: float,
        off: int,
    ):
        coupon = client.v1.coupons.create({"percent_off": percent})
        session = stripe.checkout(boots, total, currency, discounts=[{"coupon": coupon.id}])
        paid = stripe.complete(session)
        assert paid["total_details"]["amount_discount"] == off
        assert paid["amount_total"] == total - off
        assert stripe.charge_of(session)["amount"] == total - off

    def test_must_be_a_coupons_own(self, stripe: StripeServer, boots: str, client: StripeClient):
        coupon = client.v1.coupons.create({"amount_off": 5_120, "currency": "kwd"})
        given = {"discounts": [{"coupon": coupon.id}]}
        with pytest.raises(Refused, match="currency"):
            stripe.checkout(boots, 50_00, "eur", **given)
        session = stripe.complete(stripe.checkout(boots, 10_000, "kwd", **given))
        assert session["amount_total"] == 4_880


class TestARefund:
    def test_is_partial_and_then_whole(
        self, stripe: StripeServer, boots: str, client: StripeClient
    ):
        charge = stripe.charge_of(sold(stripe, boots))
        since = len(stripe.events)

        part = client.v1.refunds.create(
            {"charge": charge["id"], "amount": 20_00, "metadata": {"order": "A-1"}}
        )
        assert (part.amount, part.currency, part.status) == (20_00, "eur", "succeeded")
        after = client.v1.charges.retrieve(charge["id"], {"expand": ["refunds"]})
        assert (after.amount_refunded, after.refunded) == (20_00, False)
        assert [refund.id for refund in after.refunds.data] == [part.id]

        rest = client.v1.refunds.create({"payment_intent": charge["payment_intent"]})
        assert rest.amount == 100_00
        assert client.v1.charges.retrieve(charge["id"]).refunded
        assert happened(stripe, since) == ["refund.created", "charge.refunded"] * 2
        assert [e["data"]["previous_attributes"] for e in stripe.events[since + 1 :: 2]] == [
            {"amount_refunded": 0},
            {"amount_refunded": 20_00, "refunded": False},
        ]
        found = client.v1.refunds.list({"charge": charge["id"]})
        assert [refund.id for refund in found] == [rest.id, part.id]

    def test_is_never_more_than_was_paid(
        self, stripe: StripeServer, boots: str, client: StripeClient
    ):
        session = sold(stripe, boots)
        charge = stripe.charge_of(session)["id"]
        stripe.refund(session, 100_00)
        with pytest.raises(InvalidRequestError, match="greater than unrefunded") as refusal:
            client.v1.refunds.create({"charge": charge, "amount": 20_01})
        assert refusal.value.param == "amount"
        stripe.refund(session)
        with pytest.raises(InvalidRequestError) as refusal:
            client.v1.refunds.create({"charge": charge})
        assert refusal.value.code == "charge_already_refunded"

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "One of the following params"),
            ({"charge": "ch_none"}, "No such charge"),
            ({"payment_intent": "pi_none"}, "No such payment_intent"),
            ({"charge": "ch", "payment_intent": "pi"}, "only specify one"),
            ({"charge": "ch", "reason": "boredom"}, "Invalid reason"),
        ],
    )
    def test_is_of_something(self, client: StripeClient, given: Any, message: str):
        with pytest.raises(InvalidRequestError, match=message):
            client.v1.refunds.create(given)

    def test_of_three_decimals_ends_in_0(self, stripe: StripeServer, boots: str):
        session = sold(stripe, boots, 5_120, "kwd")
        with pytest.raises(Refused, match="divisible by 10"):
            stripe.refund(session, 1_001)
        assert stripe.refund(session, 1_010)["amount"] == 1_010

    def test_waits_for_a_payment(self, stripe: StripeServer, boots: str, client: StripeClient):
        session = stripe.checkout(boots, 50_00, "eur")
        waiting = stripe.complete(session, "unpaid")
        with pytest.raises(InvalidRequestError, match="successful charge"):
            client.v1.refunds.create({"payment_intent": waiting["payment_intent"]})


class TestADispute:
    @pytest.mark.parametrize("end", ["won", "lost"])
    def test_is_opened_by_a_bank_and_closed(
        self, stripe: StripeServer, boots: str, client: StripeClient, end: Any
    ):
        session = sold(stripe, boots)
        since = len(stripe.events)
        opened = stripe.dispute(session, 50_00)
        assert (opened["status"], opened["amount"]) == ("needs_response", 50_00)
        assert client.v1.charges.retrieve(opened["charge"]).disputed
        with pytest.raises(Refused, match="charged back"):
            stripe.refund(session)
        with pytest.raises(Refused, match="already disputed"):
            stripe.dispute(session)

        stripe.close_dispute(opened["id"], end)

        [found] = client.v1.disputes.list({"payment_intent": opened["payment_intent"]})
        assert found.status == end
        assert happened(stripe, since) == [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.closed",
            *(["charge.dispute.funds_reinstated"] if end == "won" else []),
        ]
        with pytest.raises(Refused, match="already closed"):
            stripe.close_dispute(opened["id"], "won")

    def test_can_be_given_up(self, stripe: StripeServer, boots: str, client: StripeClient):
        opened = stripe.dispute(sold(stripe, boots))
        assert client.v1.disputes.close(opened["id"]).status == "lost"


class TestEvents:
    def test_are_listed_by_type_newest_first(
        self, stripe: StripeServer, boots: str, client: StripeClient
    ):
        stripe.refund(sold(stripe, boots))
        made = [event["type"] for event in stripe.events]

        def types(**given: Any) -> list[str]:
            return [event.type for event in client.v1.events.list(given)]

        assert types() == made[::-1]
        assert types(type="charge.*") == ["charge.refunded", "charge.succeeded"]
        assert types(type="refund.created") == ["refund.created"]
        wanted = ["charge.refunded", "checkout.session.completed"]
        assert types(types=wanted) == wanted
        assert types(limit=1) == made[-1:]
        assert types(created={"lt": stripe.events[0]["created"]}) == []

    def test_show_a_thing_as_it_was(self, stripe: StripeServer, boots: str, client: StripeClient):
        session = sold(stripe, boots)
        stripe.refund(session)
        then = client.v1.events.list({"type": "charge.succeeded"}).data[0]
        assert client.v1.events.retrieve(then.id).data.object.amount_refunded == 0
        assert stripe.charge_of(session)["amount_refunded"] == 120_00

    def test_name_the_request_that_caused_them(self, stripe: StripeServer, client: StripeClient):
        made = client.v1.coupons.create({"percent_off": 5}, {"idempotency_key": "k-1"})
        assert stripe.events[0]["request"] == {
            "id": made.last_response.request_id,
            "idempotency_key": "k-1",
        }
