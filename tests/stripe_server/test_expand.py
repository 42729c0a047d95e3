"""Ids become objects when they are asked for."""

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import StripeServer


@pytest.fixture
def session(stripe: StripeServer, boots: str, client: StripeClient) -> str:
    client.v1.coupons.create({"percent_off": 10, "id": "ten"})
    promotion = {"type": "coupon", "coupon": "ten"}
    client.v1.promotion_codes.create({"promotion": promotion, "code": "ADA10"})
    made = stripe.checkout(boots, 120_00, "eur")
    stripe.complete(made, code="ADA10")
    return made


def test_without_asking_everything_is_an_id(client: StripeClient, session: str):
    plain = client.v1.checkout.sessions.retrieve(session)
    assert plain.payment_intent.startswith("pi_")
    assert plain.discounts[0].promotion_code.startswith("promo_")
    assert "line_items" not in plain
    assert "breakdown" not in plain.total_details


def test_several_levels_and_lists_within_lists(client: StripeClient, session: str):
    paths = ["payment_intent.latest_charge.refunds", "discounts.promotion_code.promotion.coupon"]
    whole = client.v1.checkout.sessions.retrieve(session, {"expand": [*paths, "line_items"]})
    assert whole.payment_intent.latest_charge.refunds.data == []
    assert whole.discounts[0].promotion_code.promotion.coupon.percent_off == 10
    assert whole.line_items.data[0].amount_discount == 12_00


def test_a_longer_path_goes_on_where_a_shorter_one_ended(client: StripeClient, session: str):
    paths = ["payment_intent", "payment_intent.latest_charge", "payment_intent"]
    whole = client.v1.checkout.sessions.retrieve(session, {"expand": paths})
    assert whole.payment_intent.latest_charge.amount == 108_00


def test_a_coupon_can_be_looked_at_when_it_is_deleted(client: StripeClient, session: str):
    client.v1.coupons.delete("ten")
    asked = {"expand": ["data.promotion.coupon", "data.promotion.coupon"]}
    [code] = client.v1.promotion_codes.list(asked).data
    assert (code.active, code.promotion.coupon.valid) == (False, False)


def test_the_things_of_a_list(client: StripeClient, session: str):
    [code] = client.v1.promotion_codes.list({"expand": ["data.promotion.coupon"]}).data
    assert code.promotion.coupon.id == "ten"
    with pytest.raises(InvalidRequestError, match="cannot be expanded"):
        client.v1.promotion_codes.list({"expand": ["promotion.coupon"]})


def test_the_discounts_of_a_breakdown(client: StripeClient, session: str):
    asked = {"expand": ["total_details.breakdown"]}
    [one] = client.v1.checkout.sessions.retrieve(session, asked).total_details.breakdown.discounts
    assert (one.amount, one.discount.source.coupon) == (12_00, "ten")


@pytest.mark.parametrize("path", ["worth", "payment_intent.worth", "status", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(client: StripeClient, session: str, path: str):
    with pytest.raises(InvalidRequestError, match="expand"):
        client.v1.checkout.sessions.retrieve(session, {"expand": [path]})
