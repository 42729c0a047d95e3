"""What is old goes on time, and nothing that somebody still needs.

Every table with a period in the data map is tried by itself: a new one is, without a line here.
"""

import hashlib
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, Table, event, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from server.jobs import sweep
from server.services import retention
from server.services.conversions import ConversionView
from server.store import arrivals, data_map, old_visits, tables
from server.store.connection import Database
from server.store.data_map import Held, Rule
from server.store.offers import Offer
from server.store.visits import Visit
from tests import make, rows
from tests.server import town as towns
from tests.server.town import NOON

NOW = datetime(2027, 5, 5, tzinfo=UTC)
"""A midnight, so that days and moments are over at once."""
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
TICK, DAY = timedelta(seconds=1), timedelta(days=1)
SALTS = "visitor_salt"
EVIDENCE = {
    "network_even": b"of even ",
    "network_odd": b"of odd  ",
    "device": "Chrome 126 Windows",
    "engaged": True,
}
ALONG = [held for held in data_map.MAP if held.until.rule == Rule.ALONG]
PLAIN = [held for held in retention.periodic() if held.until.does is None]


@pytest.fixture(params=PLAIN, ids=lambda held: held.table)
def held(request: pytest.FixtureRequest) -> Held:
    found: Held = request.param
    return found


def table_of(held: Held) -> Table:
    return tables.METADATA.tables[held.table]


def count(db: Session, name: str) -> int:
    table = tables.METADATA.tables[name]
    return int(db.connection().execute(select(func.count()).select_from(table)).scalar_one())


def ended(held: Held, moment: datetime) -> dict[str, Any]:
    """Return the columns of a row whose period begins at a moment."""
    named = {name: moment.date() if is_day(held, name) else moment for name in held.until.since}
    other = rows.another_value
    return named | {name: other(held.table, name, v) for name, v in held.until.unless.items()}


def is_day(held: Held, name: str) -> bool:
    return table_of(held).columns[name].type.python_type is date


def goes_along(key: ForeignKey) -> bool:
    """Tell whether the row that refers goes when the other one does."""
    return any(h.table == key.parent.table.name and h.until.along == key.parent.name for h in ALONG)


def step(held: Held) -> timedelta:
    """Return the smallest difference that the table can tell."""
    return DAY if is_day(held, held.until.since[0]) else TICK


class TestEveryPeriod:
    def test_ends_for_a_row_just_outside_and_not_for_one_just_inside(self, db: Session, held: Held):
        since = NOW - held.until.after
        rows.make(db, held.table, **ended(held, since))
        rows.make(db, held.table, **ended(held, since + step(held)))
        assert count(db, held.table) == 2

        assert held.table in retention.due(db, now=NOW)
        assert retention.forget_old(db, now=NOW)[held.table] == 1

        kept = [table_of(held).columns[name] for name in held.until.since]
        inside = ended(held, since + step(held))
        assert db.connection().execute(select(*kept)).all() == [tuple(inside[c.name] for c in kept)]
        assert held.table not in retention.due(db, now=NOW)
        assert retention.forget_old(db, now=NOW)[held.table] == 0

    def test_does_not_begin_before_its_row_ended(self, db: Session, held: Held):
        first = held.until.since[0]
        if table_of(held).columns[first].nullable:
            rows.make(db, held.table, **ended(held, LONG_AGO) | {first: None})
        assert retention.forget_old(db, now=NOW)[held.table] == 0

    def test_begins_with_the_last_of_its_moments(self, db: Session, held: Held):
        _, *others = held.until.since
        for other in others:
            rows.make(db, held.table, **ended(held, LONG_AGO) | {other: NOW})
            assert retention.forget_old(db, now=NOW)[held.table] == 0
            rows.make(db, held.table, **ended(held, LONG_AGO) | {other: None})
            assert retention.forget_old(db, now=NOW)[held.table] == 1

    def test_takes_a_batch_at_a_time(self, db: Session, held: Held):
        for days in range(3):
            rows.make(db, held.table, **ended(held, NOW - held.until.after - days * DAY))

        gone = [retention.forget_old(db, now=NOW, limit=2)[held.table] for _ in range(3)]
        assert gone == [2, 1, 0]

    def test_spares_what_the_map_says_it_spares(self, db: Session, held: Held):
        spared = 0
        for name, value in held.until.unless.items():
            rows.make(db, held.table, **ended(held, LONG_AGO) | {name: value})
            spared += 1
        retention.forget_old(db, now=NOW)
        assert count(db, held.table) == spared

    def test_spares_what_others_refer_to(self, db: Session, held: Held):
        spared = 0
        for other in tables.METADATA.sorted_tables:
            for key in other.foreign_keys:
                if key.column.table is table_of(held) and not goes_along(key):
                    row = rows.make(db, held.table, **ended(held, LONG_AGO))
                    rows.make(db, other.name, **{key.parent.name: row[key.column.name]})
                    spared += 1
        retention.forget_old(db, now=NOW, only=[held.table])
        assert count(db, held.table) == spared


class TestWhatGoesAlong:
    @pytest.mark.parametrize("held", ALONG, ids=lambda held: held.table)
    def test_goes_with_its_row_and_not_before(self, db: Session, held: Held):
        parent = _period_above(held)
        row = rows.make(db, held.table)
        top = tables.METADATA.tables[parent.table]
        assert count(db, parent.table) == 1, "the row stands on one of these"

        values = rows.hinted(parent.table, ended(parent, NOW - parent.until.after + step(parent)))
        db.connection().execute(top.update().values(values))
        retention.forget_old(db, now=NOW)
        assert count(db, held.table) == 1, row

        db.connection().execute(top.update().values(ended(parent, NOW - parent.until.after)))
        retention.forget_old(db, now=NOW)
        assert (count(db, held.table), count(db, parent.table)) == (0, 0)

    @pytest.mark.parametrize("held", ALONG, ids=lambda held: held.table)
    def test_is_needed_by_nobody_else(self, held: Held):
        for other in tables.METADATA.sorted_tables:
            for key in other.foreign_keys:
                assert key.column.table is not table_of(held) or goes_along(key)


def _period_above(held: Held) -> Held:
    """Return the table with the period that decides."""
    while held.until.along is not None:
        (key,) = table_of(held).columns[held.until.along].foreign_keys
        held = data_map.of(key.column.table.name)
    return held


class TestSaltsAndKeys:
    @pytest.mark.parametrize(
        ("table", "column", "days"), [(SALTS, "day", 2), ("network_key", "began", 28)]
    )
    def test_live_for_48_hours_and_for_28_days(
        self, db: Session, table: str, column: str, days: int
    ):
        first = date(2026, 3, 1)
        rows.make(db, table, **{column: first})
        rows.make(db, table, **{column: first + DAY})
        midnight = datetime.combine(first, time.min, UTC) + days * DAY

        assert retention.forget_old(db, now=midnight - timedelta(microseconds=1))[table] == 0
        assert retention.forget_old(db, now=midnight)[table] == 1
        assert retention.forget_old(db, now=midnight)[table] == 0
        assert count(db, table) == 1

    def test_are_not_left_in_any_file_once_the_worker_was_there(
        self, empty_sqlite: Path, tmp_path: Path
    ):
        shutil.copy(empty_sqlite, tmp_path / "fanfare.sqlite3")
        database = Database(f"sqlite:///{tmp_path / 'fanfare.sqlite3'}")
        salt, key = (hashlib.sha256(of).digest() for of in (b"the day", b"28 days"))
        with database.transaction() as db:
            rows.make(db, "visitor_salt", day=date(2026, 3, 1), salt=salt)
            rows.make(db, "network_key", began=date(2026, 3, 1), key=key)
        before = on_disk(database)
        assert {salt in before, key in before} == {True}, "we look in the right place"

        sweep.forget(database, now=datetime(2026, 3, 29, tzinfo=UTC))
        after = on_disk(database)
        assert salt not in after, "without that anybody closed the database"
        assert key not in after
        database.close()


def on_disk(database: Database) -> bytes:
    """Return every byte of the database's files."""
    path = Path(str(database.engine.url.database))
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def evidence_of(visit: Visit) -> tuple[object, ...]:
    return tuple(getattr(visit, column) for column in EVIDENCE)


def forget(db: Session, now: datetime) -> int:
    return retention.forget_old(db, now=now)["visit"]


def make_order(town: towns.Town, visit: str, *, after: timedelta) -> ConversionView:
    """Let the shop report the visitor's order a month after it."""
    ordered_at = NOON + after
    return make.order(
        town.db,
        town.brand_id,
        "80.00",
        now=ordered_at + 29 * DAY,
        ordered_at=ordered_at,
        visit_token=visit,
    )


class TestVisits:
    def found(self, db: Session) -> dict[int, Visit]:
        db.expire_all()
        return {row.id: row for row in db.exec(select(Visit)) if row.id is not None}

    def test_that_nobody_verified_go_and_decided_ones_lose_what_leads_to_their_visitor(
        self, db: Session
    ):
        town = towns.found(db)
        town.shares("Ada")
        link, click = town.links["Ada"], town.now
        opened = make.visit(db, link, now=click)
        counted = make.visit(db, link, now=click, is_verified=True)
        make.pass_time(db, click + 20 * DAY)
        waiting = make.visit(db, link, now=click, is_verified=True)
        of_tokens = {row.token: row.id for row in self.found(db).values()}

        assert forget(db, click + 90 * DAY - TICK) == 0
        assert forget(db, click + 90 * DAY) == 2
        assert forget(db, click + 90 * DAY) == 0

        left = self.found(db)
        assert set(left) == {of_tokens[counted], of_tokens[waiting]}, f"{opened} is gone"
        told = left[of_tokens[counted]]
        assert (told.visitor_key, told.nonce) == (None, None)
        assert told.token not in of_tokens
        assert (told.outcome, told.credited, told.clicked_at) == ("counted", True, click)
        assert told.vested_at is not None
        assert left[of_tokens[waiting]].token == waiting, "the worker has not decided about it"
        assert town.wrong() == []

    def test_that_may_still_bring_an_order_stay_whole(self, db: Session):
        town = towns.found(db)
        town.shares("Ada")
        offer = db.exec(select(Offer)).one()
        offer.terms = offer.terms | {"attribution_days": 365}
        db.flush()
        visit = make.visit(db, town.links["Ada"], now=town.now)

        assert forget(db, town.now + 395 * DAY - TICK) == 0
        assert make_order(town, visit, after=365 * DAY).reason is None
        assert forget(db, town.now + 395 * DAY) == 1
        (blank,) = self.found(db).values()
        assert blank.visitor_key is None, "an order names it, so it is not deleted"
        assert make_order(town, visit, after=365 * DAY).reason == "unknown_visit"

    def test_are_found_without_reading_all_of_them(self, db: Session):
        asked: list[tuple[str, Any]] = []

        def hear(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
            asked.append((statement, values))

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            old_visits.is_due(db, now=NOW, usual=90 * DAY, longer=())
        finally:
            event.remove(Engine, "before_cursor_execute", hear)

        statement, values = asked[-1]  # SQLite began a transaction before
        connection, explain = db.connection(), "EXPLAIN QUERY PLAN"
        if connection.dialect.name == "postgresql":  # it reads small tables whole, on purpose
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        plan = connection.exec_driver_sql(f"{explain} {statement}", values)
        assert "visit_not_forgotten_yet" in "\n".join(str(row) for row in plan)

    def test_lose_what_only_the_nightly_look_needed_after_28_days(self, db: Session):
        town = towns.found(db)
        town.shares("Ada")
        link, click = town.links["Ada"], town.now
        make.visit(db, link, now=click, **EVIDENCE)
        make.visit(db, link, now=click + TICK, **EVIDENCE)

        assert retention.due(db, now=click + 28 * DAY - TICK) == ()
        assert "visit" in retention.due(db, now=click + 28 * DAY)
        assert forget(db, click + 28 * DAY) == 1
        assert forget(db, click + 28 * DAY) == 0

        first, second = (visit for _, visit in sorted(self.found(db).items()))
        assert evidence_of(first) == (None, None, None, None)
        assert evidence_of(second) == tuple(EVIDENCE.values())
        assert first.visitor_key is not None, "the visit itself stays for 90 days"

    def test_keep_no_evidence_once_they_are_forgotten(self, db: Session):
        town = towns.found(db)
        town.shares("Ada")
        token = make.visit(db, town.links["Ada"], now=town.now, **EVIDENCE)

        forgotten = update(Visit).where(col(Visit.token) == token).values(visitor_key=None)
        rule = "forgotten_visits_keep_no_evidence"
        with pytest.raises(IntegrityError, match=rule), db.begin_nested():
            db.execute(forgotten)

        (visit,) = self.found(db).values()
        arrivals.blank(db, visit.id)
        db.refresh(visit)
        assert evidence_of(visit) == (None, None, None, None)

    def test_are_the_only_ones_with_a_forgetter_of_their_own(self):
        named = {held.table: held.until.does for held in retention.periodic() if held.until.does}
        tried = {"visit": "visits", "answer": "answers"}  # the latter in test_questions.py
        assert named == tried, "give a new forgetter a test like these"
        assert set(named.values()) == set(retention.FORGETTERS)


class TestTheWorker:
    def test_forgets_all_of_it_however_much_there_is(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(retention, "BATCH", 2)
        with database.transaction() as db:
            for _ in range(5):
                rows.make(db, "audit_entry", at=LONG_AGO)
                rows.make(db, "outbox_message", done_at=LONG_AGO)
            rows.make(db, "audit_entry", at=NOW)

        sweep.forget(database, now=NOW)

        with database.reading() as db:
            assert (count(db, "audit_entry"), count(db, "outbox_message")) == (1, 0)
            assert retention.due(db, now=NOW) == ()
