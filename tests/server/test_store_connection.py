"""A transaction keeps all of a block, or nothing; a reader cannot write."""

import threading
from datetime import UTC, datetime

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from server.store import members
from server.store.connection import Database

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def a_member() -> members.Member:
    return members.Member(issuer="https://id.example", subject="ada", created_at=NOW)


def test_a_savepoint_does_not_outlive_its_transaction(database: Database):
    with pytest.raises(RuntimeError), database.transaction() as db:
        with db.begin_nested():
            db.add(a_member())
        raise RuntimeError

    with database.reading() as db:
        assert db.exec(select(members.Member)).all() == []


def test_a_reader_cannot_write(database: Database):
    with pytest.raises(DBAPIError), database.reading() as db:
        db.add(a_member())
        db.flush()


def test_a_glance_cannot_write_either(database: Database):
    with pytest.raises(DBAPIError), database.glance() as db:
        db.add(a_member())
        db.flush()


def test_a_glance_begins_no_transaction(database: Database):
    with database.glance() as db:
        assert db.exec(select(members.Member)).all() == []
        driver = db.connection().connection.dbapi_connection
        if database.dialect == "sqlite":
            assert not driver.in_transaction
        else:
            assert driver.info.transaction_status == TransactionStatus.IDLE


def test_writers_of_one_process_take_turns(database: Database):
    waits = database.dialect == "sqlite"
    begun: list[str] = []

    def write() -> None:
        with database.transaction() as db:
            db.add(a_member())

    second = threading.Thread(target=write)
    with database.transaction() as first:
        first.exec(select(members.Member)).all()
        event.listen(database.engine, "begin", lambda _: begun.append("second"))
        second.start()
        second.join(timeout=0.3 if waits else 30)
        slipped_in = list(begun)
    second.join()

    assert slipped_in == ([] if waits else ["second"])
    assert begun == ["second"]


def test_who_has_not_begun_to_write_keeps_nobody_waiting(database: Database):
    written = threading.Event()

    def write() -> None:
        with database.transaction() as db:
            db.add(a_member())
        written.set()

    with database.transaction():
        second = threading.Thread(target=write)
        second.start()
        assert written.wait(timeout=10)
    second.join()


def test_times_come_back_in_utc(database: Database):
    with database.transaction() as db:
        db.add(a_member())

    with database.reading() as db:
        assert db.exec(select(members.Member)).one().created_at == NOW


def test_a_naive_time_is_refused(database: Database):
    with pytest.raises(Exception, match="naive datetime"), database.transaction() as db:
        db.add(members.Member(issuer="i", subject="s", created_at=NOW.replace(tzinfo=None)))
