"""The pages of "My data": what is held and why, corrected, taken back, and taken along."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from sqlmodel import select

from server import clock
from server.services import own_records
from server.store.consents import Consent
from server.store.shares import Share
from tests.server import my_data_world
from tests.server.my_data_world import FORMULA, World, work


@pytest.fixture
def world(database) -> World:
    with database.transaction() as db:
        return my_data_world.told(db, now=clock.now() - timedelta(days=20))


@pytest.fixture
def ada(client, sign_in, world):
    assert sign_in(client, "ada") == world.ada
    return client


@pytest.fixture
def bela(browser, sign_in, world):
    client = browser()
    assert sign_in(client, "bela") == world.bela
    return client


@pytest.fixture
def send(csrf_token):
    """Send a form the way a browser would: with its token."""

    def post(client, path, **fields):
        return client.post(path, data={"csrf_token": csrf_token(client), **fields})

    return post


def consents_of(database, member_id: int) -> list[Consent]:
    with database.reading() as db:
        return list(db.exec(select(Consent).where(Consent.member_id == member_id)))


def links_of(database, member_id: int) -> list[Share]:
    with database.reading() as db:
        return list(db.exec(select(Share).where(Share.member_id == member_id).order_by(Share.id)))


class TestMyData:
    @pytest.mark.parametrize(
        "path", ["", ".json", "/attribution", "/export", "/export/111111111111.zip"]
    )
    def test_is_for_whoever_signed_in(self, client, path):
        answer = client.get(f"/my-data{path}")
        assert answer.status_code in {303, 401}

    def test_says_what_is_held_for_each_purpose_and_why(self, ada):
        page = ada.get("/my-data").text
        for key in ("signing-in", "sharing", "friend", "rewards", "questions", "apps"):
            assert f'<h2 id="{key}">' in page
        assert "http://127.0.0.1:8002 knows you as ada." in page
        assert "Bela brought you to Summer sandals by Berta&#39;s Boots." in page
        assert "Which soles do you like?” of Berta&#39;s Boots: thick." in page
        assert "You work for Berta&#39;s Boots as analyst." in page

    def test_has_every_consent_with_its_exact_words(self, ada, database, world):
        page = ada.get("/my-data").text
        with database.reading() as db:
            agreed = own_records.everything(db, member_id=world.ada)["consents"]
        assert len(agreed) == 6
        assert page.count("<blockquote") == len(agreed)
        for consent in agreed:
            assert consent["text"].replace("'", "&#39;") in page
            assert f"/my-data/consents/{consent['consent_id']}/withdrawal" in page

    def test_shows_nothing_of_anybody_else(self, ada, world):
        for path in ("/my-data", "/my-data.json", "/my-data/attribution"):
            page = ada.get(path).text
            assert [one for one in world.others if one in page] == [], path

    def test_says_when_nothing_is_held(self, client, sign_in, world):
        sign_in(client, "dora")
        page = client.get("/my-data").text
        assert "Nothing is held for this." in page
        assert "No app is connected" in page
        assert "Working for brands" not in page
        assert "There is nothing here." in client.get("/my-data/attribution").text

    def test_is_linked_from_every_page_of_a_member_alone(self, ada, browser):
        assert 'href="/my-data"' in ada.get("/wallet").text
        assert 'href="/my-data"' not in browser().get("/").text

    def test_comes_as_json_too_and_is_kept_out_of_caches(self, ada, database, world):
        answer = ada.get("/my-data.json")
        assert (answer.mimetype, answer.headers["Cache-Control"]) == (
            "application/json",
            "no-store",
        )
        records = json.loads(answer.text)["records"]
        with database.reading() as db:
            held = own_records.everything(db, member_id=world.ada)
        assert records.keys() == held.keys()
        assert records["shares"] == held["shares"]

    def test_ends_a_connected_app_with_the_form_of_the_page(self, ada, send):
        page = ada.get("/my-data").text
        (path,) = re.findall(r'action="(/connected-apps/[^"]+/revoke)"', page)
        assert send(ada, path).status_code == 303
        assert "No app is connected" in ada.get("/my-data").text


class TestWithdrawing:
    def test_is_one_click_and_stops_what_stood_on_it(self, ada, send, database, world):
        share = links_of(database, world.ada)[0]
        (consent,) = [c for c in consents_of(database, world.ada) if c.id == share.consent_id]
        path = f"/my-data/consents/{consent.public_id}/withdrawal"
        assert path in ada.get("/my-data").text

        assert send(ada, path).location == "/my-data"

        assert path not in ada.get("/my-data").text
        assert links_of(database, world.ada)[0].withdrawn_at is not None
        assert send(ada, path).status_code == 303

    def test_needs_the_form_of_the_page(self, ada, database, world):
        consent = consents_of(database, world.ada)[0]
        assert ada.post(f"/my-data/consents/{consent.public_id}/withdrawal").status_code == 400
        assert consents_of(database, world.ada)[0].withdrawn_at is None

    def test_is_nobody_elses_business(self, bela, send, database, world):
        for consent in consents_of(database, world.ada):
            path = f"/my-data/consents/{consent.public_id}/withdrawal"
            assert send(bela, path).status_code == 404
        assert {c.withdrawn_at for c in consents_of(database, world.ada)} == {None}


class TestCorrectingAName:
    def test_lets_friends_see_the_new_one(self, ada, send, database, world):
        code = links_of(database, world.ada)[1].code
        assert links_of(database, world.ada)[1].shown_as == FORMULA
        answer = send(ada, f"/my-data/shares/{code}/name", shown_as="  Ada L. ")
        assert answer.location == "/my-data#sharing"
        assert links_of(database, world.ada)[1].shown_as == "Ada L."
        send(ada, f"/my-data/shares/{code}/name", shown_as="")
        assert links_of(database, world.ada)[1].shown_as == ""

    @pytest.mark.parametrize("name", ["x" * 41, "Ada\nBela", "Ada\x07"])
    def test_refuses_what_cannot_be_shown(self, ada, send, database, world, name):
        code = links_of(database, world.ada)[0].code
        send(ada, f"/my-data/shares/{code}/name", shown_as=name)
        assert "at most 40 visible characters" in ada.get("/my-data").text
        assert links_of(database, world.ada)[0].shown_as == "Ada"

    def test_is_nobody_elses_business(self, bela, send, database, world):
        code = links_of(database, world.ada)[0].code
        assert send(bela, f"/my-data/shares/{code}/name", shown_as="x").status_code == 404
        assert send(bela, "/my-data/shares/1111111111/name", shown_as="x").status_code == 404
        assert links_of(database, world.ada)[0].shown_as == "Ada"


class TestExport:
    def test_shows_its_progress_and_then_the_file(self, ada, send, database):
        page = ada.get("/my-data/export").text
        assert '<progress max="4" value="0"' in page
        assert "Look again" in page
        assert "0 of 4 steps are done." in page
        assert send(ada, "/my-data/export").location == "/my-data/export"
        work(database, now=clock.now())
        page = ada.get("/my-data/export").text
        assert "<progress" not in page
        (link,) = re.findall(r'href="(/my-data/export/\w+\.zip)"', page)

        answer = ada.get(link)

        assert answer.mimetype == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        assert archive.testzip() is None
        assert "my-data.json" in archive.namelist()

    def test_is_handed_to_its_person_alone(self, ada, bela, send, database):
        work(database, now=clock.now())
        (link,) = re.findall(r'href="(/my-data/export/\w+\.zip)"', ada.get("/my-data/export").text)
        assert bela.get(link).status_code == 404
        assert link not in bela.get("/my-data/export").text
        assert send(bela, "/my-data/export").status_code == 303
        assert link not in bela.get("/my-data/export").text

    def test_speaks_the_language_of_the_page(self, bela, csrf_token, database):
        data = {"csrf_token": csrf_token(bela)}
        bela.post("/my-data/export", data=data, headers={"Accept-Language": "de"})
        work(database, now=clock.now())
        (link,) = re.findall(r'href="(/my-data/export/\w+\.zip)"', bela.get("/my-data/export").text)
        archive = zipfile.ZipFile(io.BytesIO(bela.get(link).data))
        assert archive.read("README.txt").decode().startswith("Alles, was Fanfare")
