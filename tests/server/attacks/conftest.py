"""A running site with its click process, an offer to cheat, and the table of what it gained."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from rewards.money import Money
from server import clock
from server.app import create_app
from server.settings import Settings
from server.store.connection import Database
from tests import evidence
from tests.ports import free_port
from tests.server.attacks.scene import Scene
from tests.server.conftest import Tokens
from tests.server.links.process import Process
from tests.server.live import serving

STRIPE_SECRET = "whsec_of_the_platform"

Gains = Callable[..., None]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(
        fanfare_data=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        site_url=f"http://127.0.0.1:{free_port()}",
        stripe_client_id="ca_1",
        stripe_secret_key="sk_test_1",
        stripe_webhook_secret=STRIPE_SECRET,
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    app = create_app(settings, database)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    app.extensions["fanfare-stripe"].stripe.close()
    clock.follow(None)


@pytest.fixture
def scene(
    app: Flask, settings: Settings, database: Database, partner_token: Tokens
) -> Iterator[Scene]:
    """Ada brought Bela three weeks ago; the site is up, and Coupondo has a token."""
    scene = Scene(database, settings.site_url, partner_token)
    with serving(app, int(settings.site_url.rpartition(":")[2])):
        yield scene
    assert scene.wrong() == [], "no attack leaves the books wrong"


@pytest.fixture
def links(database: Database, tmp_path: Path) -> Iterator[Process]:
    folder = tmp_path / "links"
    folder.mkdir()
    process = Process(database, folder, free_port())
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def gains(record_property: evidence.Record, request: pytest.FixtureRequest) -> Gains:
    """Write what an attack gains at most into the table, and fail when it gained more.

    What is not money, such as accepted forgeries, is counted, and none may be.
    ``gains("replayed report", found_minor, most_minor=0, because="the reference is taken")``
    """

    def written(attack: str, found_minor: int, *, most_minor: int, because: str) -> None:
        most = str(Money(most_minor, "EUR")) if most_minor else "nothing"
        test = f"{request.path.name}::{request.node.originalname}"
        record_property(evidence.ATTACK, [attack, f"{most}: {because}", test])
        assert found_minor <= most_minor, f"{attack} gained {Money(found_minor, 'EUR')}"

    return written
