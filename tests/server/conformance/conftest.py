"""A site of its own whose codes are burnt, and somebody in front of it who may break promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewards.money import Money
from server import clock
from server.conformance.api import Api
from server.conformance.contract import Result, Verdict
from server.conformance.run import CODES_NEEDED, run
from server.conformance.shop import Shop
from server.demo import codes
from server.demo import run as demo
from server.settings import Settings
from server.store.connection import Database
from tests.ports import free_port
from tests.programs import Program
from tests.server.live import serving
from tests.server.middleman import Middleman

PARALLEL = 6
NO_LIMITS = {
    "REQUESTS_PER_MINUTE": "1000000",
    "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000",
    "CODE_GUESSES_PER_MINUTE": "1000000",
}
"""For running the contract many times in a minute."""


@dataclass
class Deployment:
    """A running site with a middleman in front of it, which is its public address."""

    settings: Settings
    middleman: Middleman

    def shop(self, count: int = CODES_NEEDED) -> Shop:
        """Return the shop of the kit, with new codes."""
        given = codes.give(self.settings, count=count, now=clock.now()) if count else []
        key = demo.credentials(self.settings)
        api = Api(self.settings.site_url, key.client_id, key.client_secret)
        return Shop(api, given, "EUR", 100_00, PARALLEL)


@contextmanager
def deployed(folder: Path, database_url: str, **more: str) -> Iterator[Deployment]:
    """Run a site, with a middleman who is honest as long as nobody says otherwise."""
    inside, outside = free_port(), free_port()
    site = Program(
        "site",
        folder,
        {
            "DATABASE_URL": database_url,
            "SITE_BIND": f"127.0.0.1:{inside}",
            "SITE_URL": f"http://127.0.0.1:{outside}",
            **more,
        },
        answers_at=f"http://127.0.0.1:{inside}/healthz",
    )
    settings = Settings(
        fanfare_data=folder,
        database_url=database_url,
        site_url=site.settings["SITE_URL"],
        demo=True,
    )
    middleman = Middleman(f"http://127.0.0.1:{inside}")
    site.start()
    try:
        with serving(middleman, outside):
            yield Deployment(settings, middleman)
    finally:
        middleman.close()
        site.kill()


@contextmanager
def working(folder: Path, database_url: str) -> Iterator[Deployment]:
    """Run a demo with its worker, which may send events to this machine."""
    with deployed(folder, database_url, DEMO="1") as deployment:
        settings = {
            "DATABASE_URL": database_url,
            "SITE_URL": deployment.settings.site_url,
            "DEMO": "1",
            "JOBS_EVERY_SECONDS": "1",
        }
        worker = Program("work", folder, settings)
        worker.start()
        try:
            yield deployment
        finally:
            worker.kill()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Deployment]:
    """Return one site for all tests of a module, with a large budget to burn."""
    folder = tmp_path_factory.mktemp("workshop")
    path = folder / "fanfare.sqlite3"
    path.write_bytes(empty_sqlite.read_bytes())
    with deployed(folder, f"sqlite:///{path}", **NO_LIMITS) as deployment:
        demo.seed(deployment.settings, budget=Money(1_000_000_00, "EUR"), now=clock.now())
        yield deployment


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Deployment]:
    """Return a demo of this test alone."""
    url = database.engine.url.render_as_string(hide_password=False)
    with working(tmp_path, url) as deployment:
        yield deployment


def hold(shop: Shop) -> list[Result]:
    """Run the whole contract."""
    try:
        return list(run(shop))
    finally:
        shop.api.close()


def sentences(results: list[Result], verdict: Verdict) -> set[str]:
    """Return the promises of which this became."""
    return {result.check.sentence for result in results if result.verdict == verdict}
