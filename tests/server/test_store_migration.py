"""A migrated database is the one that the code describes, on both databases, and back."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from server import tokens
from server.store import migration, tables
from server.store.connection import Database


@pytest.fixture
def bare(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a database without any table."""
    if dialect == "sqlite":
        store = Database(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    else:
        url = request.getfixturevalue("postgres_url")
        admin = Database(url)
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE IF EXISTS bare"))
            connection.execute(text("CREATE DATABASE bare"))
        admin.close()
        store = Database(url.rsplit("/", 1)[0] + "/bare")
    yield store
    store.close()


def described(database: Database) -> dict[str, object]:
    """Return every table with its columns, constraints and indexes, by name."""
    found = inspect(database.engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)),
            sorted(c["name"] for c in found.get_unique_constraints(name)),
            sorted(c["name"] for c in found.get_check_constraints(name)),
            sorted((c["name"], c["referred_table"]) for c in found.get_foreign_keys(name)),
            sorted((i["name"], bool(i["unique"])) for i in found.get_indexes(name)),
        )
        for name in found.get_table_names()
        if name != "alembic_version" and not name.startswith("huey_")  # the queue's own
    }


def test_migrated_equals_created(bare: Database, database: Database):
    migration.upgrade(bare)

    assert described(bare) == described(database)


def test_nothing_is_left_for_the_next_migration_to_find(bare: Database):
    migration.upgrade(bare)

    with bare.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.METADATA) == []


def test_a_database_knows_whether_it_is_current(bare: Database):
    with bare.engine.connect() as connection:
        assert not migration.is_current(connection)

    migration.upgrade(bare)
    migration.upgrade(bare)

    with bare.engine.connect() as connection:
        assert migration.is_current(connection)


def test_every_table_can_be_taken_back(bare: Database):
    migration.upgrade(bare)
    migration.downgrade(bare)

    assert described(bare) == {}


def test_words_that_somebody_agreed_to_are_kept_when_they_leave_the_code(bare: Database):
    """A consent of version 1, given before texts had a table of their own."""
    words = migration_of("0006").FIRST_TEXTS["share", "de"]
    migration.upgrade(bare, to="0005")
    with bare.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO member (id, issuer, subject, created_at)"
                " VALUES (1, 'https://id.example', 'ada', '2026-01-01 00:00:00+00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO consent (id, public_id, member_id, purpose, text_hash, text_version,"
                " language, surface, given_at)"
                " VALUES (1, 'c1', 1, 'share', :hash, '1', 'de', 'site', '2026-01-02 00:00:00+00')"
            ),
            {"hash": tokens.kept(words)},
        )

    migration.upgrade(bare)

    with bare.engine.connect() as connection:
        kept = connection.execute(
            text("SELECT hash, purpose, version, language, words FROM consent_text")
        ).all()
    assert kept == [(tokens.kept(words), "share", "1", "de", words)]


def migration_of(number: str) -> ModuleType:
    """Return the module of a migration."""
    folder = ScriptDirectory(str(migration.FOLDER))
    return folder.get_revision(number).module
