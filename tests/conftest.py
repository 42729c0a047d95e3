"""The house of every test: both databases, an app, and the cast.

*Ada* is a customer, *Bela* her friend, *Berta's Boots* a brand with *Carl* as owner and *Nele* as
reviewer, *Coupondo* a partner, and *Dora* may see none of it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import Session

from server import clock, logs
from server.app import create_app
from server.settings import Settings
from server.store import tables
from server.store.connection import Database
from tests import evidence, machine, postgres

DIALECTS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    parser.addoption(
        "--nothing-missing",
        action="store_true",
        help="fail, instead of skip, what needs a program that this machine lacks",
    )
    parser.addoption(
        "--shared",
        type=Path,
        metavar="PATH",
        help="also check against the files of others that lie there",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Hand our options on, and refuse every field of a log that is not allowed."""
    logs.set_up(strict=True)
    machine.begin(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what looks at the files of others, unless we are told where they lie."""
    if config.getoption("--shared") is None:
        left_out = [item for item in items if "shared" in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much ran where, and loudly what this machine lacks."""
    passed = terminalreporter.stats.get("passed", [])
    counts = {
        "on SQLite": sum("[sqlite" in report.nodeid for report in passed),
        "on PostgreSQL": sum("[postgresql" in report.nodeid for report in passed),
        "in a browser": sum("browser" in report.keywords for report in passed),
    }
    told = ", ".join(f"{count} {where}" for where, count in counts.items())
    terminalreporter.section("where it ran")
    terminalreporter.line(f"Passed {told}, {len(passed)} in all.")
    for report in passed:
        for name, line in report.user_properties:
            if name == "told":
                terminalreporter.line(str(line))
    lacking = {
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "MISSING" in report.longrepr[2]
    }
    for sentence in sorted(lacking):
        terminalreporter.line(f"NOT CHECKED! {sentence}", red=True, bold=True)
    for title, lines in evidence.tables([*passed, *terminalreporter.stats.get("failed", [])]):
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.line(line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that touches a database once on each of them."""
    if "dialect" in metafunc.fixturenames:
        metafunc.parametrize("dialect", DIALECTS, indirect=True, scope="session")


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """Return where the files of others lie; tests that ask for it run with ``--shared`` alone."""
    path: Path = pytestconfig.getoption("--shared")
    return path.absolute()


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    """Return the name of the database that the test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with all tables and no rows, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    store = Database(f"sqlite:///{path}")
    store.create_tables()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        connection.exec_driver_sql("BEGIN")
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a PostgreSQL of our own and return the address of a database with all tables."""
    with postgres.server() as url:
        store = Database(url)
        store.create_tables()
        store.close()
        yield url


@pytest.fixture
def database(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return an empty database with all tables."""
    if dialect == "sqlite":
        path = tmp_path / "fanfare.sqlite3"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        store = Database(f"sqlite:///{path}")
    else:
        store = Database(request.getfixturevalue("postgres_url"))
        names = ", ".join(f'"{table.name}"' for table in tables.METADATA.sorted_tables)
        with store.transaction() as db:
            db.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield store
    store.close()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """Return an open transaction, for services; it is committed when the test is over."""
    with database.transaction() as session:
        yield session


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Return settings for this test alone."""
    return Settings(
        fanfare_data=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        demo=True,
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    """Return the whole site on the test's database."""
    app = create_app(settings, database)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    clock.follow(None)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without cookies."""
    return app.test_client()
