"""One file with everything about a person: built in steps, theirs alone, gone after a week."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from jwcrypto import jwk
from jwcrypto import jws as independent
from sqlalchemy import select
from sqlmodel import Session

from rewards.explain import Language
from server.errors import NotFound
from server.jobs import outbox
from server.services import (
    data_exports,
    export_files,
    export_guide,
    export_words,
    own_records,
    signing_keys,
)
from server.services.data_exports import ExportView
from server.store import data_exports as store
from server.store import data_map
from server.store.connection import Database
from server.store.data_exports import DataExport
from server.store.own_records.everything import KINDS
from tests import make
from tests.server import my_data_world
from tests.server.my_data_world import FORMULA, HANDLERS, World, work
from tests.server.town import NOON

WEEK = timedelta(days=7)


@pytest.fixture
def world(database: Database) -> World:
    with database.transaction() as db:
        return my_data_world.told(db)


def ask(database: Database, member_id: int, language: str = "en", now=NOON) -> ExportView:
    with database.transaction() as db:
        return data_exports.ask(db, member_id=member_id, language=language, now=now)


def exports_of(database: Database, member_id: int) -> list[ExportView]:
    with database.reading() as db:
        return data_exports.of_member(db, member_id=member_id)


def file_of(database: Database, member_id: int, now=NOON) -> zipfile.ZipFile:
    (export,) = exports_of(database, member_id)
    with database.reading() as db:
        found = data_exports.fetch(db, member_id=member_id, public_id=export.public_id, now=now)
    return zipfile.ZipFile(io.BytesIO(found.archive))


@pytest.fixture
def archive(database: Database, world: World) -> zipfile.ZipFile:
    """Return what Ada gets."""
    work(database, now=world.town.now)
    return file_of(database, world.ada, world.town.now)


def records(archive: zipfile.ZipFile) -> dict[str, list[dict[str, object]]]:
    return json.loads(archive.read("my-data.json"))["records"]


def rows(archive: zipfile.ZipFile, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{kind}.csv").decode(), newline="")))


class TestWhatIsInIt:
    def test_everything_that_there_is_of_ada(self, archive):
        found = records(archive)
        assert [kind for kind, held in found.items() if not held] == []
        assert set(found) == {kind.name for kind in KINDS}
        assert set(archive.namelist()) == {
            *("my-data.json", "README.txt"),
            *(f"{kind.name}.csv" for kind in KINDS),
            *(f"receipts/{consent['consent_id']}.jws" for consent in found["consents"]),
        }
        assert archive.testzip() is None

    def test_the_tables_say_what_the_json_says(self, archive):
        for kind, held in records(archive).items():
            assert rows(archive, kind) == [
                {name: export_files.cell(value) for name, value in record.items()}
                for record in held
            ]

    def test_and_both_say_what_the_database_says(self, archive, database, world):
        with database.reading() as db:
            now = own_records.everything(db, member_id=world.ada)
        exports = now.pop("exports")
        then = records(archive)
        assert [then.pop("exports")[0]["export_id"]] == [exports[0]["export_id"]]
        assert then == now

    def test_nobody_else_is_in_it(self, archive, world):
        for name in archive.namelist():
            words = archive.read(name).decode()
            assert [one for one in world.others if one in words] == [], name
        assert len(world.others) > 20

    def test_and_what_others_are_is_in_theirs(self, database, world):
        """The search above can find what it looks for."""
        with database.reading() as db:
            belas = own_records.everything(db, member_id=world.bela)
        words = json.dumps(belas)
        assert [one for one in world.others if one in words] != []

    def test_consents_are_there_in_the_words_that_were_agreed_to(self, archive):
        texts = {consent["text"] for consent in records(archive)["consents"]}
        assert any("I share this offer" in text for text in texts)
        assert any("this person brought me" in text for text in texts)

    def test_each_receipt_is_signed_with_the_published_key(self, archive, database):
        with database.reading() as db:
            keys = {key["kid"]: jwk.JWK(**key) for key in signing_keys.published(db)}
        consents = records(archive)["consents"]
        for consent in consents:
            signed = independent.JWS()
            signed.deserialize(archive.read(f"receipts/{consent['consent_id']}.jws").decode())
            signed.verify(keys[signed.jose_header["kid"]])
            assert (
                consent["text"]
                in json.loads(signed.payload)["dpv:hasRecordOfActivity"]["dpv:hasNotice"][
                    "dct:description"
                ]["@value"]
            )

    def test_who_brought_her_has_the_name_that_they_chose(self, archive):
        (referral,) = records(archive)["referrals"]
        assert referral["brought_by"] == "Bela"

    def test_orders_of_others_come_without_reference_and_total(self, archive):
        orders = records(archive)["orders"]
        assert len(orders) == 3
        assert not {"order_ref", "net_minor", "refunded_minor"} & set(orders[0])
        assert [order["is_held"] for order in orders] == [False, False, True]

    def test_no_spreadsheet_runs_what_people_typed(self, archive):
        assert FORMULA in {share["shown_as"] for share in records(archive)["shares"]}
        assert f"'{FORMULA}" in {row["shown_as"] for row in rows(archive, "shares")}
        for kind in records(archive):
            for row in rows(archive, kind):
                assert not [cell for cell in row.values() if cell[:1] in set("=+-@\t\r")]

    @pytest.mark.parametrize("language", Language)
    def test_a_guide_says_what_is_what_in_the_persons_language(self, database, language):
        with database.transaction() as db:
            dora = make.member(db, "dora")
        ask(database, dora, language)
        work(database, now=NOON)
        archive = file_of(database, dora)
        words = archive.read("README.txt").decode()
        assert words.startswith(export_guide.GUIDE[language].title)
        for kind in KINDS:
            assert export_words.KINDS[kind.name][language] in words


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("Ada", "Ada"),
        ("a=1", "a=1"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
    ],
)
def test_a_cell_is_never_a_formula(value, cell):
    assert export_files.cell(value) == cell


class TestBuilding:
    def test_shows_its_progress_step_by_step(self, database, world):
        seen = []
        for _ in range(5):
            (export,) = exports_of(database, world.ada)
            seen.append((export.state, export.step))
            outbox.deliver_due(database, now=world.town.now, by=HANDLERS)
        assert seen == [("queued", 0), ("running", 1), ("running", 2), ("running", 3), ("ready", 4)]

    @pytest.mark.parametrize("dies_at", range(4))
    def test_a_worker_that_dies_in_a_step_leaves_it_to_the_next(
        self, database, world, monkeypatch, dies_at
    ):
        steps = list(data_exports._STEPS)  # noqa: SLF001 - the moment at which the power fails

        def dies(*_: object) -> bytes:
            raise KeyboardInterrupt

        with monkeypatch.context() as power:
            power.setattr(data_exports, "_STEPS", (*steps[:dies_at], dies, *steps[dies_at + 1 :]))
            for _ in range(dies_at):
                outbox.deliver_due(database, now=world.town.now, by=HANDLERS)
            with pytest.raises(KeyboardInterrupt):
                outbox.deliver_due(database, now=world.town.now, by=HANDLERS)
        (export,) = exports_of(database, world.ada)
        assert (export.is_live, export.step) == (True, dies_at)

        work(database, now=world.town.now)

        archive = file_of(database, world.ada, world.town.now)
        assert len(archive.namelist()) == len(set(archive.namelist()))
        assert len(archive.namelist()) == 2 + len(KINDS) + len(records(archive)["consents"])

    def test_a_step_that_fails_for_a_day_is_given_up_and_can_be_asked_for_again(
        self, database, world, monkeypatch
    ):
        def fails(*_: object) -> bytes:
            raise ArithmeticError

        with monkeypatch.context() as broken:
            broken.setattr(data_exports, "_STEPS", (fails,) * 4)
            work(database, now=world.town.now)
            (export,) = exports_of(database, world.ada)
            assert export.state == "queued"
            work(database, now=world.town.now + timedelta(days=1))
        (failed,) = exports_of(database, world.ada)
        assert failed.state == "failed"

        later = world.town.now + timedelta(days=2)
        ask(database, world.ada, now=later)
        work(database, now=later)

        (ready,) = exports_of(database, world.ada)
        assert (ready.state, ready.public_id != failed.public_id) == ("ready", True)

    def test_what_was_erased_meanwhile_is_not_built(self, database, world):
        with database.transaction() as db:
            db.execute(DataExport.__table__.delete())
        work(database, now=world.town.now)
        assert exports_of(database, world.ada) == []


class TestAsking:
    def test_twice_at_once_gives_one(self, database, world):
        (first,) = exports_of(database, world.ada)
        assert ask(database, world.ada).public_id == first.public_id
        assert len(exports_of(database, world.ada)) == 1

    def test_the_database_lets_nobody_have_two_that_are_being_built(self, db: Session):
        ada = make.member(db)
        for _ in range(2):
            data_exports.ask(db, member_id=ada, language="en", now=NOON)
        assert len(db.execute(select(DataExport.id)).all()) == 1

    def test_again_after_it_is_ready_gives_a_new_one_in_its_place(self, database, world):
        work(database, now=world.town.now)
        (first,) = exports_of(database, world.ada)
        second = ask(database, world.ada, now=world.town.now)
        assert [one.public_id for one in exports_of(database, world.ada)] == [
            second.public_id,
            first.public_id,
        ]
        work(database, now=world.town.now)
        assert [one.public_id for one in exports_of(database, world.ada)] == [second.public_id]

    def test_is_the_business_of_each_person_alone(self, database, world):
        bela = ask(database, world.bela)
        (ada,) = exports_of(database, world.ada)
        assert bela.public_id != ada.public_id
        work(database, now=world.town.now)
        with database.reading() as db, pytest.raises(NotFound):
            data_exports.fetch(
                db, member_id=world.bela, public_id=ada.public_id, now=world.town.now
            )


class TestItsWeek:
    def test_is_over_after_seven_days_and_then_the_file_is_gone(self, database, world):
        work(database, now=world.town.now)
        last = world.town.now + WEEK - timedelta(seconds=1)
        work(database, now=last)
        (export,) = exports_of(database, world.ada)
        assert file_of(database, world.ada, last).testzip() is None
        with database.reading() as db, pytest.raises(NotFound):
            data_exports.fetch(
                db,
                member_id=world.ada,
                public_id=export.public_id,
                now=world.town.now + WEEK,
            )

        work(database, now=world.town.now + WEEK)

        with database.reading() as db:
            assert db.execute(select(DataExport.id)).all() == []

    def test_what_is_not_ready_cannot_be_fetched(self, database, world):
        (export,) = exports_of(database, world.ada)
        with database.reading() as db:
            assert (
                store.find_ready(
                    db, member_id=world.ada, public_id=export.public_id, now=world.town.now
                )
                is None
            )


def test_the_export_holds_what_the_data_map_says_that_it_holds():
    """Every table about people is in it, or says in the map why not."""
    exported = {table for kind in KINDS for table in kind.tables}
    assert {held.table for held in data_map.MAP if held.exported is True} == exported
    for held in data_map.about_people():
        assert held.exported is True or len(str(held.exported)) > 20, held.table


def test_every_kind_of_record_has_its_words():
    assert set(export_words.KINDS) == {kind.name for kind in KINDS}
