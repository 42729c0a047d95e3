"""``kill -9`` of the worker: what was not recorded is sent again, and nothing is lost."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from server import clock
from server.settings import Settings
from server.store.connection import Database
from tests import make
from tests.programs import Program
from tests.server.post_office import PostOffice, redemption
from tests.server.receivers import Receiver, receiving, waits_for

CLAIM_HAS_RUN_OUT = timedelta(minutes=3)
EVENTS = 20


@pytest.fixture
def office(database: Database, settings: Settings) -> PostOffice:
    with database.transaction() as db:
        brand_id = make.brand(db)
    return PostOffice(database, brand_id, clock.now(), settings.sealing_key)


@pytest.fixture
def worker(database: Database, tmp_path: Path) -> Iterator[Program]:
    url = database.engine.url.render_as_string(hide_password=False)
    program = Program("work", tmp_path, {"DATABASE_URL": url, "DEMO": "true"})
    yield program
    if program.running is not None:
        program.kill()


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def travel(settings: Settings) -> None:
    assert settings.clock_file is not None
    clock.travel(settings.clock_file, CLAIM_HAS_RUN_OUT)


def until_all_arrived(office: PostOffice, seconds: float = 90) -> None:
    """Look into the books until they say so."""
    deadline = time.monotonic() + seconds
    while {one.state for one in office.kept()} != {"delivered"}:
        assert time.monotonic() < deadline, office.kept()
        time.sleep(0.1)


@pytest.mark.parametrize("moment", ["before it sends", "before it records"])
def test_a_worker_that_dies_in_the_middle_is_a_second_request(
    office: PostOffice, worker: Program, shop: Receiver, settings: Settings, moment: str
):
    office.add(shop.url)
    office.happens()
    dead = threading.Event()

    def cut() -> None:
        if not dead.is_set():
            worker.kill()
            dead.set()
            if moment == "before it sends":
                raise ConnectionAbortedError  # what it may have sent already is not read

    if moment == "before it sends":
        shop.on_connection = cut
    else:
        shop.on_request = cut
    worker.start()
    assert dead.wait(60)
    (waiting,) = office.kept()
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert waiting.claimed_until is not None

    travel(settings)
    worker.start()
    until_all_arrived(office)
    worker.kill()

    assert len(shop.requests) == (1 if moment == "before it sends" else 2)
    assert len({request.headers["webhook-id"] for request in shop.requests}) == 1
    (arrived,) = office.kept()
    assert arrived.attempts == 1


def test_a_worker_that_is_asked_to_end_records_what_it_sends(
    office: PostOffice, worker: Program, shop: Receiver
):
    office.add(shop.url)
    office.happens()
    worker.start()
    until_all_arrived(office)
    answering = threading.Event()
    shop.on_request = worker.running.terminate
    shop.behaviour = waits_for(answering)
    office.happens(redemption(2))
    shop.wait(2, seconds=60)
    answering.set()
    assert worker.running.wait(timeout=60) == 0
    worker.running = None

    assert {one.state for one in office.kept()} == {"delivered"}
    assert len(shop.requests) == 2


def test_whenever_it_dies_every_event_arrives(
    office: PostOffice, worker: Program, shop: Receiver, settings: Settings
):
    for _ in range(3):
        office.add(shop.url)
    office.happens(*(redemption(number) for number in range(EVENTS)))
    for kill_after in (3, 20, 12):
        worker.start()
        shop.wait(kill_after, seconds=60)
        worker.kill()
        travel(settings)
    worker.start()
    assert len(office.kept()) == 3 * EVENTS
    until_all_arrived(office)

    came = [(r.headers["webhook-id"], r.headers["webhook-signature"]) for r in shop.requests]
    assert len({id_ for id_, _ in came}) == EVENTS
    twice = len(came) - 3 * EVENTS
    assert 0 <= twice <= 3 * 12, "at most what was on its way at each cut"
