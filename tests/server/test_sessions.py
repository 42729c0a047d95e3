"""Sessions live on our side, under a name that changes with the person."""

from datetime import timedelta

from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import select

from server import clock, tokens
from server.app import create_app
from server.services import retention
from server.settings import Settings
from server.store.connection import Database
from server.store.sessions import BrowserSession
from server.web import caller

COOKIE = "fanfare_session"


def rows(database: Database) -> list[BrowserSession]:
    with database.reading() as db:
        return list(db.exec(select(BrowserSession).order_by(BrowserSession.id)))


def name_of(client: FlaskClient) -> str | None:
    cookie = client.get_cookie(COOKIE)
    return cookie.value if cookie else None


def add_views(app: Flask) -> None:
    """Give the app addresses that show and change what the session holds."""

    def who() -> str:
        return str(caller.customer().member_id)

    def put(key: str, value: str) -> str:
        session[key] = value
        return "kept"

    def content() -> dict[str, str]:
        return dict(session)

    app.add_url_rule("/test/who", view_func=who)
    app.add_url_rule("/test/put/<key>/<value>", view_func=put)
    app.add_url_rule("/test/content", view_func=content)
    app.add_url_rule("/api/test/who", "api_who", view_func=who)


def test_a_visitor_of_whom_nothing_is_kept_gets_no_cookie_and_no_row(client, database):
    answer = client.get("/sign-in")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert rows(database) == []


def test_the_database_holds_only_the_hash_of_the_cookie(app, client, database):
    add_views(app)
    answer = client.get("/test/put/colour/red")

    (row,) = rows(database)
    assert row.token_hash == tokens.kept(name_of(client))
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain http on this machine
    assert client.get("/test/content").json == {"colour": "red"}


def test_https_makes_the_cookie_secure_and_bound_to_the_host(settings, database):
    secure = Settings(**settings.model_dump() | {"site_url": "https://fanfare.example"})
    app = create_app(secure, database)
    add_views(app)

    cookie = app.test_client().get("/test/put/a/b").headers["Set-Cookie"]

    assert cookie.startswith("__Host-fanfare_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_signing_in_and_out_changes_the_name_and_forgets_the_old_row(
    app, client, database, sign_in, csrf_token
):
    add_views(app)
    client.get("/test/put/colour/red")
    before = name_of(client)

    ada = sign_in(client, "ada")

    signed_in = name_of(client)
    assert signed_in != before
    assert [row.token_hash for row in rows(database)] == [tokens.kept(signed_in)]
    assert [row.member_id for row in rows(database)] == [ada]

    client.post("/sign-out", data={"csrf_token": csrf_token(client)})

    assert name_of(client) is None
    assert rows(database) == []


def test_a_name_that_somebody_planted_is_worth_nothing_after_signing_in(
    app, client, browser, sign_in
):
    add_views(app)
    mallory = browser()
    mallory.get("/test/put/colour/red")
    client.set_cookie(COOKIE, name_of(mallory))

    sign_in(client, "ada")

    assert client.get("/test/who").status_code == 200
    assert mallory.get("/test/who").status_code == 303


def test_a_name_of_ones_own_making_is_not_taken_over(app, client, database):
    add_views(app)
    mine = "A" * 43
    client.set_cookie(COOKIE, mine)

    client.get("/test/put/colour/red")

    assert name_of(client) != mine
    assert [row.token_hash for row in rows(database)] != [tokens.kept(mine)]


def test_changes_of_two_requests_at_once_are_both_kept(app, client):
    add_views(app)
    client.get("/test/put/colour/red")
    token = name_of(client)

    with client.session_transaction() as slow:
        client.get("/test/put/size/41")
        slow["colour"] = "blue"

    assert name_of(client) == token
    assert client.get("/test/content").json == {"colour": "blue", "size": "41"}


def test_a_request_that_ends_after_signing_out_does_not_bring_the_session_back(
    client, database, sign_in, csrf_token
):
    sign_in(client, "ada")
    with client.session_transaction() as slow:
        slow["colour"] = "red"
        client.post("/sign-out", data={"csrf_token": csrf_token(client)})
        assert rows(database) == []

    assert rows(database) == []


def test_a_visit_prolongs_the_session_with_one_write_an_hour(
    app, client, settings, database, sign_in
):
    add_views(app)
    sign_in(client, "ada")
    ends = rows(database)[0].expires_at
    written = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: written.append(args[2]))

    clock.travel(settings.clock_file, timedelta(minutes=50))
    assert "Set-Cookie" not in client.get("/test/who").headers
    assert written == []

    clock.travel(settings.clock_file, timedelta(minutes=20))
    assert "Max-Age=1209600" in client.get("/test/who").headers["Set-Cookie"]
    assert any(statement.startswith("UPDATE browser_session") for statement in written)
    assert rows(database)[0].expires_at >= ends + timedelta(minutes=70)

    clock.travel(settings.clock_file, timedelta(days=13, hours=23))
    assert client.get("/test/who").status_code == 200
    clock.travel(settings.clock_file, timedelta(days=14, seconds=1))
    assert client.get("/test/who").status_code == 303


def test_a_program_cannot_use_the_cookie(app, client, sign_in):
    add_views(app)
    sign_in(client, "ada")

    assert client.get("/api/test/who").status_code == 401


def test_sessions_that_ended_are_forgotten(client, browser, settings, database, sign_in):
    sign_in(client, "ada")
    clock.travel(settings.clock_file, timedelta(days=13))
    bela = sign_in(browser(), "bela")
    clock.travel(settings.clock_file, timedelta(days=2))

    with database.transaction() as db:
        assert retention.forget_old(db, now=clock.now())["browser_session"] == 1

    assert [row.member_id for row in rows(database)] == [bela]
