"""One click process for each database, with a database of its own; each test has its own offer."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import text

from server.store import tables
from server.store.connection import Database
from tests import machine
from tests.ports import free_port
from tests.server.links import world as worlds
from tests.server.links.process import Process
from tests.server.links.world import World

StartProcess = Callable[..., Process]


@pytest.fixture(scope="session")
def links_database(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """Return a database that no other test empties while the process runs."""
    if dialect == "sqlite":
        path = tmp_path_factory.mktemp("links", numbered=True) / "fanfare.sqlite3"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        store = Database(f"sqlite:///{path}")
    else:
        store = _beside(request.getfixturevalue("postgres_url"), f"links_{secrets.token_hex(4)}")
    yield store
    store.close()


@pytest.fixture
def world(links_database: Database) -> World:
    """Return a brand with a published offer."""
    return worlds.create(links_database)


@pytest.fixture(scope="session")
def links(links_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Return the process that the tests of one database share; its clock only moves forward."""
    process = Process(links_database, tmp_path_factory.mktemp("process"), free_port())
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def start_links(links_database: Database, tmp_path: Path) -> Iterator[StartProcess]:
    """Start further processes, for tests that end them."""
    started: list[Process] = []

    def start(**options: Any) -> Process:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        process = Process(links_database, folder, free_port(), **options)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        if process.running is not None:
            process.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.chromium(), args=list(machine.CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


def _beside(url: str, name: str) -> Database:
    """Return a new database with all tables on the same server."""
    first = Database(url)
    try:
        with first.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    finally:
        first.close()
    store = Database(first.engine.url.set(database=name).render_as_string(hide_password=False))
    tables.METADATA.create_all(store.engine)
    return store


@pytest.fixture
def another_world(links_database: Database) -> Callable[..., World]:
    """Return further brands, or one whose offer differs: ``another_world(title="...")``."""
    return lambda **changed: worlds.create(links_database, **changed)
