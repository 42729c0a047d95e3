"""``kill -9`` in the middle: what was answered is kept, and what was not can be sent again.

The click process has tests of its own in ``links/``.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlmodel import select

from server import clock
from server.services import codes, consents
from server.store import outbox
from server.store.connection import Database
from server.store.conversions import Conversion
from server.store.redemptions import Redemption
from server.store.shares import Share
from tests.ports import free_port
from tests.programs import Program
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.town import Town

EVENTS = 120
THREADS = 6


@pytest.fixture
def town(database: Database) -> Town:
    with database.transaction() as db:
        town = towns.found(db, budget_minor=100_000_00)
        town.now = clock.now() - timedelta(days=20)
        town.shares("Ada")
    return town


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Program]:
    port = free_port()
    program = Program(
        "site",
        tmp_path,
        {
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "SITE_BIND": f"127.0.0.1:{port}",
            "SITE_URL": f"http://127.0.0.1:{port}",
        },
        answers_at=f"http://127.0.0.1:{port}/healthz",
    )
    program.start()
    yield program
    if program.running is not None:
        program.kill()


def send_all(
    site: Program, send: Callable[[str, int], requests.Response], *, kill_after: int
) -> dict[int, requests.Response]:
    """Send every event from several threads and cut the power after some answers."""
    answered: dict[int, requests.Response] = {}
    cut = threading.Event()

    def one(number: int) -> None:
        if cut.is_set():
            return
        try:
            answered[number] = send(site.settings["SITE_URL"], number)
        except requests.RequestException:
            return
        if len(answered) >= kill_after and not cut.is_set():
            cut.set()
            site.kill()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, range(EVENTS)))
    assert cut.is_set(), "the power was never cut"
    return answered


def books_are_right(database: Database, town: Town) -> bool:
    with database.transaction() as db:
        town.db = db
        return town.wrong() == []


def test_every_share_is_there_once(
    site: Program, database: Database, town: Town, app_token: Tokens
):
    token = app_token(town.people["Ada"])

    def share(address: str, number: int) -> requests.Response:
        return requests.post(
            f"{address}/api/extension/v1/shares",
            headers=bearer(token),
            json={
                "event_id": f"00000000-0000-4000-8000-{number:012}",
                "offer_id": town.offer.public_id,
                "channel": "copy",
                "consent_hash": consents.text(consents.SHARE).hash,
                "language": "en",
                "created_at": clock.now().isoformat(),
            },
            timeout=30,
        )

    before = send_all(site, share, kill_after=EVENTS // 3)
    site.start()
    after = {number: share(site.settings["SITE_URL"], number) for number in range(EVENTS)}

    assert {answer.status_code for answer in before.values()} == {201}
    assert {n: a.json()["code"] for n, a in before.items()} == {
        n: after[n].json()["code"] for n in before
    }
    with database.reading() as db:
        events = [s.event_id for s in db.exec(select(Share)) if s.event_id.startswith("0000")]
    assert sorted(events) == [f"00000000-0000-4000-8000-{n:012}" for n in range(EVENTS)]


def test_every_code_is_redeemed_once(
    site: Program, database: Database, town: Town, partner_token: Tokens
):
    with database.transaction() as db:
        town.db = db
        town.orders("20000.00", through="Ada")
        town.time_passes()
        taken = [
            codes.take(
                db,
                member_id=town.people["Ada"],
                offer_public_id=town.offer.public_id,
                event_id=f"e-{number}",
                value_minor=5_00,
                now=clock.now(),
            ).code
            for number in range(EVENTS)
        ]
    token = partner_token(town.brand_id)

    def redeem(address: str, number: int) -> requests.Response:
        return requests.post(
            f"{address}/api/partner/v1/redemptions",
            headers=bearer(token) | {"Idempotency-Key": f"k-{number}"},
            json={
                "code": taken[number],
                "order_ref": f"A-{number}",
                "order_total_minor": 100_00,
                "currency": "EUR",
            },
            timeout=30,
        )

    before = send_all(site, redeem, kill_after=EVENTS // 3)
    site.start()
    after = {number: redeem(site.settings["SITE_URL"], number) for number in range(EVENTS)}

    assert {answer.status_code for answer in after.values()} == {201}
    assert {n: a.json() for n, a in before.items()} == {n: after[n].json() for n in before}
    with database.reading() as db:
        assert len(db.exec(select(Redemption)).all()) == EVENTS
    assert books_are_right(database, town)


def test_a_worker_that_dies_vests_everything_once_all_the_same(
    database: Database, town: Town, tmp_path: Path
):
    with database.transaction() as db:
        town.db = db
        for _ in range(EVENTS):
            town.orders("10.00", through="Ada")
    worker = Program(
        "work",
        tmp_path,
        {
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "JOBS_EVERY_SECONDS": "1",
        },
    )

    def vested() -> int:
        with database.reading() as db:
            return len([c for c in db.exec(select(Conversion)) if c.vested_at is not None])

    kills, seen, deadline = 0, 0, time.monotonic() + 90
    while vested() < EVENTS:
        worker.start()
        while vested() <= seen:
            assert time.monotonic() < deadline, worker.log.read_text()
            time.sleep(0.01)
        worker.kill()
        kills, seen = kills + 1, vested()
        if kills == 3:
            worker.start()
            while vested() < EVENTS:
                assert time.monotonic() < deadline, worker.log.read_text()
                time.sleep(0.1)
            assert worker.stop() == 0

    with database.reading() as db:
        assert outbox.waiting(db, now=clock.now(), limit=10) == []
    assert books_are_right(database, town)
    with database.transaction() as db:
        town.db = db
        assert town.place("Ada").pending_minor == 0
