"""What Stripe sends: believed when it is signed, stored once, answered before it is worked."""

import json
import time
from datetime import timedelta

import pytest
from sqlmodel import select
from stripe import WebhookSignature

from server.store.connection import Database
from server.store.stripe_events import StripeEvent
from tests import make
from tests.server.stripe_site import CONNECT_SECRET, app, port, settings, shop, site, stripe
from tests.server.stripe_world import Shop, session_event
from tests.stripe_server import StripeServer

__all__ = ["app", "port", "settings", "shop", "site", "stripe"]


PAID = {"checkout.session.completed"}


def stored(database: Database) -> list[StripeEvent]:
    with database.reading() as db:
        return list(db.exec(select(StripeEvent)))


def signed(raw: str, secret: str, at: float | None = None) -> dict[str, str]:
    moment = int(at or time.time())
    return {
        "Stripe-Signature": WebhookSignature.generate_signature_header(raw, secret, moment),
        "Content-Type": "application/json",
    }


@pytest.fixture
def hook(shop: Shop) -> str:
    """Return the path of the brand's own endpoint, which was made at Stripe."""
    shop.connect()
    shop.work()
    assert shop.view().has_hook_secret
    return f"/hooks/stripe/{shop.view().public_id}"


class TestOwnEndpoint:
    def test_it_is_made_at_stripe_and_what_comes_is_stored_and_worked_later(
        self, site: str, hook: str, shop: Shop, stripe: StripeServer, database: Database
    ):
        (endpoint,) = stripe.things(shop.account, "webhook_endpoint")
        assert endpoint["url"] == f"{site}{hook}"
        with shop.open() as db:
            token = make.visit(db, shop.town.links["Ada"], now=shop.town.now)
        shop.pass_time(timedelta(minutes=5))
        session = shop.sells(client_reference_id=token)
        stripe.complete(session)

        (delivery,) = stripe.send_webhooks(types=PAID)
        assert delivery.status == 204
        (event,) = stored(database)
        assert (event.state, event.type) == ("waiting", "checkout.session.completed")
        assert shop.order(session) is None
        shop.work()
        assert shop.order(session).net_minor == 120_00

    def test_nothing_about_the_buyer_is_stored(
        self, site: str, hook: str, shop: Shop, stripe: StripeServer, database: Database
    ):
        session = shop.sells(client_reference_id="cart-1")
        stripe.complete(session, email="dora@example.com")
        stripe.send_webhooks(types=PAID)

        (event,) = stored(database)
        assert site
        assert "dora" not in json.dumps(event.facts)
        assert "customer" not in json.dumps(event.facts)

    def test_what_comes_twice_is_stored_once(
        self, site: str, hook: str, shop: Shop, stripe: StripeServer, database: Database
    ):
        stripe.complete(shop.sells())
        answers = stripe.send_webhooks(types=PAID, order="repeated")

        assert site
        assert [answer.status for answer in answers] == [204, 204]
        assert len(stored(database)) == 1


class TestSignatures:
    @pytest.fixture
    def raw(self, shop: Shop) -> str:
        return json.dumps(session_event(shop, reference="cart-1"))

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Stripe-Signature": ""},
            {"Stripe-Signature": "t=1,v1=00"},
            {"Stripe-Signature": "nonsense"},
        ],
    )
    def test_without_a_good_one_nothing_is_stored(self, client, hook, raw, headers, database):
        answer = client.post(hook, data=raw, headers=headers)

        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        assert stored(database) == []

    def test_one_of_another_secret_is_none(self, client, hook, raw, database):
        answer = client.post(hook, data=raw, headers=signed(raw, "whsec_of_another"))

        assert answer.status_code == 422
        assert stored(database) == []

    def test_one_of_yesterday_is_too_old(self, client, raw, database, shop):
        shop.connect(by_key=False)
        headers = signed(raw, CONNECT_SECRET, time.time() - 301)

        assert client.post("/hooks/stripe", data=raw, headers=headers).status_code == 422
        assert stored(database) == []

    def test_a_body_that_was_changed_is_not_what_was_signed(self, client, raw, database):
        headers = signed(raw, CONNECT_SECRET)
        changed = raw.replace("cart-1", "cart-2")

        assert client.post("/hooks/stripe", data=changed, headers=headers).status_code == 422
        assert stored(database) == []

    @pytest.mark.parametrize("raw", ["[]", "{}", "nonsense", '{"object": "v2.core.event"}'])
    def test_what_is_signed_and_no_event_is_refused(self, client, raw, database):
        headers = signed(raw, CONNECT_SECRET)

        assert client.post("/hooks/stripe", data=raw, headers=headers).status_code == 422

    def test_a_body_larger_than_any_event_is_not_read(self, client, database):
        raw = " " * 300_000
        headers = signed(raw, CONNECT_SECRET)

        assert client.post("/hooks/stripe", data=raw, headers=headers).status_code == 413

    def test_an_endpoint_of_nobody_is_not_found(self, client, raw):
        answer = client.post("/hooks/stripe/nobody", data=raw, headers=signed(raw, "x"))

        assert answer.status_code == 404


class TestConnect:
    def test_the_platforms_endpoint_knows_whose_account_it_is(
        self, site: str, shop: Shop, stripe: StripeServer, database: Database
    ):
        shop.connect(by_key=False)
        stripe.complete(shop.sells())
        stripe.send_webhooks(f"{site}/hooks/stripe", CONNECT_SECRET, connect=True, types=PAID)

        (event,) = stored(database)
        assert event.account_id == shop.view().id

    def test_an_account_that_is_not_ours_is_answered_and_not_stored(
        self, site: str, shop: Shop, stripe: StripeServer, database: Database
    ):
        shop.connect(by_key=False)
        other = stripe.account("Tom's Tea")
        stripe.complete(stripe.checkout(other, 10_00, "eur"))
        (answer,) = stripe.send_webhooks(
            f"{site}/hooks/stripe", CONNECT_SECRET, connect=True, types=PAID
        )

        assert answer.status == 204
        assert stored(database) == []

    def test_real_payments_do_not_come_into_a_test_account(self, client, shop, database):
        shop.connect(by_key=False)
        event = session_event(shop, reference="x") | {
            "livemode": True,
            "account": shop.account,
        }
        raw = json.dumps(event)
        client.post("/hooks/stripe", data=raw, headers=signed(raw, CONNECT_SECRET))

        (kept,) = stored(database)
        assert (kept.state, kept.facts) == ("ignored", {})

    def test_what_we_do_not_act_on_is_stored_as_ignored(self, client, shop, database):
        shop.connect(by_key=False)
        event = session_event(shop, reference="x") | {
            "type": "customer.created",
            "account": shop.account,
        }
        raw = json.dumps(event)
        client.post("/hooks/stripe", data=raw, headers=signed(raw, CONNECT_SECRET))

        (kept,) = stored(database)
        assert (kept.state, kept.facts, kept.outcome) == ("ignored", {}, "We do not act on this.")
