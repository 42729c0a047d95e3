"""The extension's API as the extension meets it."""

import gzip
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlmodel import select

from server import clock
from server.app import create_app
from server.services import offers
from server.settings import Settings
from server.store import visits
from server.store.connection import Database
from server.store.shares import Share
from tests import make
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.town import Town

BASE = "/api/extension/v1"


class Device:
    """One person's extension."""

    def __init__(self, app: Flask, token: str) -> None:
        self.browser, self.token = app.test_client(), token

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(BASE + path, headers=bearer(self.token) | headers)

    def post(self, path: str, body: object = None) -> Any:
        content = {} if body is None else {"json": body}
        return self.browser.post(BASE + path, headers=bearer(self.token), **content)


@pytest.fixture
def town(database: Database, app: Flask) -> Town:
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now()
        town.member("Ada")
        town.member("Bela")
    return town


@pytest.fixture
def ada(app: Flask, town: Town, app_token: Tokens) -> Device:
    return Device(app, app_token(town.people["Ada"]))


@pytest.fixture
def bela(app: Flask, town: Town, app_token: Tokens) -> Device:
    return Device(app, app_token(town.people["Bela"]))


def a_share(device: Device, town: Town, **changes: object) -> dict[str, object]:
    return {
        "event_id": str(uuid4()),
        "offer_id": town.offer.public_id,
        "channel": "copy",
        "consent_hash": device.get("/offers").json["consent"]["hash"],
        "language": "en",
        "created_at": clock.now().isoformat(),
    } | changes


class TestOffers:
    def test_hold_what_matching_and_consent_need(self, ada: Device, town: Town):
        answer = ada.get("/offers")

        (offer,) = answer.json["offers"]
        assert offer["id"] == town.offer.public_id
        assert offer["hosts"] == ["127.0.0.1:8003"]
        promise = "Everything your link sets in motion earns 4 % to 10 %."
        assert offer["promise"].replace("\N{NO-BREAK SPACE}", " ") == promise
        assert offer["disclosure"].startswith("Ad:")
        assert "withdraw" in answer.json["consent"]["text"]

    def test_come_again_only_when_something_changed(
        self, ada: Device, town: Town, database: Database
    ):
        etag = ada.get("/offers").headers["ETag"]
        assert ada.get("/offers", **{"If-None-Match": etag}).status_code == 304

        with database.transaction() as db:
            make.offer(db, town.brand_id, now=clock.now(), title="Summer shoes")
        again = ada.get("/offers", **{"If-None-Match": etag})
        assert (again.status_code, len(again.json["offers"])) == (200, 2)

    def test_come_compressed_and_are_recognised_so_too(
        self, ada: Device, town: Town, database: Database
    ):
        with database.transaction() as db:
            for number in range(20):
                make.offer(db, town.brand_id, now=clock.now(), title=f"Shoes {number}")
        plain = ada.get("/offers")
        small = ada.get("/offers", **{"Accept-Encoding": "gzip"})

        assert small.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(small.data)) == plain.json
        assert len(small.data) < len(plain.data) / 5
        asked = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
        again = ada.get("/offers", **asked)
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.headers["Vary"]

    def test_drafts_and_ended_offers_are_not_among_them(
        self, ada: Device, town: Town, database: Database
    ):
        with database.transaction() as db:
            brand_id, now = town.brand_id, clock.now()
            offers.draft(db, brand_id=brand_id, actor="t", wanted=make.BOOTS, now=now)
            offers.end(db, brand_id=brand_id, public_id=town.offer.public_id, actor="t", now=now)

        assert ada.get("/offers").json["offers"] == []

    def test_say_when_the_budget_is_spent(self, ada: Device, town: Town, database: Database):
        assert ada.get("/offers").json["offers"][0]["budget_spent"] is False
        with database.transaction() as db:
            town.db = db
            town.now = clock.now()
            town.shares("Ada")
            for _ in range(4):
                town.orders("60000.00", through="Ada")

        assert ada.get("/offers").json["offers"][0]["budget_spent"] is True


class TestChannels:
    def test_are_named_in_the_language_of_the_person(self, ada: Device):
        named = {
            language: {c["key"]: c["title"] for c in channels_in(ada, language)}
            for language in ("en", "de", "fr")
        }
        assert named["en"]["email"] == "E-mail"
        assert named["de"]["sheet"] == "Andere App"
        assert named["fr"]["sheet"] == "Autre application"

    def test_open_pages_of_networks_and_nothing_else(self, ada: Device):
        for channel in channels_in(ada, "en"):
            assert re.match(r"$|https://[a-z.]+/|https://\{host\}/|mailto:\?", channel["dialog"])

    def test_of_meta_fill_nothing_in(self, ada: Device):
        (facebook,) = (c for c in channels_in(ada, "en") if c["key"] == "facebook")
        assert "{" not in facebook["dialog"]

    def test_count_as_each_network_counts(self, ada: Device):
        limits = {c["key"]: c["text_limit"] for c in channels_in(ada, "en") if c["text_limit"]}
        assert limits == {
            "x": 280,
            "bluesky": 300,
            "mastodon": 500,
            "reddit": 300,
            "pinterest": 500,
        }


def channels_in(device: Device, language: str) -> Any:
    return device.get(f"/offers?language={language}").json["channels"]


class TestShares:
    def test_a_share_returns_its_link_and_text_with_the_disclosure_first(
        self, ada: Device, town: Town, settings: Settings
    ):
        answer = ada.post("/shares", a_share(ada, town))

        assert answer.status_code == 201
        assert answer.json["link"] == f"{settings.link_url}/r/{answer.json['code']}"
        assert answer.json["text"].startswith("Ad: I get a reward if you buy.")
        assert answer.json["text"].endswith(answer.json["link"])

    def test_a_repeated_event_gets_the_first_answer(self, ada: Device, town: Town):
        event = a_share(ada, town)
        first, again = ada.post("/shares", event), ada.post("/shares", event)

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json == again.json

    def test_without_the_current_consent_nothing_is_recorded(
        self, ada: Device, town: Town, database: Database
    ):
        answer = ada.post("/shares", a_share(ada, town, consent_hash="0" * 64))

        assert answer.status_code == 403
        assert answer.json["type"].endswith("/problems/consent-missing")
        with database.reading() as db:
            assert db.exec(select(Share)).all() == []

    def test_can_be_withdrawn_by_whoever_shared(self, ada: Device, bela: Device, town: Town):
        code = ada.post("/shares", a_share(ada, town)).json["code"]

        assert bela.post(f"/shares/{code}/withdrawal").status_code == 404
        assert ada.post(f"/shares/{code}/withdrawal").status_code == 204
        assert ada.post(f"/shares/{code}/withdrawal").status_code == 204
        assert ada.get("/wallet").json["shares"][0]["withdrawn"] is True

    def test_has_a_qr_code_for_its_owner(self, ada: Device, bela: Device, town: Town):
        code = ada.post("/shares", a_share(ada, town)).json["code"]
        drawn = ada.get(f"/shares/{code}/qr.svg")

        assert drawn.content_type == "image/svg+xml"
        assert drawn.data.startswith(b"<svg")
        assert bela.get(f"/shares/{code}/qr.svg").status_code == 404

    @pytest.mark.parametrize(
        "changes",
        [
            {"event_id": "1"},
            {"offer_id": "../../etc"},
            {"created_at": "now"},
            {"shown_as": "x" * 41},
            {"shown_as": "A\x00da"},
            {"unknown": 1},
        ],
        ids=str,
    )
    def test_bad_input_is_refused_with_a_pointer(
        self, ada: Device, town: Town, changes: dict[str, object]
    ):
        answer = ada.post("/shares", a_share(ada, town, **changes))

        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == f"/{next(iter(changes))}"


class TestReferralClaims:
    @pytest.fixture
    def visit(self, ada: Device, town: Town, database: Database) -> str:
        code = ada.post("/shares", a_share(ada, town, shown_as="Ada")).json["code"]
        with database.transaction() as db:
            return make.visit(db, code, now=clock.now())

    def claim(self, device: Device, visit: str) -> Any:
        return device.post(
            "/referral-claims",
            {
                "event_id": str(uuid4()),
                "visit_token": visit,
                "consent_hash": device.get("/offers").json["referral_consent"]["hash"],
                "language": "en",
            },
        )

    def test_a_friend_confirms_who_brought_them(self, bela: Device, visit: str):
        first, again = self.claim(bela, visit), self.claim(bela, visit)

        assert (first.status_code, first.json["brought_by"]) == (201, "Ada")
        assert again.status_code == 200

    def test_a_claim_that_does_not_hold_says_why(self, ada: Device, visit: str):
        answer = self.claim(ada, visit)

        assert (answer.status_code, answer.json["key"]) == (422, "own_link")

    def test_a_visit_to_ones_own_link_counts_for_nobody(
        self, ada: Device, visit: str, database: Database
    ):
        with database.transaction() as db:
            row = visits.find_by_token(db, visit)
            assert row is not None
            row.verified_at = clock.now()
        self.claim(ada, visit)
        with database.transaction() as db:
            make.pass_time(db, clock.now())
            row = visits.find_by_token(db, visit)
            assert row is not None
            assert row.outcome == "own_visit"


class TestWallet:
    def test_shows_pending_payable_and_why(self, ada: Device, town: Town, database: Database):
        with database.transaction() as db:
            town.db = db
            town.now = clock.now() - timedelta(days=20)
            town.shares("Ada")
            town.orders("120.00", through="Ada")
            town.time_passes()
            town.now = clock.now() - timedelta(hours=1)
            town.orders("60.00", through="Ada")

        (place,) = ada.get("/wallet").json["places"]

        assert (place["pending_minor"], place["payable_minor"]) == (3_60, 6_00)
        assert [line["credited_minor"] for line in place["pending"]] == [60_00]
        assert "180.00" in place["why"]["sentence"]
        assert place["why"]["worked"].endswith("9.60 EUR")
        assert place["credit_minor"] == 180_00

    def test_says_which_offers_have_ended(self, ada: Device, town: Town, database: Database):
        ada.post("/shares", a_share(ada, town))
        (place,) = ada.get("/wallet").json["places"]
        assert (place["has_ended"], place["page_url"]) == (False, town.offer.page_url)
        with database.transaction() as db:
            offers.end(
                db,
                brand_id=town.brand_id,
                public_id=town.offer.public_id,
                actor="t",
                now=clock.now(),
            )

        assert ada.get("/wallet").json["places"][0]["has_ended"] is True

    def test_says_which_offer_a_share_is_of(self, ada: Device, town: Town):
        ada.post("/shares", a_share(ada, town))
        assert ada.get("/wallet").json["shares"][0]["offer_id"] == town.offer.public_id

    def test_draws_a_code_for_whoever_holds_it(
        self, ada: Device, bela: Device, town: Town, database: Database
    ):
        with database.transaction() as db:
            town.db = db
            town.now = clock.now() - towns.AFTER_THE_WINDOW
            town.shares("Ada")
            town.orders("330.00", through="Ada")
            town.time_passes()
            code = make.code(db, town.people["Ada"], town.offer, now=clock.now()).code
        drawn = ada.get(f"/wallet/codes/{code}/qr.svg")

        assert (drawn.content_type, drawn.data[:4]) == ("image/svg+xml", b"<svg")
        assert bela.get(f"/wallet/codes/{code}/qr.svg").status_code == 404

    def test_shows_nobody_elses(self, bela: Device):
        assert bela.get("/wallet").json == {"places": [], "shares": []}


class TestAccess:
    def test_every_address_needs_its_scope(self, app: Flask, town: Town, app_token: Tokens):
        nothing = Device(app, app_token(town.people["Ada"], "offers:read"))
        assert nothing.get("/offers").status_code == 200
        assert nothing.get("/wallet").status_code == 403
        device = Device(app, app_token(town.people["Ada"], "wallet:read"))
        assert device.get("/offers").status_code == 403
        assert device.get("/shares/abcdefghij/qr.svg").status_code == 403
        assert nothing.get("/wallet/codes/abcdefghij/qr.svg").status_code == 403
        assert device.post("/shares/abcdefghij/withdrawal").status_code == 403

    def test_the_token_of_a_partner_is_not_a_persons(
        self, app: Flask, town: Town, partner_token: Tokens
    ):
        shop = Device(app, partner_token(town.brand_id))
        assert shop.get("/wallet").status_code == 403


class TestCors:
    OURS = "chrome-extension://nhkejdlliocfijdgkkkheopjhoelildm"

    @pytest.mark.parametrize("path", [f"{BASE}/wallet", f"{BASE}/nothing", "/oauth/token"])
    def test_our_extension_may_read_even_refusals(self, app: Flask, path: str):
        answer = app.test_client().post(path, headers={"Origin": self.OURS})

        assert answer.status_code >= 400
        assert answer.headers["Access-Control-Allow-Origin"] == self.OURS
        assert "Origin" in answer.headers["Vary"]

    def test_preflights_are_answered_without_a_token(self, app: Flask):
        answer = app.test_client().options(f"{BASE}/shares", headers={"Origin": self.OURS})

        assert answer.status_code == 204
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]

    @pytest.mark.parametrize(
        "origin",
        [
            "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "https://evil.example",
            "null",
            "moz-extension://00000000-0000-0000-0000-000000000000.evil.example",
        ],
    )
    def test_nobody_else_may(self, app: Flask, origin: str):
        answer = app.test_client().options(f"{BASE}/wallet", headers={"Origin": origin})

        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_ours_in_firefox_may_from_whatever_origin_it_got(self, app: Flask):
        origin = f"moz-extension://{uuid4()}"
        answer = app.test_client().options(f"{BASE}/wallet", headers={"Origin": origin})

        assert answer.headers["Access-Control-Allow-Origin"] == origin

    def test_no_firefox_may_where_no_sign_in_returns_to_one(
        self, settings: Settings, database: Database
    ):
        chromium = [uri for uri in settings.extension_redirect_uris if "chromiumapp" in uri]
        alone = settings.model_copy(update={"extension_redirect_uris": chromium})
        client = create_app(alone, database).test_client()
        origin = f"moz-extension://{uuid4()}"
        answer = client.options(f"{BASE}/wallet", headers={"Origin": origin})

        assert chromium
        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_other_pages_are_not_readable(self, app: Flask):
        answer = app.test_client().get("/", headers={"Origin": self.OURS})

        assert "Access-Control-Allow-Origin" not in answer.headers
