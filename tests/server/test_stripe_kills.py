"""``kill -9`` of the worker between asking Stripe and writing it down; and races for one code."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from server import clock
from server.services import stripe_means
from server.settings import Settings
from server.store.connection import Database
from tests.programs import Program, until
from tests.server import stripe_world
from tests.server.stripe_world import Shop
from tests.stripe_server import StripeServer


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def demo(database: Database, stripe: StripeServer, tmp_path: Path) -> Settings:
    """Return settings under which a worker's clock can be moved, to let its claims run out."""
    return Settings(
        fanfare_data=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        stripe_api_url=stripe.address,
        stripe_connect_url=stripe.address,
        demo=True,
    )


@pytest.fixture
def worker(demo: Settings, tmp_path: Path) -> Iterator[Program]:
    program = Program(
        "work",
        tmp_path,
        {
            "DATABASE_URL": demo.database_url,
            "STRIPE_API_URL": demo.stripe_api_url,
            "STRIPE_CONNECT_URL": demo.stripe_connect_url,
            "JOBS_EVERY_SECONDS": "1",
            "DEMO": "true",
        },
    )
    yield program
    if program.running is not None:
        program.kill()


@pytest.fixture
def shop(database: Database, stripe: StripeServer, demo: Settings) -> Iterator[Shop]:
    shop = stripe_world.found(database, stripe, means=stripe_means.of(demo))
    shop.connect()
    shop.work()
    yield shop
    shop.means.stripe.close()


@pytest.mark.parametrize("path", ["/v1/coupons$", "/v1/promotion_codes$"])
@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_a_worker_that_dies_leaves_one_coupon_and_one_promotion_code(
    shop: Shop,
    worker: Program,
    demo: Settings,
    stripe: StripeServer,
    path: str,
    *,
    after_effect: bool,
):
    taken = shop.take()
    reached = stripe.slow(3, 1, path, after_effect=after_effect)
    worker.start()
    assert reached.wait(60), worker.log.read_text()
    worker.kill()

    assert demo.clock_file is not None
    clock.travel(demo.clock_file, timedelta(minutes=3))
    worker.start()
    until(lambda: shop.waiting() == [], worker.log)
    assert worker.stop() == 0
    assert len(shop.coupons()) == 1
    assert [(p["code"], p["active"]) for p in shop.promotions()] == [(taken.code, True)]


def test_a_till_and_stripe_at_the_same_moment_book_one_use(shop: Shop):
    """Whoever is first in our ledger has it; the other's order is recorded, and told."""
    taken = [shop.take(5_00) for _ in range(6)]
    shop.work()
    sessions = []
    for code in taken:
        session = shop.sells()
        shop.stripe.complete(session, code=code.code)
        sessions.append(session)
    shop.hear()
    with shop.open():
        till = shop.till()
    client_id, brand_id, offer = till.client_id, till.brand_id, shop.town.offer
    start = Barrier(2)

    def at_the_till() -> None:
        start.wait()
        for code in taken:
            stripe_world.redeem_alone(shop.database, client_id, brand_id, code.code, shop.town.now)

    thread = Thread(target=at_the_till)
    thread.start()
    start.wait()
    for _ in range(12):
        shop.work()
    thread.join()
    shop.work()
    shop.pass_time(timedelta(minutes=10))

    assert offer is shop.town.offer
    with shop.open() as db:
        uses = stripe_world.uses_of(db, brand_id)
    assert sorted(use.code for use in uses) == sorted(code.code for code in taken)
    assert all(shop.order(session) is not None for session in sessions)
    assert shop.wrong() == []
    assert not any(p["active"] for p in shop.promotions())
