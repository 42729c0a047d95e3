"""Promises about where events are sent; every endpoint that is added here is removed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from server.conformance.answers import Answer, promise
from server.conformance.contract import Group
from server.conformance.operations import (
    DELIVERIES,
    ENDPOINT,
    ENDPOINT_ADD,
    ENDPOINT_REMOVE,
    ENDPOINT_ROTATE,
    ENDPOINT_TEST,
    ENDPOINTS,
)
from server.conformance.shop import Shop

WEBHOOKS = Group("Webhooks")
NOWHERE = "https://conformance.invalid/hook"
"""A target that no name server knows (RFC 2606), so that nobody is ever sent anything."""
NOT_PUBLIC = (
    "http://example.com/hook",
    "https://10.0.0.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://192.168.0.1/hook",
    "ftp://example.com/hook",
    "https://user:password@example.com/hook",
    "no address",
)


@WEBHOOKS.promises(
    "An endpoint's secret is shown once", ENDPOINT_ADD, ENDPOINT, ENDPOINTS, ENDPOINT_REMOVE
)
def secret(shop: Shop) -> None:
    """Add an endpoint and look at it."""
    with _endpoint(shop) as made:
        told = str(made["secret"])
        promise(told.startswith("whsec_"), "It does not begin with whsec_ (Standard Webhooks).")
        for said in (shop.ask(ENDPOINT, _id(made)), shop.ask(ENDPOINTS)):
            text = said.expect(200).response.text
            promise(told not in text, f"{said.asked} shows the secret again.")
            promise('"secret"' not in text, f"{said.asked} has a member secret.")


@WEBHOOKS.promises(
    "A new secret takes the place of the old one, which signs along for a while",
    ENDPOINT_ADD,
    ENDPOINT_ROTATE,
    ENDPOINT_REMOVE,
)
def rotation(shop: Shop) -> None:
    """Ask for another secret."""
    with _endpoint(shop) as made:
        renewed = shop.ask(ENDPOINT_ROTATE, _id(made)).expect(200)
        promise(renewed["secret"] != made["secret"], "The secret is the same.")
        promise(renewed["old_secret_until"] is not None, "The old one ends at once.")


@WEBHOOKS.promises(
    "An endpoint that was removed is gone", ENDPOINT_ADD, ENDPOINT, ENDPOINTS, ENDPOINT_REMOVE
)
def removed(shop: Shop) -> None:
    """Remove an endpoint."""
    with _endpoint(shop) as made:
        listed = [one.get("endpoint_id") for one in shop.ask(ENDPOINTS).expect(200)["items"]]
        promise(_id(made) in listed, "It is not listed while it is there.")
        shop.ask(ENDPOINT_REMOVE, _id(made)).expect(204)
        shop.ask(ENDPOINT, _id(made)).expect_problem(404, "not-found")
        listed = [one.get("endpoint_id") for one in shop.ask(ENDPOINTS).expect(200)["items"]]
        promise(_id(made) not in listed, "It is listed still.")


@WEBHOOKS.promises("A target that is not https or not public is refused", ENDPOINT_ADD)
def targets(shop: Shop) -> None:
    """Ask for requests to where the deployment must not send any."""
    for url in NOT_PUBLIC:
        said = shop.ask(ENDPOINT_ADD, body={"url": url})
        if said.status == HTTPStatus.CREATED:  # it must not stay
            shop.ask(ENDPOINT_REMOVE, _id(said))
        is_refused = said.status == HTTPStatus.UNPROCESSABLE_ENTITY
        promise(is_refused, f"{url} was answered with {said.status}.")


@WEBHOOKS.promises("An event that does not exist is refused", ENDPOINT_ADD)
def unknown_events(shop: Shop) -> None:
    """Ask for an event of our own."""
    said = shop.ask(ENDPOINT_ADD, body={"url": NOWHERE, "types": ["conformance.surprise"]})
    if said.status == HTTPStatus.CREATED:  # it must not stay
        shop.ask(ENDPOINT_REMOVE, _id(said))
    said.expect(422)


@WEBHOOKS.promises(
    "A test event is kept with the deliveries",
    ENDPOINT_ADD,
    ENDPOINT_TEST,
    DELIVERIES,
    ENDPOINT_REMOVE,
)
def test_event(shop: Shop) -> None:
    """Send a test event and look for it."""
    with _endpoint(shop) as made:
        shop.ask(ENDPOINT_TEST, _id(made)).expect(202)
        listed = shop.ask(DELIVERIES, _id(made)).expect(200)["items"]
        types = [one.get("type") for one in listed]
        promise(types == ["webhook.test"], f"The deliveries are {types}.")


@contextmanager
def _endpoint(shop: Shop) -> Iterator[Answer]:
    """Add an endpoint that leads nowhere, and remove it whatever happens."""
    made = shop.ask(ENDPOINT_ADD, body={"url": NOWHERE}).expect(201)
    try:
        yield made
    finally:
        shop.ask(ENDPOINT_REMOVE, _id(made))


def _id(endpoint: Answer) -> str:
    return str(endpoint["endpoint_id"])
