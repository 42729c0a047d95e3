"""Stripe fails when a test says so, before or after it did what was asked."""

import threading

import pytest
from stripe import APIConnectionError, APIError, RateLimitError, StripeClient

from tests.stripe_server import StripeServer

FIVE = {"amount_off": 5_00, "currency": "eur"}


def test_before_the_effect_nothing_was_done_and_nothing_is_remembered(
    stripe: StripeServer, boots: str, client: StripeClient
):
    stripe.fail(1, 429, "coupons")
    stripe.fail(1, 500, "coupons")
    with pytest.raises(RateLimitError):
        client.v1.coupons.create(FIVE, {"idempotency_key": "k"})
    with pytest.raises(APIError):
        client.v1.coupons.create(FIVE, {"idempotency_key": "k"})
    assert stripe.things(boots, "coupon") == []
    assert client.v1.coupons.create(FIVE, {"idempotency_key": "k"}).valid


def test_after_the_effect_the_key_is_answered_with_the_failure(
    stripe: StripeServer, boots: str, client: StripeClient
):
    stripe.fail(1, 500, "coupons", after_effect=True)
    for _ in range(2):
        with pytest.raises(APIError):
            client.v1.coupons.create(FIVE, {"idempotency_key": "k"})
    assert len(stripe.things(boots, "coupon")) == 1
    assert len(client.v1.coupons.list().data) == 1


def test_a_cut_connection_hides_an_answer_that_a_repetition_gets(
    stripe: StripeServer, boots: str, client: StripeClient
):
    stripe.cut(1, "coupons", after_effect=True)
    with pytest.raises(APIConnectionError):
        client.v1.coupons.create(FIVE, {"idempotency_key": "k"})
    [made] = stripe.things(boots, "coupon")
    assert client.v1.coupons.create(FIVE, {"idempotency_key": "k"}).id == made["id"]
    assert [request.status for request in stripe.requests] == [None, 200]


def test_a_cut_connection_before_the_effect_does_nothing(
    stripe: StripeServer, boots: str, client: StripeClient
):
    stripe.cut(1, "coupons")
    with pytest.raises(APIConnectionError):
        client.v1.coupons.create(FIVE)
    assert stripe.things(boots, "coupon") == []


def test_only_what_matches_fails_and_only_so_often(stripe: StripeServer, client: StripeClient):
    stripe.fail(2, 500, "promotion_codes", method="GET")
    client.v1.coupons.list()
    for _ in range(2):
        with pytest.raises(APIError):
            client.v1.promotion_codes.list()
    assert client.v1.promotion_codes.list().data == []
    stripe.fail(5, 500)
    stripe.recover()
    assert client.v1.coupons.list().data == []


def test_a_request_can_be_held_in_its_middle(
    stripe: StripeServer, boots: str, client: StripeClient
):
    with stripe.holding("coupons") as hold:
        asking = threading.Thread(target=client.v1.coupons.create, args=(FIVE,))
        asking.start()
        assert hold.arrived.wait(5)
        assert stripe.things(boots, "coupon") == []
    asking.join()
    assert len(stripe.things(boots, "coupon")) == 1
