"""The whole site with its way to a Stripe server, for pages and webhooks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from server import clock
from server.app import create_app
from server.services import stripe_means
from server.settings import Settings
from server.store.connection import Database
from tests.ports import free_port
from tests.server import stripe_world
from tests.server.live import serving
from tests.server.stripe_world import Shop
from tests.stripe_server import StripeServer

CONNECT_SECRET = "whsec_of_the_platform"


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(database: Database, stripe: StripeServer, port: int, tmp_path: Path) -> Settings:
    stripe.connect.redirect_uris.append(f"http://127.0.0.1:{port}/stripe/arrival")
    return Settings(
        fanfare_data=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        site_url=f"http://127.0.0.1:{port}",
        stripe_client_id=stripe.connect_client_id,
        stripe_secret_key=stripe.connect_secret,
        stripe_webhook_secret=CONNECT_SECRET,
        stripe_api_url=stripe.address,
        stripe_connect_url=stripe.address,
    )


@pytest.fixture
def shop(database: Database, stripe: StripeServer, settings: Settings) -> Iterator[Shop]:
    shop = stripe_world.found(database, stripe, means=stripe_means.of(settings))
    yield shop
    shop.means.stripe.close()


@pytest.fixture
def app(settings: Settings, database: Database, shop: Shop) -> Iterator[Flask]:
    app = create_app(settings, database)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.extensions["fanfare-stripe"].stripe.close()
    clock.follow(None)


@pytest.fixture
def site(app: Flask, port: int) -> Iterator[str]:
    """Serve the site, so that Stripe reaches it."""
    with serving(app, port) as address:
        yield address
