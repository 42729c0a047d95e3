"""What every request to an API must be, whatever its view: who asks first, then what."""

import pytest
from flask import Flask

from tests import make
from tests.server.conftest import Tokens, bearer

ORDERS, OFFERS = "/api/partner/v1/conversions", "/api/partner/v1/offers"
AN_ORDER = {"order_ref": "A-1", "net_minor": 1, "currency": "EUR", "is_new_customer": True}


@pytest.fixture
def send(app: Flask, database, partner_token: Tokens):
    """Send anything with a good token of Berta's shop."""
    with database.transaction() as db:
        brand_id = make.brand(db)
    token = partner_token(brand_id)

    def as_shop(path: str, method: str = "POST", **what):
        headers = bearer(token) | what.pop("headers", {})
        return app.test_client().open(path, method=method, headers=headers, **what)

    return as_shop


def kind(answer) -> tuple[int, str]:
    """Return the status and the slug of a problem."""
    assert answer.content_type == "application/problem+json"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    return answer.status_code, answer.json["type"].rsplit("/", 1)[1]


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_a_body_that_is_not_json_is_not_read(send, media: str):
    answer = send(ORDERS, data='{"order_ref": "A"}', content_type=media)
    assert kind(answer) == (415, "unsupported-media-type")


def test_a_body_without_a_word_about_itself_is_not_read(send):
    assert kind(send(ORDERS, data=b"{}")) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "media", ["application/json", "application/json; charset=utf-8", "application/vnd.shop+json"]
)
def test_json_by_any_of_its_names_is_read(send, media: str):
    body = '{"order_ref": "A-1", "net_minor": 60.0, "currency": "EUR", "is_new_customer": true}'
    assert send(ORDERS, data=body, content_type=media).status_code in {200, 201}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"{} {}", b"NaN"])
def test_a_body_that_is_no_object_has_no_shape(send, body: bytes):
    answer = send(ORDERS, data=body, content_type="application/json")
    assert kind(answer) == (422, "invalid-body")
    assert answer.json["detail"] == "The body is not a JSON object."


def test_a_body_that_is_too_large_is_not_read(send):
    answer = send(ORDERS, json=AN_ORDER | {"buyer_ref": "x" * 1_000_000})
    assert kind(answer) == (413, "too-large")


@pytest.mark.parametrize("query", ["?x=1", "?limit=5&x=1", "?limits=5"])
def test_a_parameter_that_is_unknown_is_refused(send, query: str):
    answer = send(OFFERS + query, "GET")
    assert kind(answer) == (422, "invalid-body")
    assert answer.json["errors"][0]["detail"] == "There is no such parameter."


def test_a_parameter_that_stands_there_twice_is_refused(send):
    answer = send(OFFERS + "?limit=5&limit=6", "GET")
    assert kind(answer) == (422, "invalid-body")
    assert answer.json["errors"][0]["pointer"] == "/limit"


def test_a_post_has_no_parameters_that_nobody_named(send):
    assert kind(send(ORDERS + "?dry_run=1", json=AN_ORDER)) == (422, "invalid-body")


def test_another_method_is_told_which_there_are(send):
    answer = send(ORDERS, "PUT", json=AN_ORDER)
    assert kind(answer) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


@pytest.mark.parametrize("path", ["/api/", "/api/partner/v2/offers", OFFERS + "/", "/api/%00"])
def test_an_address_that_does_not_exist_is_a_problem(send, path: str):
    assert kind(send(path, "GET")) == (404, "not-found")


def test_who_may_not_ask_learns_nothing_about_shapes(app: Flask):
    for body in ({}, {"nonsense": 1}, AN_ORDER):
        assert kind(app.test_client().post(ORDERS, json=body)) == (401, "not-signed-in")
