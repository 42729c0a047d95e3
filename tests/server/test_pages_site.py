"""What every page has: headers, tokens in forms, words for every problem; and what watches it."""

import re
from datetime import timedelta

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from server import clock
from server.app import create_app
from server.services import health
from server.settings import IdentityProvider
from server.store import heartbeats, migration
from server.store.connection import Database
from server.web import advice, problems
from tests.server import pages_world

ANYBODYS = ["/", "/problems/gone", "/sign-in", "/nothing-here"]


class TestStart:
    def test_says_what_fanfare_is_to_everybody(self, client):
        page = client.get("/").text
        for words in ("For customers", "For brands", "For shops and tills", "Sign in"):
            assert words in page

    def test_leads_members_to_their_wallet(self, client, sign_in):
        sign_in(client, "ada")
        assert client.get("/").location == "/wallet"

    def test_leaves_no_cookie_with_somebody_who_only_looks(self, client):
        assert "Set-Cookie" not in client.get("/").headers


class TestProblems:
    def test_have_words_each_and_no_others(self):
        assert set(advice.ADVICE) == set(advice.by_slug())

    @pytest.mark.parametrize("slug", sorted(advice.ADVICE))
    def test_have_a_page_each(self, client, slug):
        answer = client.get(f"/problems/{slug}")
        assert answer.status_code == 200
        assert advice.by_slug()[slug].title in answer.text

    def test_that_do_not_exist_have_none(self, client):
        assert client.get("/problems/nonsense").status_code == 404

    def test_are_pages_for_people(self, client):
        answer = client.get("/nothing-here")
        assert answer.status_code == 404
        assert "What you can do" in answer.text

    @pytest.mark.parametrize("status", [400, 404, 405, 413, 418, 429])
    def test_of_http_have_words_too(self, status):
        assert advice.advice_for(problems.Kind(problems.HTTP, status, "x")).next

    def test_never_show_what_went_wrong_inside(self, app, client):
        @app.get("/bug")
        def bug():
            raise RuntimeError("the password is 12345")

        answer = client.get("/bug")
        assert answer.status_code == 500
        assert "12345" not in answer.text
        assert "Go to the start page" in answer.text


class TestHeaders:
    @pytest.mark.parametrize("path", [*ANYBODYS, "/healthz", "/static/css/site.css"])
    def test_come_with_every_answer(self, client, path):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers

    @pytest.mark.parametrize("path", ANYBODYS)
    def test_keep_pages_out_of_caches(self, client, path):
        assert client.get(path).headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", ANYBODYS)
    def test_have_nothing_inline_to_permit(self, client, path):
        page = client.get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<[^>]+\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)

    def test_insist_on_https_where_there_is_https(self, settings, database):
        secure = settings.model_copy(update={"site_url": "https://fanfare.example"})
        headers = create_app(secure, database).test_client().get("/").headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"

    def test_let_forms_lead_to_providers_and_the_extension(self, settings, database):
        provider = IdentityProvider(
            name="id", title="Id", issuer="https://id.example/x", client_id="a", client_secret="b"
        )
        named = settings.model_copy(update={"identity_providers": [provider]})
        policy = (
            create_app(named, database).test_client().get("/").headers["Content-Security-Policy"]
        )
        form_action = policy.split("form-action ")[1].split(";")[0].split()
        extension = {uri.rstrip("/") for uri in settings.extension_redirect_uris}
        assert len(extension) == 2
        assert set(form_action) == {"'self'", *extension, "https://id.example"}


class TestForms:
    def test_without_a_token_do_nothing(self, client, sign_in):
        sign_in(client, "ada")
        answer = client.post("/shares/abc/withdrawal")
        assert answer.status_code == 400
        assert "The CSRF token is missing." in answer.text

    def test_with_the_token_of_another_browser_do_nothing(self, browser, sign_in, csrf_token):
        ada, bela = browser(), browser()
        sign_in(ada, "ada")
        sign_in(bela, "bela")
        answer = ada.post("/shares/abc/withdrawal", data={"csrf_token": csrf_token(bela)})
        assert answer.status_code == 400

    def test_of_every_kind_need_one(self, app, browser, sign_in):
        """Every address that a cookie can open refuses a form without a token."""
        client, asked = browser(), 0
        sign_in(client, "ada")
        for rule in app.url_map.iter_rules():
            exempt = rule.rule.startswith(("/api/", "/oauth/token", "/oauth/revoke", "/hooks/"))
            if "POST" not in rule.methods or exempt:
                continue
            path = rule.rule.replace("<", "").replace(">", "")
            assert client.post(path).status_code == 400, rule.rule
            asked += 1
        assert asked >= 12

    @pytest.mark.parametrize("path", ["/api/extension/v1/shares", "/oauth/token", "/oauth/revoke"])
    def test_are_not_what_programs_send(self, client, path):
        assert "CSRF" not in client.post(path).text

    def test_carry_a_token_each(self, client, sign_in, database):
        with database.transaction() as db:
            world = pages_world.story(db)
        sign_in(client, "ada")
        for path in ("/wallet", "/shares", f"/claim?ff={world.visit}"):
            forms = client.get(path).text.split("<form")[1:]
            assert forms
            assert all('name="csrf_token"' in form.split("</form>")[0] for form in forms)


class TestHealth:
    def test_says_that_it_lives(self, client):
        assert client.get("/healthz").json == {"status": "ok"}

    @pytest.fixture
    def _migrated(self, database):
        """Say that the tables, which tests make in one go, are those of this version."""
        head = ScriptDirectory(str(migration.FOLDER)).get_current_head()
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
        yield
        with database.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))

    def test_misses_tables_of_this_version(self, client):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"]["database"]["ok"] is True
        assert "fanfare migrate" in answer.json["checks"]["migrations"]["detail"]

    @pytest.mark.usefixtures("_migrated")
    def test_misses_a_worker_that_never_came(self, client):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"]["migrations"]["ok"] is True
        assert answer.json["checks"]["worker"]["ok"] is False

    @pytest.mark.usefixtures("_migrated")
    @pytest.mark.parametrize(("age", "status"), [(timedelta(), 200), (timedelta(hours=1), 503)])
    def test_looks_how_long_the_worker_is_silent(self, client, database, age, status):
        with database.transaction() as db:
            heartbeats.beat(db, health.WORKER, now=clock.now() - age)
        assert client.get("/readyz").status_code == status

    def test_says_that_the_database_is_gone_and_nothing_of_its_address(self, settings):
        gone = Database("postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing")
        answer = create_app(settings, gone).test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"]["database"] == {
            "ok": False,
            "detail": "The database does not answer.",
        }
        assert "secret" not in answer.text
