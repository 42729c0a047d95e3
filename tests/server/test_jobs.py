"""What happens by itself: once, soon, and in spite of one bad message."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.jobs import calls, outbox
from server.jobs.sweep import sweep
from server.services import (
    codes,
    conversions,
    data_exports,
    identities,
    reservations,
    stripe_accounts,
    stripe_codes,
    stripe_events,
    stripe_reconciliations,
)
from server.settings import Settings
from server.store import heartbeats
from server.store import outbox as store
from server.store.connection import Database
from server.store.outbox import OutboxMessage
from tests import make
from tests.server import town as towns
from tests.server.town import NOON


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what a handler for messages of the kind ``note`` was given."""
    noted: list[int] = []

    def note(_db: Session, content: dict[str, int], _now: object) -> None:
        if content["number"] == 13:
            raise ArithmeticError
        noted.append(content["number"])

    monkeypatch.setitem(outbox.HANDLERS, "note", note)
    return noted


def put(database: Database, *numbers: int) -> None:
    with database.transaction() as db:
        for number in numbers:
            store.put(db, kind="note", content={"number": number}, due_at=NOON)


class TestOutbox:
    def test_does_each_message_once_when_it_is_due(self, database: Database, messages: list[int]):
        put(database, 1, 2)

        assert outbox.deliver_due(database, now=NOON - timedelta(seconds=1)) == 0
        assert outbox.deliver_due(database, now=NOON) == 2
        assert outbox.deliver_due(database, now=NOON) == 0
        assert sorted(messages) == [1, 2]

    def test_a_change_that_was_rolled_back_leaves_no_message(
        self, database: Database, messages: list[int]
    ):
        with pytest.raises(RuntimeError), database.transaction() as db:
            store.put(db, kind="note", content={"number": 1}, due_at=NOON)
            db.flush()
            raise RuntimeError

        assert outbox.deliver_due(database, now=NOON) == 0
        assert messages == []

    def test_a_bad_message_waits_longer_each_time_and_holds_up_nobody(
        self, database: Database, messages: list[int]
    ):
        put(database, 13, 1)

        assert outbox.deliver_due(database, now=NOON) == 1
        with database.reading() as db:
            bad = db.exec(select(OutboxMessage).where(OutboxMessage.attempts > 0)).one()
        assert (bad.attempts, bad.last_error) == (1, "ArithmeticError")
        assert bad.due_at == NOON + timedelta(minutes=2)
        outbox.deliver_due(database, now=bad.due_at)
        with database.reading() as db:
            assert db.get(OutboxMessage, bad.id).due_at == bad.due_at + timedelta(minutes=4)

    def test_every_kind_that_services_write_has_a_handler(self, settings: Settings):
        kinds = {conversions.VEST, codes.EXPIRE, reservations.END, data_exports.ADVANCE}
        kinds |= {identities.LEARNT}
        assert kinds == set(outbox.handlers(settings))

    def test_every_kind_that_needs_stripe_has_its_call_and_is_kept_apart(self):
        kinds = {
            stripe_codes.FOLLOW,
            stripe_accounts.HOOK,
            stripe_accounts.LEAVE,
            stripe_events.WORK,
            stripe_reconciliations.RECONCILE,
        }
        assert kinds == set(calls.CALLS)
        assert all(kind.startswith(store.CALL) for kind in kinds)
        assert not any(kind.startswith(store.CALL) for kind in outbox.HANDLERS)


class TestSweep:
    def test_counts_visits_vests_what_is_due_and_shows_that_it_lives(self, database: Database):
        with database.transaction() as db:
            town = towns.found(db)
            town.shares("Ada")
            town.orders("120.00", through="Ada")
            make.visit(db, town.links["Ada"], now=town.now, is_verified=True)

        sweep(database, now=NOON + timedelta(hours=1))
        with database.transaction() as db:
            town.db = db
            place = town.place("Ada")
            assert (place.reach, place.pending_visits, place.pending_minor) == (1, 1, 6_01)

        sweep(database, now=NOON + timedelta(days=15))
        with database.transaction() as db:
            town.db = db
            assert town.place("Ada").payable_minor == 6_01
            assert town.wrong() == []
            assert heartbeats.find(db, "worker").seen_at == NOON + timedelta(days=15)

    def test_forgets_what_it_did_after_a_week(self, database: Database, messages: list[int]):
        put(database, 1)
        sweep(database, now=NOON)
        sweep(database, now=NOON + timedelta(days=8))

        with database.reading() as db:
            assert db.exec(select(OutboxMessage)).all() == []
