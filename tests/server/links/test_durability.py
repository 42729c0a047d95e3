"""What is answered is stored: under ``kill -9``, in a crowd, with a database busy or gone."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException

import pytest
from sqlalchemy import text

from server.store import offers
from server.store.connection import Database
from tests.server.links import world as worlds
from tests.server.links.process import Process
from tests.server.links.world import World


def tokens(world: World) -> set[str]:
    return {row["token"] for row in world.visits()}


class Crowd:
    """Visitors who click as fast as they can, and remember what they were answered."""

    def __init__(self, process: Process, code: str, people: int = 8) -> None:
        self.answered: list[str] = []
        self.others: list[int] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._click, args=(process, code, f"203.0.113.{number}"))
            for number in range(people)
        ]

    @contextmanager
    def clicking(self) -> Iterator[None]:
        """Let everybody click while the block runs."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def wait_for(self, clicks: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.answered) < clicks:
            assert time.monotonic() < deadline, "hardly anybody was answered"
            time.sleep(0.01)

    def _click(self, process: Process, code: str, address: str) -> None:
        while not self._over.is_set():
            try:
                reply = process.click(code, address=address)
            except (OSError, HTTPException):
                continue
            if reply.status == 302:
                self.answered.append(str(reply.token))
            else:
                self.others.append(reply.status)


def test_every_answered_click_survives_kill_9(start_links: Callable[[], Process], world: World):
    process, code = start_links(), world.share()
    crowd = Crowd(process, code)
    with crowd.clicking():
        for _ in range(3):
            crowd.wait_for(len(crowd.answered) + 100)
            process.kill()
            process.start()
        crowd.wait_for(len(crowd.answered) + 100)

    assert crowd.others == []
    assert len(set(crowd.answered)) == len(crowd.answered) >= 400
    assert set(crowd.answered) <= tokens(world)


def test_a_polite_end_answers_everybody_who_was_there(
    start_links: Callable[[], Process], world: World
):
    process, code = start_links(), world.share()
    crowd = Crowd(process, code)
    with crowd.clicking():
        crowd.wait_for(100)
        assert process.stop() == 0
    assert crowd.others == []
    assert set(crowd.answered) == tokens(world)


def test_a_crowd_loses_nobody(links: Process, world: World):
    code = world.share()
    with ThreadPoolExecutor(24) as threads:
        replies = list(threads.map(lambda _: links.click(code), range(480)))
    assert {reply.status for reply in replies} == {302}
    found = {str(reply.token) for reply in replies}
    assert len(found) == 480
    assert found == tokens(world)


def test_two_processes_share_the_salt_of_the_day(start_links: Callable[[], Process], world: World):
    code = world.share()
    for process in (start_links(), start_links()):
        process.later(days=3000)
        process.click(code)
    first, second = (bytes(row["visitor_key"]) for row in world.visits())
    assert first == second


def test_salts_of_processes_that_start_the_day_together_are_one(
    start_links: Callable[[], Process], world: World
):
    code = world.share()
    processes = [start_links(), start_links()]
    for process in processes:
        process.later(days=3100)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: processes[number % 2].click(code), range(16)))
    assert len({bytes(row["visitor_key"]) for row in world.visits()}) == 1


@contextmanager
def somebody_writes(database: Database, dialect: str) -> Iterator[None]:
    """Keep everybody else from writing visits."""
    with database.transaction() as db:
        locking = "LOCK TABLE visit IN EXCLUSIVE MODE" if dialect == "postgresql" else "SELECT 1"
        db.execute(text(locking))  # SQLite's transactions begin by locking
        yield


def test_a_click_waits_for_a_busy_database_and_holds_up_nobody_else(
    links: Process, world: World, dialect: str
):
    code = world.share()
    with ThreadPoolExecutor(1) as threads:
        with somebody_writes(world.database, dialect):
            click = threads.submit(links.click, code)
            deadline = time.monotonic() + 0.3
            while time.monotonic() < deadline:
                assert links.get("/healthz").status == 200
            assert not click.done()
        reply = click.result(timeout=10)
    assert {reply.token} == tokens(world)


def test_a_click_does_not_wait_for_who_counts_the_money_of_its_offer(
    links: Process, world: World, dialect: str
):
    """But on SQLite it must, because there is one writer at a time."""
    code = world.share()
    with ThreadPoolExecutor(1) as threads:
        with world.database.transaction() as db:
            offers.lock(db, world.offer_id)
            click = threads.submit(links.click, code)
            if dialect == "postgresql":
                assert click.result(timeout=5).status == 302
                assert len(tokens(world)) == 1
            else:
                assert links.get("/healthz").status == 200
                assert not click.done()
        assert click.result(timeout=10).status == 302


def test_a_database_that_fails_gives_503_and_works_again_when_it_is_back(
    start_links: Callable[[], Process], world: World
):
    process, code = start_links(), world.share()
    assert process.click(code).status == 302
    world.run("ALTER TABLE click_count RENAME TO elsewhere")
    world.run("ALTER TABLE visit RENAME TO elsewhere_too")
    try:
        for reply in (process.click(code), process.click(code, user_agent="Slackbot")):
            assert (reply.status, reply.headers["retry-after"]) == (503, "2")
            assert "location" not in reply.headers
            assert "Please try again" in reply.text
        beacon = process.ask("POST", "/b/open", body=b'{"token":"abc"}')
        assert (beacon.status, beacon.headers["content-type"]) == (503, "application/problem+json")
    finally:
        world.run("ALTER TABLE elsewhere RENAME TO click_count")
        world.run("ALTER TABLE elsewhere_too RENAME TO visit")
    assert process.click(code).status == 302
    assert len(tokens(world)) == 2
    assert "clicks_not_stored" in process.log.read_text()


def test_connections_that_the_database_ended_are_made_again(
    start_links: Callable[[], Process], world: World, dialect: str
):
    process, code = start_links(), world.share()
    assert process.click(code).status == 302
    if dialect == "postgresql":
        others = (
            "SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            " AND application_name = 'fanfare-links'"
        )
        assert world.rows(others)[0]["ended"] >= 2
        time.sleep(0.1)
    assert process.click(code).status == 302
    assert len(tokens(world)) == 2


def test_a_process_without_tables_says_so_and_ends(
    start_links: Callable[[], Process], world: World, links_database: Database
):
    world.run("ALTER TABLE visit RENAME TO elsewhere")
    try:
        with pytest.raises(AssertionError, match="The database cannot be used"):
            start_links()
    finally:
        world.run("ALTER TABLE elsewhere RENAME TO visit")
    assert worlds.create(links_database).visits() == []
