"""A key's first answer is its answer, for a day, for the same request only."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from stripe import APIError, Coupon, IdempotencyError, InvalidRequestError, StripeClient

from tests.stripe_server import StripeServer

FIVE = {"amount_off": 5_00, "currency": "eur"}
KEY = {"idempotency_key": "k-1"}


def test_a_repetition_gets_the_first_answer(stripe: StripeServer, boots: str, client: StripeClient):
    first = client.v1.coupons.create(FIVE, KEY)
    again = client.v1.coupons.create(FIVE, KEY)
    assert again.id == first.id
    assert len(stripe.things(boots, "coupon")) == 1
    headers = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id
    assert headers["Request-Id"] != first.last_response.request_id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert [request.replayed for request in stripe.requests] == [False, True]


def test_another_request_with_the_same_key_is_refused(
    stripe: StripeServer, boots: str, client: StripeClient
):
    client.v1.coupons.create(FIVE, KEY)
    with pytest.raises(IdempotencyError, match="same parameters") as refusal:
        client.v1.coupons.create(FIVE | {"amount_off": 6_00}, KEY)
    assert refusal.value.http_status == 400
    with pytest.raises(IdempotencyError, match=r"same endpoint .*'/v1/refunds' vs '/v1/coupons'"):
        client.v1.refunds.create({"charge": "ch_1"}, KEY)
    assert len(stripe.things(boots, "coupon")) == 1


def test_what_the_endpoint_refused_is_remembered_too(
    stripe: StripeServer, boots: str, client: StripeClient
):
    wanted = {"promotion": {"type": "coupon", "coupon": "five"}}
    for _ in range(2):
        with pytest.raises(InvalidRequestError, match="No such coupon"):
            client.v1.promotion_codes.create(wanted, KEY)
        if not stripe.things(boots, "coupon"):
            client.v1.coupons.create(FIVE | {"id": "five"})
    assert client.v1.promotion_codes.create(wanted, {"idempotency_key": "k-2"}).active


def test_what_was_never_begun_is_not_remembered(stripe: StripeServer, client: StripeClient):
    with pytest.raises(InvalidRequestError, match="Invalid integer"):
        client.v1.coupons.create(FIVE | {"amount_off": "five"}, KEY)
    assert client.v1.coupons.create(FIVE, KEY).amount_off == 5_00


def test_a_key_belongs_to_an_account(stripe: StripeServer, client: StripeClient):
    other = StripeClient(
        stripe.key(stripe.account("Another shop")), base_addresses=stripe.base_addresses
    )
    assert client.v1.coupons.create(FIVE, KEY).id != other.v1.coupons.create(FIVE, KEY).id


def test_a_key_is_kept_for_a_day(stripe: StripeServer, client: StripeClient):
    first = client.v1.coupons.create(FIVE, KEY)
    stripe.advance(timedelta(hours=23))
    assert client.v1.coupons.create(FIVE, KEY).id == first.id
    stripe.advance(timedelta(hours=1))
    assert client.v1.coupons.create(FIVE, KEY).id != first.id


def test_a_key_has_a_length(client: StripeClient):
    client.v1.coupons.create(FIVE, {"idempotency_key": "k" * 255})
    with pytest.raises(InvalidRequestError, match="255 characters"):
        client.v1.coupons.create(FIVE, {"idempotency_key": "k" * 256})


def test_a_request_that_is_still_going_on_lets_no_other_in(
    stripe: StripeServer, boots: str, client: StripeClient
):
    made: list[Coupon] = []
    with stripe.holding("coupons") as hold:
        first = threading.Thread(target=lambda: made.append(client.v1.coupons.create(FIVE, KEY)))
        first.start()
        assert hold.arrived.wait(5)
        with pytest.raises(APIError, match="another in-progress request") as refusal:
            client.v1.coupons.create(FIVE, KEY)
        assert refusal.value.http_status == 409
        assert refusal.value.error.code == "idempotency_key_in_use"
    first.join()
    assert client.v1.coupons.create(FIVE, KEY).id == made[0].id


def test_many_at_once_have_one_effect(stripe: StripeServer, boots: str):
    def create(_: int) -> str | int:
        client = StripeClient(stripe.key(boots), base_addresses=stripe.base_addresses)
        try:
            return client.v1.coupons.create(FIVE, KEY).id
        except APIError as refused:
            return refused.http_status

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(create, range(24)))

    [made] = stripe.things(boots, "coupon")
    assert answers - {409} == {made["id"]}
