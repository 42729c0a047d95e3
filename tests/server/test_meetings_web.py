"""Codes given in person: a friend's browser, the sharer's browser and the extension."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from server import clock
from server.services import consents, signed_codes
from server.store.connection import Database
from server.store.meetings import Meeting
from server.store.referrals import Referral
from tests import make
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.devices import Signer
from tests.server.town import Town

API = "/api/extension/v1"


@pytest.fixture
def town(database: Database, app: Flask) -> Town:
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now()
        town.member("Ada")
    return town


class Phone:
    """Ada's phone, signed in."""

    def __init__(self, app: Flask, database: Database, town: Town, token: str) -> None:
        self.browser, self.token, self.signer = app.test_client(), token, Signer()
        with database.transaction() as db:
            self.share = make.share(
                db, town.people["Ada"], town.offer, now=town.now, channel="qr", shown_as="Ada"
            ).code
        self.registered = self.post("/device-keys", {"x": self.signer.x, "y": self.signer.y})

    def get(self, path: str) -> Any:
        return self.browser.get(API + path, headers=bearer(self.token))

    def post(self, path: str, body: object) -> Any:
        return self.browser.post(API + path, headers=bearer(self.token), json=body)

    def code(self, **cheating: object) -> str:
        return self.signer.code(self.share, clock.now(), **cheating)


@pytest.fixture
def phone(app: Flask, database: Database, town: Town, app_token: Tokens) -> Phone:
    return Phone(app, database, town, app_token(town.people["Ada"]))


@pytest.fixture
def bela(browser, sign_in) -> FlaskClient:
    found = browser()
    sign_in(found, "bela")
    return found


@pytest.fixture
def agree(csrf_token):
    """Send the form on a code's page."""

    def send(client: FlaskClient, said: str, **changed: str) -> Any:
        form = {
            "csrf_token": csrf_token(client),
            "consent_hash": consents.text(consents.REFERRAL).hash,
        }
        return client.post(f"/p/{said}", data=form | changed)

    return send


class TestAFriend:
    def test_sees_a_code_without_an_account_and_leaves_no_trace(
        self, client, phone: Phone, database: Database
    ):
        answer = client.get(f"/p/{phone.code()}")

        assert answer.status_code == 200
        assert "Ada told you of Winter boots" in answer.text
        assert "gets a reward if you buy" in answer.text
        with database.reading() as db:
            assert db.exec(select(Meeting)).all() == []

    def test_is_led_to_sign_in_and_back(self, client, phone: Phone):
        code = phone.code()
        assert f"/sign-in?next=/p/{code}" in client.get(f"/p/{code}").text

    def test_agrees_and_both_confirm(
        self, bela: FlaskClient, phone: Phone, agree, database: Database
    ):
        code = phone.code()
        assert consents.text(consents.REFERRAL).text in bela.get(f"/p/{code}").text
        assert agree(bela, code).location == f"/p/{code}"
        assert "Almost done" in bela.get(f"/p/{code}").text

        [waiting] = phone.get("/meetings").json["meetings"]
        assert waiting["offer_title"] == "Winter boots"
        read = signed_codes.read(code)
        assert read is not None
        assert waiting["nonce"] == read.nonce
        taken, until = (datetime.fromisoformat(waiting[at]) for at in ("taken_at", "decide_until"))
        assert until - taken == timedelta(days=7)
        said = phone.post(f"/meetings/{waiting['id']}/decision", {"decision": "confirm"})
        assert said.json == {"id": waiting["id"], "outcome": "confirmed"}
        assert "Both of you confirmed it" in bela.get(f"/p/{code}").text
        with database.reading() as db:
            assert len(db.exec(select(Referral)).all()) == 1

    def test_who_comes_second_is_told_so(self, bela, browser, sign_in, phone: Phone, agree):
        code = phone.code()
        agree(bela, code)
        cleo = browser()
        sign_in(cleo, "cleo")
        assert "This code is taken" in cleo.get(f"/p/{code}").text
        refused = agree(cleo, code)
        assert refused.status_code == 422
        assert "Somebody else has taken this code" in refused.text

    @pytest.mark.parametrize(
        ("cheating", "words"),
        [
            ({"life": timedelta(hours=1)}, "longer than it may be"),
            ({"version": 2}, "not a whole code"),
            ({"kid": b"x" * 16}, "do not know the device"),
        ],
    )
    def test_is_told_why_a_code_does_not_hold(self, client, phone: Phone, cheating, words):
        answer = client.get(f"/p/{phone.code(**cheating)}")
        assert answer.status_code == 422
        assert words in answer.text

    def test_reads_the_changed_text_again(self, bela: FlaskClient, phone: Phone, agree):
        answer = agree(bela, phone.code(), consent_hash="other")
        assert answer.status_code == 422
        assert "has changed" in answer.text
        assert consents.text(consents.REFERRAL).text in answer.text

    def test_types_a_spoken_code_after_signing_in(self, client, bela, phone: Phone, agree):
        spoken = phone.post("/meetings", {"token": phone.code()}).json["spoken"]
        there = client.get("/p", query_string={"code": spoken})
        assert there.location == f"/p/{spoken}"
        assert client.get(there.location).location.startswith("/sign-in?next=")
        assert "Ada told you" in bela.get(f"/p/{spoken.lower()}").text
        assert agree(bela, spoken).status_code == 303

    def test_needs_the_forms_own_token(self, bela: FlaskClient, phone: Phone):
        answer = bela.post(f"/p/{phone.code()}", data={"consent_hash": "x"})
        assert answer.status_code in {400, 422}


class TestTheSharer:
    @pytest.fixture
    def ada(self, browser, sign_in) -> FlaskClient:
        found = browser()
        sign_in(found, "ada")
        return found

    @pytest.fixture
    def send(self, csrf_token):
        def post(client: FlaskClient, path: str, **fields: str) -> Any:
            return client.post(path, data={"csrf_token": csrf_token(client), **fields})

        return post

    def test_confirms_on_the_site_too(self, ada, bela, phone: Phone, agree, send):
        agree(bela, phone.code())
        page = ada.get("/meetings").text
        assert "Winter boots" in page
        [waiting] = phone.get("/meetings").json["meetings"]
        path = f"/meetings/{waiting['id']}/decision"
        assert send(ada, path, decision="confirm").location == "/meetings"
        assert phone.get("/meetings").json == {"meetings": []}
        again = send(ada, path, decision="decline")
        assert again.status_code == 422
        assert "decided about this already" in again.text

    def test_declines(self, ada, bela, phone: Phone, agree, send, database: Database):
        code = phone.code()
        agree(bela, code)
        [waiting] = phone.get("/meetings").json["meetings"]
        send(ada, f"/meetings/{waiting['id']}/decision", decision="decline")
        assert "It was not confirmed" in bela.get(f"/p/{code}").text
        with database.reading() as db:
            assert db.exec(select(Referral)).all() == []

    def test_alone_decides(self, bela, phone: Phone, agree, send, app_token, app, town, database):
        agree(bela, phone.code())
        [waiting] = phone.get("/meetings").json["meetings"]
        path = f"/meetings/{waiting['id']}/decision"
        assert send(bela, path, decision="confirm").status_code == 404
        with database.transaction() as db:
            member_id = make.member(db, "dora")
        dora = app_token(member_id)
        answer = app.test_client().post(
            API + path, headers=bearer(dora), json={"decision": "confirm"}
        )
        assert answer.status_code == 404

    def test_ends_a_device_and_its_codes(self, ada, client, phone: Phone, send):
        kid = phone.registered.json["kid"]
        assert kid[:8] in ada.get("/meetings").text
        assert send(ada, f"/devices/{kid}/revoke").location == "/meetings"
        assert "may make none any more" in client.get(f"/p/{phone.code()}").text
        assert kid[:8] not in ada.get("/meetings").text

    def test_ends_no_device_of_another(self, bela, phone: Phone, send):
        assert send(bela, f"/devices/{phone.registered.json['kid']}/revoke").status_code == 404

    def test_must_be_signed_in(self, client):
        assert client.get("/meetings").location.startswith("/sign-in")


class TestTheDevice:
    def test_registers_once_and_learns_where_codes_lead(self, phone: Phone, settings):
        again = phone.post("/device-keys", {"x": phone.signer.x, "y": phone.signer.y})
        assert (phone.registered.status_code, again.status_code) == (201, 200)
        assert again.json["address"] == f"{settings.site_url}/p/"
        assert again.json["kid"] == phone.registered.json["kid"]

    def test_of_somebody_else_is_refused(self, phone: Phone, app, app_token, database):
        with database.transaction() as db:
            member_id = make.member(db, "dora")
        dora = app_token(member_id)
        answer = app.test_client().post(
            f"{API}/device-keys",
            headers=bearer(dora),
            json={"x": phone.signer.x, "y": phone.signer.y},
        )
        assert answer.status_code == 409

    def test_sends_no_private_half(self, phone: Phone):
        body = {"x": phone.signer.x, "y": phone.signer.y, "d": phone.signer.x}
        assert phone.post("/device-keys", body).status_code == 422

    def test_is_told_why_a_code_does_not_hold(self, phone: Phone):
        answer = phone.post("/meetings", {"token": phone.code(life=timedelta(hours=2))})
        assert (answer.status_code, answer.json["key"]) == (422, "too_long")
