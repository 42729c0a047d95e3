"""Events arrive signed: in order, reversed, twice, or never."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from stripe import InvalidRequestError, StripeClient

from tests.stripe_server import StripeServer
from tests.stripe_server.receiver import SECRET, Receiver, receiving


@pytest.fixture
def site() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def sold(stripe: StripeServer, boots: str) -> list[str]:
    """Three events have happened."""
    stripe.complete(stripe.checkout(boots, 120_00, "eur"))
    return [event["type"] for event in stripe.events]


def test_events_arrive_in_their_order_and_once(
    stripe: StripeServer, site: Receiver, sold: list[str]
):
    sent = stripe.send_webhooks(site.url, SECRET)
    assert site.types == sold
    assert {delivery.status for delivery in sent} == {200}
    assert stripe.send_webhooks(site.url, SECRET) == []
    assert len(stripe.send_webhooks(site.url, SECRET, again=True)) == len(sold)


def test_events_arrive_reversed_or_twice_or_never(
    stripe: StripeServer, site: Receiver, sold: list[str]
):
    stripe.send_webhooks(site.url, SECRET, order="dropped", types={"payment_intent.created"})
    stripe.send_webhooks(site.url, SECRET, order="reversed")
    assert site.types == sold[:0:-1]
    site.events.clear()
    stripe.send_webhooks(site.url, SECRET, order="repeated", types={sold[-1]}, again=True)
    assert site.types == [sold[-1]] * 2
    assert len({event.id for event in site.events}) == 1


def test_an_event_that_was_not_taken_comes_again(
    stripe: StripeServer, site: Receiver, sold: list[str]
):
    site.status = 500
    stripe.send_webhooks(site.url, SECRET)
    site.status, site.events = 200, []
    stripe.send_webhooks(site.url, SECRET)
    assert site.types == sold


def test_a_wrong_or_old_signature_is_not_taken(
    stripe: StripeServer, site: Receiver, sold: list[str]
):
    stripe.send_webhooks(site.url, "whsec_other")
    stripe.send_webhooks(site.url, SECRET, signed_at=int(time.time()) - 301)
    assert site.events == []
    stripe.send_webhooks(site.url, ("whsec_new", SECRET))
    assert site.types == sold, "while a secret is rolled, both sign"


def test_registered_endpoints_get_the_events_that_they_chose(
    stripe: StripeServer, site: Receiver, client: StripeClient, boots: str
):
    made = client.v1.webhook_endpoints.create(
        {"url": site.url, "enabled_events": ["checkout.session.completed"]}
    )
    site.secret = made.secret
    stripe.complete(stripe.checkout(stripe.account("Another shop"), 10_00, "eur"))
    session = stripe.complete(stripe.checkout(boots, 120_00, "eur"))

    stripe.send_webhooks()

    assert [event.data.object.id for event in site.events] == [session["id"]]
    assert "account" not in site.events[0]
    client.v1.webhook_endpoints.delete(made.id)
    assert stripe.send_webhooks(again=True) == []


class TestConnect:
    @pytest.fixture
    def connected(self, stripe: StripeServer, boots: str) -> str:
        stripe.let_connect(boots)
        return boots

    def test_events_name_the_account_in_which_they_happened(
        self, stripe: StripeServer, site: Receiver, connected: str
    ):
        stripe.complete(stripe.checkout(connected, 120_00, "eur"))
        stripe.complete(stripe.checkout(stripe.account("Another shop"), 120_00, "eur"))
        stripe.send_webhooks(site.url, SECRET, types={"checkout.session.completed"})
        assert [event.to_dict().get("account") for event in site.events] == [connected, None]

    def test_the_platforms_endpoint_gets_the_events_of_its_accounts_alone(
        self, stripe: StripeServer, site: Receiver, connected: str
    ):
        platform = StripeClient(stripe.connect_secret, base_addresses=stripe.base_addresses)
        site.secret = platform.v1.webhook_endpoints.create(
            {"url": site.url, "enabled_events": ["*"], "connect": True}
        ).secret
        other = stripe.account("Another shop")
        sessions = [stripe.checkout(shop, 120_00, "eur") for shop in (connected, other)]
        for session in sessions:
            stripe.complete(session)
        stripe.deauthorize(connected)
        stripe.expire(stripe.checkout(connected, 120_00, "eur"))

        stripe.send_webhooks()

        assert {event.account for event in site.events} == {connected}
        assert site.types[-2:] == [
            "checkout.session.completed",
            "account.application.deauthorized",
        ]


def test_there_are_up_to_16_endpoints(client: StripeClient):
    wanted = {"url": "https://fanfare.example/hook", "enabled_events": ["*"]}
    for _ in range(16):
        client.v1.webhook_endpoints.create(wanted)
    with pytest.raises(InvalidRequestError, match="maximum of 16"):
        client.v1.webhook_endpoints.create(wanted)


@pytest.mark.parametrize(
    "wrong", [{"url": "hook"}, {"enabled_events": ["*", "charge.refunded"]}, {"url": "ftp://x.y"}]
)
def test_an_endpoint_that_makes_no_sense_is_refused(client: StripeClient, wrong: dict[str, Any]):
    right = {"url": "https://fanfare.example/hook", "enabled_events": ["*"]}
    with pytest.raises(InvalidRequestError):
        client.v1.webhook_endpoints.create(right | wrong)
    assert client.v1.webhook_endpoints.list().data == []


def test_a_secret_is_shown_once(stripe: StripeServer, client: StripeClient):
    wanted = {"url": "https://fanfare.example/hook", "enabled_events": ["charge.refunded"]}
    made = client.v1.webhook_endpoints.create(wanted)
    assert made.secret.startswith("whsec_")
    [listed] = client.v1.webhook_endpoints.list().data
    assert (listed.id, listed.url, "secret" in listed) == (made.id, made.url, False)
    off = client.v1.webhook_endpoints.update(made.id, {"disabled": True})
    assert (off.status, stripe.send_webhooks()) == ("disabled", [])
