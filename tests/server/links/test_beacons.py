"""Beacons: the one-time nonce that makes a visit verified, rule by rule, on the real process."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from server.store.visits import Visit
from tests.server.links.process import SITE, Process, Reply
from tests.server.links.world import World

SEEN = {"visible_ms": 12_000, "interacted": False, "pages": 1}


@pytest.fixture
def token(links: Process, world: World) -> str:
    """Return the token of a fresh visit, with another visit beside it."""
    code = world.share()
    links.click(code, address="203.0.113.99")
    token = links.click(code).token
    assert token is not None
    return token


def send(links: Process, action: str, body: Any, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return links.ask("POST", f"/b/{action}", body=raw, content_type="text/plain", **headers)


def opened(links: Process, token: str) -> str:
    """Load a page with the token and return its nonce."""
    reply = send(links, "open", {"token": token})
    assert reply.status == 200, reply.text
    return str(json.loads(reply.text)["nonce"])


def seen(links: Process, token: str, nonce: str, **changed: object) -> Reply:
    return send(links, "seen", {"token": token, "nonce": nonce, **SEEN, **changed})


def why(reply: Reply) -> tuple[int, str]:
    """Return the status and the key of a refusal, which must be a proper problem."""
    assert reply.headers["content-type"] == "application/problem+json"
    problem = json.loads(reply.text)
    assert problem["type"] == f"{SITE}/problems/beacon-refused"
    assert problem["status"] == reply.status
    assert problem["detail"].endswith(".")
    return reply.status, problem["key"]


def verified(world: World, token: str) -> bool:
    found = {row["token"]: row["verified_at"] for row in world.visits()}
    assert all(moment is None for other, moment in found.items() if other != token)
    return found[token] is not None


class TestVerified:
    @pytest.mark.parametrize(
        ("seconds", "report"),
        [
            (10, {"visible_ms": 10_000}),
            (1, {"visible_ms": 0, "interacted": True}),
            (1, {"visible_ms": 0, "pages": 2}),
        ],
        ids=["ten seconds in view", "an interaction", "a second page"],
    )
    def test_by(
        self, links: Process, world: World, token: str, seconds: int, report: dict[str, object]
    ):
        nonce = opened(links, token)
        assert not verified(world, token)
        links.later(seconds=seconds)
        reply = seen(links, token, nonce, **report)
        assert (reply.status, reply.text) == (204, "")
        assert verified(world, token)

    def test_at_the_moment_of_the_server(self, links: Process, world: World, token: str):
        nonce = opened(links, token)
        links.later(seconds=20)
        before = links.now()
        seen(links, token, nonce)
        [moment] = world.rows(
            "SELECT verified_at FROM visit WHERE token = :token AND nonce IS NULL", token=token
        )
        assert str(before)[:16] <= str(moment["verified_at"])[:16] <= str(links.now())[:16]

    def test_by_the_nonce_of_the_page_that_was_loaded_last(
        self, links: Process, world: World, token: str
    ):
        first = opened(links, token)
        links.later(seconds=20)
        second = opened(links, token)
        links.later(seconds=20)
        assert why(seen(links, token, first)) == (409, "wrong_nonce")
        assert not verified(world, token)
        assert seen(links, token, second).status == 204


class TestRefused:
    def test_a_nonce_that_was_never_given(self, links: Process, world: World, token: str):
        assert why(seen(links, token, "invented")) == (409, "wrong_nonce")
        opened(links, token)
        links.later(seconds=20)
        assert why(seen(links, token, "invented")) == (409, "wrong_nonce")
        assert why(seen(links, token, "")) == (409, "wrong_nonce")
        assert not verified(world, token)

    def test_the_nonce_of_another_visit(self, links: Process, world: World, token: str):
        [other] = [row["token"] for row in world.visits() if row["token"] != token]
        opened(links, token)
        nonce = opened(links, other)
        links.later(seconds=20)
        assert why(seen(links, token, nonce)) == (409, "wrong_nonce")
        assert not verified(world, token)

    def test_a_replay(self, links: Process, token: str):
        nonce = opened(links, token)
        links.later(seconds=20)
        assert seen(links, token, nonce).status == 204
        assert why(seen(links, token, nonce)) == (409, "already_verified")
        assert why(send(links, "open", {"token": token})) == (409, "already_verified")

    def test_all_but_one_of_many_at_once(self, links: Process, token: str):
        nonce = opened(links, token)
        links.later(seconds=20)
        with ThreadPoolExecutor(16) as threads:
            replies = list(threads.map(lambda _: seen(links, token, nonce), range(48)))
        assert sorted(reply.status for reply in replies) == [204] + [409] * 47

    def test_too_soon_by_the_clock_of_the_server(self, links: Process, world: World, token: str):
        nonce = opened(links, token)
        with world.database.transaction() as db:  # as if the page were loaded in ten seconds
            opened_at = links.now() + timedelta(seconds=10)
            db.execute(update(Visit).where(col(Visit.token) == token).values(nonce_at=opened_at))
        links.later(seconds=5)
        assert why(seen(links, token, nonce, interacted=True)) == (422, "too_soon")
        assert not verified(world, token)
        links.later(seconds=7)
        assert seen(links, token, nonce, interacted=True).status == 204

    def test_not_engaged(self, links: Process, world: World, token: str):
        nonce = opened(links, token)
        links.later(seconds=60)
        assert why(seen(links, token, nonce, visible_ms=9_999)) == (422, "not_engaged")
        assert not verified(world, token)

    def test_more_time_in_view_than_has_passed(self, links: Process, world: World, token: str):
        nonce = opened(links, token)
        links.later(seconds=5)
        assert why(seen(links, token, nonce, visible_ms=60_000)) == (422, "not_engaged")
        assert not verified(world, token)

    def test_a_visit_of_yesterday(self, links: Process, world: World, token: str):
        nonce = opened(links, token)
        links.later(hours=24)
        assert why(seen(links, token, nonce)) == (410, "too_old")
        assert why(send(links, "open", {"token": token})) == (410, "too_old")
        assert not verified(world, token)

    @pytest.mark.parametrize("unknown", ["A" * 22, "x", "ä", "\x00", "'", "\ud800"])
    def test_an_unknown_visit(self, links: Process, unknown: str):
        assert why(send(links, "open", {"token": unknown})) == (404, "unknown_visit")
        assert why(seen(links, unknown, "n")) == (404, "unknown_visit")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"garbage",
            b"\xff\xfe",
            b"[]",
            b'"text"',
            b"null",
            b"{}",
            b"[" * 900,
            b'{"token":1}',
            b'{"token":null}',
            b'{"token":""}',
            b'{"token":["a"]}',
            b'{"token":"' + b"a" * 33 + b'"}',
        ],
    )
    def test_what_is_no_beacon_at_all(self, links: Process, body: bytes):
        assert why(send(links, "open", body)) == (400, "malformed")
        assert why(send(links, "seen", body)) == (400, "malformed")

    @pytest.mark.parametrize(
        "changed",
        [
            {"visible_ms": "12000"},
            {"visible_ms": 12000.0},
            {"visible_ms": True},
            {"visible_ms": -1},
            {"visible_ms": 10**30},
            {"interacted": 1},
            {"interacted": None},
            {"pages": 0},
            {"pages": "2"},
            {"nonce": 7},
            {"extra": 1},
        ],
        ids=str,
    )
    def test_members_of_another_kind(
        self, links: Process, world: World, token: str, changed: dict[str, object]
    ):
        nonce = opened(links, token)
        links.later(seconds=20)
        body = {"token": token, "nonce": nonce, **SEEN, **changed}
        assert why(send(links, "seen", body)) == (400, "malformed")
        assert not verified(world, token)

    def test_missing_members(self, links: Process, token: str):
        assert why(send(links, "seen", {"token": token})) == (400, "malformed")
        assert why(send(links, "open", {"token": token, "more": 1})) == (400, "malformed")

    def test_a_body_that_is_too_large_with_its_length_announced_or_not(
        self, links: Process, token: str
    ):
        body = json.dumps({"token": token, "padding": "x" * 1100}).encode()
        for sent in (body, iter([body[:600], body[600:]])):
            assert why(links.ask("POST", "/b/open", body=sent)) == (413, "too_large")

    @pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
    def test_another_method(self, links: Process, method: str):
        reply = links.ask(method, "/b/open")
        assert (reply.status, reply.headers["allow"]) == (405, "POST, OPTIONS")


class TestOrigins:
    """Beacons come from the brand's own pages, and only those may read the answer."""

    def test_the_brands_own_page_may_read_the_answer(
        self, links: Process, world: World, token: str
    ):
        for origin in (f"https://{world.host}", f"https://shop.{world.host}"):
            reply = send(links, "open", {"token": token}, origin=origin)
            assert reply.status == 200
            assert reply.headers["access-control-allow-origin"] == origin
            assert reply.headers["vary"] == "origin"
            assert "access-control-allow-credentials" not in reply.headers

    def test_the_brands_own_page_may_read_why_it_is_refused(
        self, links: Process, world: World, token: str
    ):
        origin = f"https://{world.host}"
        reply = send(links, "seen", {"token": token, "nonce": "no", **SEEN}, origin=origin)
        assert why(reply) == (409, "wrong_nonce")
        assert reply.headers["access-control-allow-origin"] == origin

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "null",
            "https://{host}.evil.example",
            "https://evil.{host}",
            "https://{host}:8443",
            "file://{host}",
            "https://[",
            "chrome-extension://{host}",
        ],
    )
    def test_a_foreign_page_is_refused_and_reads_nothing(
        self, links: Process, world: World, token: str, origin: str
    ):
        origin = origin.format(host=world.host)
        reply = send(links, "open", {"token": token}, origin=origin)
        assert why(reply) == (403, "foreign_origin")
        assert "access-control-allow-origin" not in reply.headers
        assert world.rows("SELECT 1 FROM visit WHERE token = :t AND nonce IS NULL", t=token)

    def test_the_page_of_another_brand_is_refused(
        self, links: Process, token: str, another_world: Callable[[], World]
    ):
        origin = f"https://{another_world().host}"
        reply = send(links, "open", {"token": token}, origin=origin)
        assert why(reply) == (403, "foreign_origin")

    def test_a_foreign_page_cannot_verify_with_a_stolen_nonce(
        self, links: Process, world: World, token: str
    ):
        nonce = opened(links, token)
        links.later(seconds=20)
        body = {"token": token, "nonce": nonce, **SEEN}
        assert why(send(links, "seen", body, origin="https://evil.example"))[1] == "foreign_origin"
        assert not verified(world, token)

    def test_a_browser_that_asks_first_is_told_yes_for_brands_only(
        self, links: Process, world: World
    ):
        origin = f"https://{world.host}"
        reply = links.ask("OPTIONS", "/b/seen", origin=origin)
        assert reply.status == 204
        assert reply.headers["access-control-allow-origin"] == origin
        assert reply.headers["access-control-allow-methods"] == "POST"
        for foreign in ({"origin": "https://evil.example"}, {"origin": "null"}, {}):
            refused = links.ask("OPTIONS", "/b/seen", **foreign)
            assert refused.status == 403
            assert "access-control-allow-origin" not in refused.headers
