"""Stripe fails when a test says so, before or after it did what was asked."""

import threading

import pytest
from stripe import APIConnectionError, APIError, RateLimitError, RequestsClient, StripeClient

from tests.stripe_server import StripeServer
from tests.stripe_server.api import Api

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


def test_a_client_that_waits_too_little_does_not_learn_what_was_done(
    stripe: StripeServer, boots: str, client: StripeClient
):
    impatient = StripeClient(
        stripe.key(boots),
        base_addresses=stripe.base_addresses,
        http_client=RequestsClient(timeout=0.2),
    )
    done = stripe.slow(30, 1, "coupons", after_effect=True)
    with pytest.raises(APIConnectionError, match=r"(?i)timeout"):
        impatient.v1.coupons.create(FIVE, {"idempotency_key": "k"})
    assert done.wait(10)
    [made] = stripe.things(boots, "coupon")
    assert client.v1.coupons.create(FIVE, {"idempotency_key": "k"}).id == made["id"]


def test_a_hold_that_caught_nobody_catches_nobody_later(stripe: StripeServer, client: StripeClient):
    with stripe.holding("refunds") as hold:
        client.v1.coupons.list()
    client.v1.refunds.list()
    assert not hold.arrived.is_set()


def test_a_bug_in_this_server_is_not_taken_for_stripes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Api, "answer", lambda *_: 1 / 0)
    with pytest.raises(ExceptionGroup, match="has bugs"), StripeServer() as stripe:
        client = StripeClient(stripe.connect_secret, base_addresses=stripe.base_addresses)
        with pytest.raises(APIError):
            client.v1.coupons.list()
