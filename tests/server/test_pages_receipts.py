"""Receipts as people take them along, and ``fanfare verify-receipt``, which checks them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from server import clock, jws
from server.cli import main
from server.services import receipts, signing_keys, withdrawals
from server.settings import Settings
from server.store import consents as store
from server.store.connection import Database
from tests import make
from tests.ports import free_port
from tests.server.conftest import SignIn
from tests.server.live import serving


@pytest.fixture
def ada(client: FlaskClient, sign_in: SignIn, database: Database) -> FlaskClient:
    """Ada, signed in, who shared the offer twice."""
    member_id = sign_in(client, "ada")
    with database.transaction() as db:
        offer = make.offer(db, make.brand(db), now=clock.now())
        for _ in range(2):
            make.share(db, member_id, offer, now=clock.now())
    return client


@pytest.fixture
def consent_ids(ada: FlaskClient, database: Database) -> list[str]:
    with database.transaction() as db:
        member_id = make.member(db, "ada")
        return [one.public_id for one in reversed(store.of_member(db, member_id))]


class TestDownload:
    def test_one(self, ada: FlaskClient, consent_ids: list[str], settings: Settings):
        answer = ada.get(f"/my-data/consents/{consent_ids[0]}/receipt")

        assert answer.status_code == 200
        assert answer.content_type == "application/jose"
        name = f"fanfare-receipt-{consent_ids[0]}.jws"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"
        told = receipts.check(answer.text, ada.get("/.well-known/jwks.json").json["keys"])
        assert told.issuer == settings.site_url
        assert told.controller == "Berta's Boots"

    def test_all_of_them_one_a_line(self, ada: FlaskClient, consent_ids: list[str]):
        answer = ada.get("/my-data/receipts")

        assert answer.status_code == 200
        found = [json.loads(jws.read(line).payload) for line in answer.text.splitlines()]
        records = [one["dpv:hasRecordOfActivity"]["dct:identifier"] for one in found]
        assert records == consent_ids

    def test_is_of_ones_own_consents_only(
        self, ada: FlaskClient, consent_ids: list[str], sign_in: SignIn, browser
    ):
        dora = browser()
        path = f"/my-data/consents/{consent_ids[0]}/receipt"
        for page in (path, "/my-data/receipts"):
            assert dora.get(page).status_code in {303, 401}, "she must sign in first"
        sign_in(dora, "dora")

        assert dora.get(path).status_code == 404
        assert dora.get("/my-data/receipts").text == ""


@pytest.fixture
def verify(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("FANFARE_DATA", str(settings.fanfare_data))

    def command(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["verify-receipt", *map(str, words)])
        return done.exit_code, done.output

    return command


@pytest.fixture
def file(ada: FlaskClient, consent_ids: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "receipts.jws"
    path.write_text(ada.get("/my-data/receipts").text)
    return path


class TestVerify:
    def test_says_who_agreed_to_what(self, verify, file: Path, settings: Settings):
        status, said = verify(file)

        assert status == 0
        assert said.count("RIGHT") == 2
        assert f"by {settings.site_url}" in said
        assert "allowed   Berta's Boots" in said
        assert "not taken back" in said
        assert "(en) I share this offer with a link of my own." in said

    def test_says_that_it_was_taken_back(
        self, verify, ada: FlaskClient, consent_ids: list[str], database: Database, tmp_path: Path
    ):
        with database.transaction() as db:
            withdrawals.withdraw(
                db,
                member_id=make.member(db, "ada"),
                consent_public_id=consent_ids[0],
                now=clock.now(),
            )
        path = tmp_path / "receipt.jws"
        path.write_text(ada.get(f"/my-data/consents/{consent_ids[0]}/receipt").text)

        assert "it was taken back 20" in verify(path)[1]

    def test_tells_which_line_somebody_changed(self, verify, file: Path):
        first, second = file.read_text().splitlines()
        place = second.index(".") + 40
        other = "A" if second[place] != "A" else "B"
        file.write_text(f"{first}\n{second[:place]}{other}{second[place + 1 :]}\n")

        status, said = verify(file)

        assert status == 1
        assert said.count("RIGHT") == 1
        assert "WRONG  line 2: The signature does not belong to this text" in said

    @pytest.mark.parametrize("content", ["", "nonsense", "a.b.c", "\x00\xff", "[]"])
    def test_refuses_what_is_no_receipt(self, verify, file: Path, content: str):
        file.write_text(content)

        assert verify(file)[0] == 1

    def test_checks_by_a_file_of_keys(
        self, verify, ada: FlaskClient, file: Path, tmp_path: Path, database: Database
    ):
        keys = tmp_path / "jwks.json"
        keys.write_bytes(ada.get("/.well-known/jwks.json").data)
        assert verify(file, "--keys", keys)[0] == 0

        keys.write_text(json.dumps({"keys": [jws.new_key().public]}))
        status, said = verify(file, "--keys", keys)
        assert status == 1
        assert "none of the keys" in said

        for nonsense in ("{}", "[", '{"keys": 1}'):
            keys.write_text(nonsense)
            status, said = verify(file, "--keys", keys)
            assert (status, "keys cannot be read" in said) == (1, True)
        assert verify(file, "--keys", tmp_path / "missing.json")[0] == 1

    def test_checks_by_an_address(self, verify, app, file: Path):
        with serving(app, free_port()) as site:
            assert verify(file, "--keys", f"{site}/.well-known/jwks.json")[0] == 0
            status, said = verify(file, "--keys", f"{site}/nothing")
        assert status == 1
        assert "answers 404" in said
        status, said = verify(file, "--keys", "http://keys.example/jwks.json")
        assert status == 1
        assert "use https" in said

    def test_still_checks_what_an_old_key_signed(self, verify, file: Path, database: Database):
        with database.transaction() as db:
            signing_keys.rotate(db, now=clock.now() + signing_keys.SIGNS_FOR)
            signing_keys.ensure(db, sealing_key="k", now=clock.now())

        assert verify(file)[0] == 0
