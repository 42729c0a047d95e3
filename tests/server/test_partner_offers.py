"""A brand's offers for its own back ends: whole, in pages, in few bytes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask

from server import clock
from server.services import offers
from server.services.clients import PARTNER_SCOPES
from server.store.connection import Database
from tests import make
from tests.server import pages_world
from tests.server.conftest import Tokens, bearer

PATH = "/api/partner/v1/offers"


@dataclass
class Shop:
    """Berta's back end."""

    app: Flask
    token: str

    def get(self, path: str = PATH, **headers: str):
        return self.app.test_client().get(path, headers=bearer(self.token) | headers)


@pytest.fixture
def brand(database: Database) -> int:
    """Berta's Boots; the offers of Tom's Tea lie before, between and after Berta's."""
    with database.transaction() as db:
        return pages_world.berta(db)


@pytest.fixture
def shop(app: Flask, brand: int, partner_token: Tokens) -> Shop:
    return Shop(app, partner_token(brand))


@pytest.fixture
def publish(database: Database, brand: int) -> Callable[[int], list[str]]:
    """Publish offers, each beside one of another brand and a draft; return their ids."""

    def some(count: int) -> list[str]:
        with database.transaction() as db:
            made = []
            for number in range(count):
                pages_world.draft(db, brand)
                made.append(make.offer(db, brand, title=f"Boots {number}").public_id)
                make.offer(db, brand + 1, page_url="https://tea.example/tea")
            return made

    return some


def ids(answer) -> list[str]:
    return [offer["offer_id"] for offer in answer.json["items"]]


def linked(answer, rel: str) -> str | None:
    """Return where a link leads, by RFC 8288."""
    for link in answer.headers["Link"].split(", "):
        target, _, name = link.partition("; ")
        if name == f'rel="{rel}"':
            return target.strip("<>")
    return None


class TestOffers:
    def test_are_told_with_their_terms_and_money(self, shop: Shop, publish):
        (public_id,) = publish(1)
        (offer,) = shop.get().json["items"]

        assert offer["offer_id"] == public_id
        assert offer["status"] == "published"
        assert (offer["budget_minor"], offer["remaining_minor"]) == (5_000_00, 5_000_00)
        assert offer["terms"]["thresholds_minor"] == [0, 60_00, 240_00, 960_00]
        assert offer["terms"]["rates_basis_points"] == [400, 600, 800, 1_000]
        assert offer["ended_at"] is None

    def test_stay_when_they_ended_and_are_not_told_before_they_begin(
        self, shop: Shop, publish, database, brand
    ):
        (public_id,) = publish(1)
        with database.transaction() as db:
            offers.end(db, brand_id=brand, public_id=public_id, actor="test", now=clock.now())
        (offer,) = shop.get().json["items"]
        assert offer["status"] == "ended"
        assert offer["ended_at"] is not None

    @pytest.mark.parametrize("scope", PARTNER_SCOPES)
    def test_are_told_to_any_token_of_the_brand(
        self, app: Flask, brand: int, partner_token: Tokens, scope: str
    ):
        assert Shop(app, partner_token(brand, scope)).get().status_code == 200

    def test_are_not_told_to_people(self, app: Flask, database, app_token: Tokens):
        with database.transaction() as db:
            ada = make.member(db)
        assert Shop(app, app_token(ada)).get().status_code == 403


class TestPages:
    def test_lead_from_the_newest_to_the_oldest(self, shop: Shop, publish):
        made = publish(5)
        seen, path, pages = [], f"{PATH}?limit=2", 0
        while path:
            answer = shop.get(path)
            seen += ids(answer)
            pages += 1
            target = linked(answer, "next")
            path = target and target.removeprefix("http://127.0.0.1:8000")
        assert seen == made[::-1]
        assert pages == 3
        assert answer.json["next_cursor"] is None

    def test_say_the_same_in_the_link_and_in_the_body(self, shop: Shop, publish):
        publish(2)
        answer = shop.get(f"{PATH}?limit=1")
        cursor = answer.json["next_cursor"]
        assert linked(answer, "next") == f"http://127.0.0.1:8000{PATH}?limit=1&cursor={cursor}"
        assert linked(answer, "first") == f"http://127.0.0.1:8000{PATH}?limit=1"
        assert ids(shop.get(f"{PATH}?cursor={cursor}")) == ids(shop.get())[1:]

    def test_stay_in_step_while_offers_are_added(self, shop: Shop, publish):
        old = publish(4)
        first = shop.get(f"{PATH}?limit=2")
        new = publish(3)
        second = shop.get(f"{PATH}?limit=2&cursor={first.json['next_cursor']}")

        assert ids(first) + ids(second) == old[::-1]
        assert set(new).isdisjoint(ids(first) + ids(second))

    def test_that_are_exactly_full_are_the_last(self, shop: Shop, publish):
        publish(2)
        answer = shop.get(f"{PATH}?limit=2")
        assert (len(ids(answer)), answer.json["next_cursor"]) == (2, None)
        assert linked(answer, "next") is None

    def test_hold_twenty_unless_asked_and_a_hundred_at_most(self, shop: Shop, publish):
        publish(21)
        assert len(ids(shop.get())) == 20
        assert len(ids(shop.get(f"{PATH}?limit=100"))) == 21

    @pytest.mark.parametrize("limit", ["0", "101", "-1", "2.0", " 2", "", "%D9%A3", "1e1", "x"])
    def test_of_another_size_are_refused(self, shop: Shop, limit: str):
        answer = shop.get(f"{PATH}?limit={limit}")
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == "/limit"

    @pytest.mark.parametrize(
        "cursor", ["A", "x" * 22, "1", "%00", "A" * 21, "====", "AAAAAAAAAAAAAAAAAAAAAA", "ü"]
    )
    def test_begin_at_no_made_up_place(self, shop: Shop, publish, cursor: str):
        publish(1)
        answer = shop.get(f"{PATH}?cursor={cursor}")
        assert answer.status_code == 422
        assert answer.json["type"].endswith("/problems/cursor-invalid")
        assert "Begin again without one" in answer.json["detail"]

    def test_of_one_brand_do_not_go_on_in_another(
        self, app: Flask, shop: Shop, publish, brand: int, partner_token: Tokens
    ):
        publish(2)
        cursor = shop.get(f"{PATH}?limit=1").json["next_cursor"]
        toms = Shop(app, partner_token(brand + 1))
        assert toms.get(f"{PATH}?cursor={cursor}").status_code == 422

    def test_have_cursors_that_tell_no_numbers(self, shop: Shop, publish):
        publish(9)
        cursors = {}
        for limit in (1, 2, 3):
            cursors[limit] = shop.get(f"{PATH}?limit={limit}").json["next_cursor"]
        assert len({cursor[:8] for cursor in cursors.values()}) == 3
        assert len({cursor[-8:] for cursor in cursors.values()}) == 3

    def test_never_lead_where_the_host_header_says(self, shop: Shop, publish):
        publish(2)
        answer = shop.get(f"{PATH}?limit=1", Host="evil.example")
        assert urlsplit(linked(answer, "next")).netloc == "127.0.0.1:8000"


class TestBytes:
    def test_are_few_when_nothing_changed(self, shop: Shop, publish):
        publish(2)
        first = shop.get()
        again = shop.get(**{"If-None-Match": first.headers["ETag"]})
        publish(1)
        changed = shop.get(**{"If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert changed.status_code == 200
        assert first.headers["Cache-Control"] == "private, no-cache"

    def test_are_few_when_gzip_is_accepted(self, shop: Shop, publish):
        publish(9)
        plain = shop.get()
        small = shop.get(**{"Accept-Encoding": "gzip"})
        again = shop.get(**{"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]})

        assert small.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["Vary"]
        assert json.loads(gzip.decompress(small.data)) == plain.json
        assert len(small.data) < len(plain.data) / 4
        assert again.status_code == 304

    def test_are_not_worth_it_in_short_answers(self, shop: Shop):
        assert "Content-Encoding" not in shop.get(**{"Accept-Encoding": "gzip"}).headers

    def test_of_pages_with_forms_are_never_compressed(self, app: Flask, database, sign_in):
        """Their length would tell the token of their forms (BREACH)."""
        with database.transaction() as db:
            pages_world.story(db)
        client = app.test_client()
        sign_in(client, "ada")
        for path in ("/wallet", "/sign-in", "/", "/static/css/site.css"):
            with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
                assert "Content-Encoding" not in answer.headers, path
