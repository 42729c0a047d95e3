"""How many requests a caller may send, and what they are told about it."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError

from server import clock
from server.app import create_app
from server.services import codes
from server.settings import Settings
from server.store.connection import Database
from server.web import counting, limits
from tests import machine, make
from tests.ports import free_port
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer

OFFERS = "/api/partner/v1/offers"
ITEM = re.compile(r'"(?P<name>[a-z]+)";r=(?P<left>\d+)(;t=(?P<ends>\d+))?')
POLICY = re.compile(r'"(?P<name>[a-z]+)";q=(?P<quota>\d+);w=(?P<window>\d+)')

Limited = Callable[..., FlaskClient]


def left_of(answer) -> dict[str, int]:
    """Return what is left of each policy, by the header RateLimit."""
    items = answer.headers["RateLimit"].split(", ")
    found = [ITEM.fullmatch(item) for item in items]
    assert all(found), items
    return {match["name"]: int(match["left"]) for match in found if match}


@pytest.fixture
def limited(settings: Settings, database: Database) -> Iterator[Limited]:
    """Return a caller of a site with limits of its own: ``limited(requests_per_minute=3)``."""

    def with_limits(**changes: object) -> FlaskClient:
        return create_app(settings.model_copy(update=changes), database).test_client()

    yield with_limits
    clock.follow(None)


@pytest.fixture
def brand(database: Database) -> int:
    with database.transaction() as db:
        return make.brand(db)


@pytest.fixture
def code(database: Database) -> tuple[int, str]:
    """Return Berta's brand and a code of Ada's that can be used there."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now() - towns.AFTER_THE_WINDOW
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
        taken = codes.take(
            db,
            member_id=town.people["Ada"],
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=None,
            now=clock.now(),
        )
    return town.brand_id, taken.code


class TestRequests:
    def test_are_counted_down_and_then_refused(self, limited, brand, partner_token: Tokens):
        client, token = limited(requests_per_minute=3), partner_token(brand)
        left = []
        for _ in range(3):
            answer = client.get(OFFERS, headers=bearer(token))
            assert answer.status_code == 200
            assert answer.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
            left.append(left_of(answer)["requests"])
        refused = client.get(OFFERS, headers=bearer(token))

        assert left == [2, 1, 0]
        assert refused.status_code == 429
        assert refused.content_type == "application/problem+json"
        assert refused.json["type"].endswith("/problems/rate-limited")
        assert refused.json["violated-policies"] == ["requests"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert f"Wait {refused.headers['Retry-After']} seconds." in refused.json["detail"]
        assert left_of(refused) == {"requests": 0}

    def test_belong_to_a_client_and_not_to_its_brand_or_address(
        self, limited, brand, partner_token: Tokens
    ):
        client = limited(requests_per_minute=1)
        one, other = partner_token(brand), partner_token(brand)

        assert client.get(OFFERS, headers=bearer(one)).status_code == 200
        assert client.get(OFFERS, headers=bearer(one)).status_code == 429
        assert client.get(OFFERS, headers=bearer(other)).status_code == 200

    def test_of_people_are_counted_for_each_person(self, limited, database, app_token: Tokens):
        with database.transaction() as db:
            ada, bela = make.member(db, "ada"), make.member(db, "bela")
        client, wallet = limited(requests_per_minute=1), "/api/extension/v1/wallet"

        first, again, others = (
            client.get(wallet, headers=bearer(app_token(person))) for person in (ada, ada, bela)
        )
        assert (first.status_code, again.status_code, others.status_code) == (200, 429, 200)

    def test_of_browsers_that_ask_whether_they_may_are_free(self, limited):
        client = limited(anonymous_requests_per_minute=1)
        for _ in range(3):
            answer = client.options("/api/extension/v1/wallet")
            assert answer.status_code == 204
            assert "RateLimit" not in answer.headers

    def test_for_pages_are_free(self, limited):
        client = limited(anonymous_requests_per_minute=1)
        for _ in range(3):
            assert client.get("/").status_code == 200

    def test_begin_anew_after_the_window(self, monkeypatch: pytest.MonkeyPatch):
        now = 1_000.0
        monkeypatch.setattr(time, "time", lambda: now)
        counts = counting.Counts()

        assert [counts.incr("ada", 60) for _ in range(2)] == [1, 2]
        now += 59.9
        assert (counts.get("ada"), counts.get_expiry("ada")) == (2, 1_060.0)
        now += 0.1
        assert (counts.get("ada"), counts.get_expiry("ada")) == (0, now)
        assert counts.incr("ada", 60) == 1


class TestAnonymous:
    @pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", OFFERS, "/api/nothing"])
    def test_are_counted_by_address(self, limited, path: str):
        client = limited(anonymous_requests_per_minute=2)
        method = "POST" if path.startswith("/oauth") else "GET"
        for _ in range(2):
            assert client.open(path, method=method).status_code in {400, 401, 404}
        refused = client.open(path, method=method)
        elsewhere = client.open(path, method=method, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

        assert refused.status_code == 429
        assert refused.json["violated-policies"] == ["anonymous"]
        assert elsewhere.status_code in {400, 401, 404}

    def test_are_who_shows_a_token_that_is_not_good(self, limited):
        client = limited(anonymous_requests_per_minute=1)
        tried = [client.get(OFFERS, headers=bearer(f"{n}" * 40)).status_code for n in range(2)]
        assert tried == [401, 429]

    def test_cannot_slow_down_who_shows_a_good_one(self, limited, brand, partner_token: Tokens):
        client, token = limited(anonymous_requests_per_minute=1), partner_token(brand)
        for _ in range(3):
            client.get(OFFERS)
        assert client.get(OFFERS, headers=bearer(token)).status_code == 200

    @pytest.mark.parametrize(
        ("address", "counted_as"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("", "unknown"),
        ],
    )
    def test_hold_one_address_or_one_network(self, address: str, counted_as: str):
        assert limits._network(address) == counted_as  # noqa: SLF001


class TestGuesses:
    A_USE = {"order_total_minor": 100_00, "currency": "EUR"}  # noqa: RUF012

    @pytest.fixture
    def guess(self, limited, code, partner_token: Tokens) -> Callable[..., int]:
        """Try a code; return the status.  Two guesses a minute are allowed."""
        client, token = limited(code_guesses_per_minute=2), partner_token(code[0])

        def at(code: str, path: str = "/codes/{}/validation", key: str = "") -> int:
            body = self.A_USE
            if "{}" not in path:
                body = body | {"code": code, "order_ref": "A-1"}
            headers = bearer(token) | ({"Idempotency-Key": key} if key else {})
            url = "/api/partner/v1" + path.format(code)
            return client.post(url, json=body, headers=headers).status_code

        return at

    def test_are_counted_wherever_they_are_tried(self, guess):
        tried = [
            guess("AAAA", path)
            for path in ("/codes/{}/validation", "/reservations", "/redemptions")
        ]
        assert tried == [422, 422, 429]

    def test_are_not_codes_that_exist(self, guess, code):
        assert [guess(code[1]) for _ in range(5)] == [200] * 5

    def test_are_not_answers_that_are_repeated(self, guess):
        tried = [guess("AAAA", "/redemptions", key="k-1") for _ in range(4)]
        assert tried == [422] * 4

    def test_that_are_too_many_stop_nothing_else(self, limited, code, partner_token: Tokens):
        client, token = limited(code_guesses_per_minute=1), partner_token(code[0])
        for _ in range(2):
            client.post(
                "/api/partner/v1/codes/AAAA/validation", json=self.A_USE, headers=bearer(token)
            )
        order = {"order_ref": "A", "net_minor": 1, "currency": "EUR", "is_new_customer": True}
        answer = client.post("/api/partner/v1/conversions", json=order, headers=bearer(token))
        assert answer.status_code == 201

    def test_are_tried_at_addresses_that_exist(self, app: Flask):
        assert set(app.view_functions) >= limits.TRIES


class TestCounting:
    def test_many_at_once_lose_no_count(self):
        counts = counting.Counts()
        with ThreadPoolExecutor(16) as threads:
            seen = sorted(threads.map(lambda _: counts.incr("ada", 60), range(2_000)))
        assert seen == list(range(1, 2_001))

    def test_a_flood_of_callers_does_not_fill_the_memory(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(counting, "KEYS_AT_MOST", 100)
        counts = counting.Counts()
        for n in range(1_000):
            counts.incr(f"address:{n}", 60)
        assert counts.reset() <= 100

    def test_one_counter_can_be_forgotten(self):
        counts = counting.Counts()
        counts.incr("ada", 60)
        counts.incr("bela", 60)
        counts.clear("ada")
        assert (counts.get("ada"), counts.get("bela")) == (0, 1)
        assert counts.check()

    @pytest.mark.parametrize("address", ["127.0.0.1:6379", "http://127.0.0.1", "memory://"])
    def test_redis_needs_an_address_of_redis(self, address: str):
        with pytest.raises(ValidationError, match="redis://"):
            Settings(redis_url=address)


class TestRedis:
    @pytest.fixture
    def port(self) -> int:
        return free_port()

    @pytest.fixture
    def redis(self, port: int, tmp_path: Path) -> Iterator[Callable[[], None]]:
        """Return what starts a Redis of our own."""
        program = machine.redis()
        running: list[subprocess.Popen[bytes]] = []

        def start() -> None:
            command = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
            running.append(
                subprocess.Popen(  # noqa: S603 - ours
                    command, cwd=tmp_path, stdout=subprocess.DEVNULL
                )
            )
            counts = counting.SharedCounts(redis_url=f"redis://127.0.0.1:{port}")
            deadline = time.monotonic() + 20
            while not counts.check():
                assert time.monotonic() < deadline, "Redis is silent"
                time.sleep(0.02)

        yield start
        for process in running:
            process.terminate()
            process.wait(timeout=20)

    def test_counts_for_all_processes_together(
        self, redis, port, limited, brand, partner_token: Tokens
    ):
        redis()
        token = partner_token(brand)
        url = f"redis://127.0.0.1:{port}"
        here, there = (limited(requests_per_minute=3, redis_url=url) for _ in range(2))

        answers = [
            client.get(OFFERS, headers=bearer(token)) for client in (here, there, here, there)
        ]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert [left_of(a)["requests"] for a in answers] == [2, 1, 0, 0]

    def test_that_is_silent_stops_nobody(self, port, limited, brand, partner_token: Tokens):
        client = limited(requests_per_minute=2, redis_url=f"redis://127.0.0.1:{port}")
        token = partner_token(brand)

        began = time.monotonic()
        statuses = [client.get(OFFERS, headers=bearer(token)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429], "this process still counts alone"
        assert time.monotonic() - began < 3

    def test_that_comes_back_counts_again(self, redis, port, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(counting, "ASKS_AGAIN_AFTER_SECONDS", 0)
        counts = counting.SharedCounts(redis_url=f"redis://127.0.0.1:{port}")
        assert [counts.incr("ada", 60) for _ in range(2)] == [1, 2]
        redis()

        assert counts.incr("ada", 60) == 1, "everybody's count, not ours alone"
        assert counts.get("ada") == 1
        assert 0 < counts.get_expiry("ada") - time.time() <= 60
