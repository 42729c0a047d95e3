"""Webhook endpoints as a partner's back end manages them; and nobody else's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from server import clock
from server.settings import Settings
from server.store.connection import Database
from server.store.requests import AnsweredRequest
from tests.server import pages_world
from tests.server.conftest import Tokens, bearer
from tests.server.post_office import PostOffice, redemption
from tests.server.receivers import Receiver, in_turn, receiving, says
from tests.server.standard_webhooks import is_from

ROOT = "/api/partner/v1/webhook-endpoints"
URL = "http://127.0.0.1:9/hook"


@dataclass
class Shop:
    """A back end of a brand."""

    app: Flask
    token: str

    def ask(self, method: str, path: str = "", body: object = None, **headers: str) -> Any:
        return self.app.test_client().open(
            ROOT + path, method=method, json=body, headers=bearer(self.token) | headers
        )

    def add(self, url: str = URL, **more: object) -> dict[str, Any]:
        answer = self.ask("POST", "", {"url": url, **more})
        assert answer.status_code == 201, answer.text
        return answer.json


@pytest.fixture
def brand(database: Database) -> int:
    with database.transaction() as db:
        return pages_world.berta(db)


@pytest.fixture
def shop(app: Flask, brand: int, partner_token: Tokens) -> Shop:
    return Shop(app, partner_token(brand))


@pytest.fixture
def tea(app: Flask, brand: int, partner_token: Tokens) -> Shop:
    """The back end of Tom's Tea, which is none of Berta's business."""
    return Shop(app, partner_token(brand + 1))


@pytest.fixture
def office(database: Database, brand: int, settings: Settings) -> PostOffice:
    return PostOffice(database, brand, clock.now(), settings.sealing_key)


@pytest.fixture
def till() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class TestEndpoints:
    def test_the_secret_is_in_the_answer_that_makes_it_and_nowhere_else(self, shop: Shop):
        answer = shop.ask("POST", "", {"url": URL, "types": ["code.expired"]})
        made = answer.json
        assert answer.headers["Cache-Control"] == "no-store"
        assert made["secret"].startswith("whsec_")
        assert (made["url"], made["types"]) == (URL, ["code.expired"])
        for answer in (shop.ask("GET"), shop.ask("GET", f"/{made['endpoint_id']}")):
            assert answer.status_code == 200
            assert 'secret"' not in answer.text.replace("old_secret_until", "")
            assert made["secret"] not in answer.text

    def test_what_is_left_out_of_a_change_stays(self, shop: Shop, office: PostOffice):
        made = shop.add(description="Till", types=["case.opened"])
        path = f"/{made['endpoint_id']}"
        changed = shop.ask("PATCH", path, {"description": "Till in Graz"}).json
        assert (changed["url"], changed["types"]) == (URL, ["case.opened"])
        changed = shop.ask("PATCH", path, {"types": [], "url": URL + "/2"}).json
        assert (changed["description"], changed["types"]) == ("Till in Graz", [])
        assert shop.ask("GET", path).json == changed

        assert shop.ask("DELETE", path).status_code == 204
        assert shop.ask("GET", path).status_code == 404
        assert shop.ask("DELETE", path).status_code == 404
        assert shop.ask("GET").json == {"items": []}
        written = [(e.action, e.actor.partition("-")[0]) for e in office.audited()]
        assert written[-4:] == [
            (f"webhook.{verb}", "partner:partner")
            for verb in ("added", "changed", "changed", "removed")
        ]

    @pytest.mark.parametrize(
        ("body", "slug"),
        [
            ({}, "invalid-body"),
            ({"url": 7}, "invalid-body"),
            ({"url": URL, "secret": "mine"}, "invalid-body"),
            ({"url": URL, "types": "code.expired"}, "invalid-body"),
            ({"url": "https://example.com/" + "x" * 500}, "invalid-body"),
            ({"url": URL, "types": ["code.eaten"]}, "field-invalid"),
            ({"url": URL, "description": "a\nb"}, "field-invalid"),
            ({"url": "http://example.com/"}, "field-invalid"),
            ({"url": "https://10.0.0.1/"}, "field-invalid"),
            ({"url": "https://169.254.169.254/latest"}, "field-invalid"),
            ({"url": "https://" + "a" * 70 + ".example/"}, "field-invalid"),
            ({"url": "https://user:secret@1.1.1.1/"}, "field-invalid"),
        ],
    )
    def test_what_cannot_be_is_refused(self, shop: Shop, body: dict[str, object], slug: str):
        made = shop.add()
        answers = [shop.ask("POST", "", body)]
        if body:
            answers.append(shop.ask("PATCH", f"/{made['endpoint_id']}", body))
        for answer in answers:
            assert answer.status_code == 422
            assert answer.json["type"].endswith(f"/problems/{slug}")
        assert len(shop.ask("GET").json["items"]) == 1

    def test_an_eleventh_is_refused(self, shop: Shop, tea: Shop):
        made = [shop.add() for _ in range(10)]
        assert "at most 10" in shop.ask("POST", "", {"url": URL}).json["detail"]
        assert tea.add()
        shop.ask("DELETE", f"/{made[0]['endpoint_id']}")
        assert shop.add()

    def test_a_repeated_request_gets_the_first_secret_which_is_kept_sealed(
        self, shop: Shop, database: Database
    ):
        first, again = (
            shop.ask("POST", "", {"url": URL}, **{"Idempotency-Key": "k-1"}) for _ in range(2)
        )
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json == first.json
        path = f"/{first.json['endpoint_id']}/secret-rotation"
        rotated, same = (shop.ask("POST", path, **{"Idempotency-Key": "k-2"}) for _ in range(2))
        assert rotated.json["secret"] == same.json["secret"] != first.json["secret"]
        assert len(shop.ask("GET").json["items"]) == 1
        with database.reading() as db:
            kept = [row.body for row in db.exec(select(AnsweredRequest))]
        assert [list(body) for body in kept] == [["sealed"], ["sealed"]]


class TestDeliveries:
    def test_a_test_arrives_signed_and_is_written_down(
        self, shop: Shop, till: Receiver, office: PostOffice
    ):
        made = shop.add(till.url, types=["case.opened"])
        path = f"/{made['endpoint_id']}"
        assert shop.ask("POST", f"{path}/test").status_code == 202
        office.now = clock.now()
        assert office.sends() == 1
        (request,) = till.requests
        assert request.event["type"] == "webhook.test"
        assert is_from(made["secret"], request, now=clock.now())

        (delivery,) = shop.ask("GET", f"{path}/deliveries").json["items"]
        assert (delivery["type"], delivery["state"], delivery["attempts"]) == (
            "webhook.test",
            "delivered",
            1,
        )
        detail = shop.ask("GET", f"{path}/deliveries/{delivery['delivery_id']}").json
        assert detail["request_body"].encode() == request.body
        (attempt,) = detail["attempts"]
        assert (attempt["status"], attempt["response_body"], attempt["error"]) == (200, "ok", None)
        assert attempt["request_headers"]["webhook-id"] == delivery["event_id"]

    def test_come_in_pages_newest_first(self, shop: Shop, office: PostOffice):
        path = f"/{shop.add()['endpoint_id']}/deliveries"
        other = f"/{shop.add(types=['case.opened'])['endpoint_id']}/deliveries"
        office.happens(*(redemption(number) for number in range(5)))
        first = shop.ask("GET", f"{path}?limit=2").json
        second = shop.ask("GET", f"{path}?limit=2&cursor={first['next_cursor']}").json
        third = shop.ask("GET", f"{path}?limit=2&cursor={second['next_cursor']}").json
        pages = [page["items"] for page in (first, second, third)]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert third["next_cursor"] is None
        assert [one for page in pages for one in page] == shop.ask("GET", path).json["items"]
        assert shop.ask("GET", other).json["items"] == []

    def test_are_repeated_one_by_one_or_since_a_moment(
        self, shop: Shop, till: Receiver, office: PostOffice
    ):
        path = f"/{shop.add(till.url)['endpoint_id']}"
        office.happens(redemption(1), redemption(2))
        office.now = clock.now()
        office.sends()
        newest = shop.ask("GET", f"{path}/deliveries").json["items"][0]
        again = shop.ask("POST", f"{path}/deliveries/{newest['delivery_id']}/replay")
        assert (again.status_code, again.json["state"]) == (202, "waiting")
        since = {"since": newest["happened_at"]}
        replayed = shop.ask("POST", f"{path}/replays", since)
        assert (replayed.status_code, replayed.json) == (202, {"deliveries": 1})
        office.now = clock.now()
        assert office.sends() == 2
        assert shop.ask("POST", f"{path}/replays", {"since": "lately"}).status_code == 422

    def test_what_is_disabled_is_enabled_and_goes_on(
        self, shop: Shop, till: Receiver, office: PostOffice
    ):
        made = shop.add(till.url)
        path = f"/{made['endpoint_id']}"
        till.behaviour = in_turn(says(410), says())
        office.happens(redemption(1))
        office.now = clock.now()
        office.sends()
        shown = shop.ask("GET", path).json
        assert shown["disabled_at"] is not None
        assert shown["disabled_why"] == "It said that it is gone (410)."
        assert shop.ask("POST", f"{path}/test").status_code == 422
        office.happens(redemption(2))
        enabled = shop.ask("POST", f"{path}/enabling")
        assert (enabled.status_code, enabled.json["disabled_at"]) == (200, None)
        office.now = clock.now()
        assert office.sends() == 1


ADDRESSES = (
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/secret-rotation"),
    ("POST", "/enabling"),
    ("POST", "/test"),
    ("POST", "/replays"),
    ("GET", "/deliveries"),
    ("GET", "/deliveries/{delivery}"),
    ("POST", "/deliveries/{delivery}/replay"),
)
BODIES = {"PATCH": {"description": "Mine"}, "/replays": {"since": "2026-01-01T00:00:00Z"}}


@pytest.fixture
def walk(shop: Shop, office: PostOffice) -> Callable[[Shop], list[int]]:
    """Ask every address of one of Berta's endpoints as somebody; return the statuses."""
    made = shop.add()
    office.happens()
    path = f"/{made['endpoint_id']}"
    (delivery,) = shop.ask("GET", f"{path}/deliveries").json["items"]

    def as_(caller: Shop) -> list[int]:
        return [
            caller.ask(
                method,
                path + rest.format(delivery=delivery["delivery_id"]),
                BODIES.get(method) or BODIES.get(rest),
            ).status_code
            for method, rest in ADDRESSES
        ]

    return as_


class TestAccess:
    def test_the_walk_knows_every_address(self, app: Flask):
        rules = {
            (
                method,
                rule.rule.removeprefix(f"{ROOT}/<endpoint_id>").replace(
                    "<delivery_id>", "{delivery}"
                ),
            )
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith(f"{ROOT}/<")
            for method in rule.methods - {"HEAD", "OPTIONS"}
        }
        assert rules == set(ADDRESSES)

    def test_an_endpoint_of_another_brand_is_not_there(
        self, shop: Shop, tea: Shop, walk: Callable[[Shop], list[int]], office: PostOffice
    ):
        before, written = shop.ask("GET").json, len(office.audited())
        assert set(walk(tea)) == {404}
        assert tea.ask("GET").json == {"items": []}
        assert (shop.ask("GET").json, len(office.audited())) == (before, written)

    def test_a_delivery_is_found_under_its_own_endpoint_alone(self, shop: Shop, office: PostOffice):
        mine, other = shop.add(), shop.add(types=["case.opened"])
        office.happens()
        path = f"/{mine['endpoint_id']}/deliveries"
        delivery = shop.ask("GET", path).json["items"][0]["delivery_id"]
        wrong = f"/{other['endpoint_id']}/deliveries/{delivery}"
        assert shop.ask("GET", f"{path}/{delivery}").status_code == 200
        assert shop.ask("GET", wrong).status_code == 404
        assert shop.ask("POST", f"{wrong}/replay").status_code == 404

    def test_without_the_scope_or_the_token_nothing_opens(
        self, app: Flask, brand: int, partner_token: Tokens, walk: Callable[[Shop], list[int]]
    ):
        narrow = Shop(app, partner_token(brand, "codes:validate codes:redeem conversions:write"))
        assert set(walk(narrow)) == {403}
        assert narrow.ask("GET").status_code == narrow.ask("POST", "", {}).status_code == 403
        assert set(walk(Shop(app, "x" * 43))) == {401}

    def test_its_owner_gets_through(self, shop: Shop, walk: Callable[[Shop], list[int]]):
        found = walk(shop)
        assert found == [200, 200, 204, *[404] * 7], "removed by the third"
