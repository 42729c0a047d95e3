"""Rows written in one statement, and locks that are asked for once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from server.store import consents, members, offers, writing
from server.store.connection import Database
from tests import make


def person(subject: str = "ada") -> dict[str, object]:
    return {"issuer": make.ISSUER, "subject": subject, "created_at": make.THEN}


class TestPut:
    def test_gives_each_row_its_id(self, db):
        ids = [writing.put(db, members.Member, person(name)) for name in ("ada", "bela")]
        assert [members.find(db, id_).subject for id_ in ids] == ["ada", "bela"]

    def test_only_the_first_of_the_same_is_written(self, db):
        first = writing.put_first(db, members.Member, person())
        assert first is not None
        assert writing.put_first(db, members.Member, person()) is None
        assert members.id_of_identity(db, issuer=make.ISSUER, subject="ada") == first

    @pytest.mark.parametrize("put", [writing.put, writing.put_first])
    def test_another_broken_rule_is_still_an_error(self, db, put):
        nobody = {
            "public_id": "c",
            "member_id": 404,
            "purpose": "share",
            "text_hash": "",
            "text_version": "1",
            "language": "en",
            "surface": "test",
            "given_at": make.THEN,
        }
        with pytest.raises(IntegrityError), db.begin_nested():
            put(db, consents.Consent, nobody)


@contextmanager
def selects(database: Database) -> Iterator[list[str]]:
    """Note every statement in the block that reads offers."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM offer" in statement:
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


class TestLock:
    @pytest.fixture
    def offer_id(self, database: Database) -> int:
        with database.transaction() as db:
            made = make.offer(db, make.brand(db))
            row = offers.find_by_public_id(db, made.public_id)
            return row.id

    def test_whoever_holds_it_does_not_wait_again(self, database, offer_id):
        with database.transaction() as db, selects(database) as seen:
            assert offers.lock(db, offer_id) is offers.lock(db, offer_id)
            assert len(seen) == 1

    def test_the_next_transaction_sees_what_others_wrote(self, database, offer_id):
        with database.transaction() as db:
            offers.lock(db, offer_id).title = "Summer boots"
        with database.transaction() as db, selects(database) as seen:
            assert offers.lock(db, offer_id).title == "Summer boots"
            assert len(seen) == 1

    def test_a_rolled_back_savepoint_lets_go_of_it(self, database, offer_id):
        with database.transaction() as db, selects(database) as seen:
            with db.begin_nested() as savepoint:
                offers.lock(db, offer_id)
                savepoint.rollback()
            offers.lock(db, offer_id)
            assert len(seen) == 2
