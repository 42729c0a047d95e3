"""What a shop says of its buyers through the partner API, and what becomes of it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from server import clock
from server.services import codes
from server.store import conversions as conversion_store
from server.store import visits as visit_store
from server.store.connection import Database
from server.store.identities import OrderIdentity, OwnIdentity
from tests import make
from tests.server import erased_person
from tests.server import town as towns
from tests.server.conftest import SignIn, Tokens, bearer
from tests.server.town import Town

CARD, HOUSE = "a1" * 32, "c3" * 32
SAID = {"buyer_ref": "customer-4711", "payment_hash": CARD, "delivery_hash": HOUSE}


class Shop:
    """A partner's back end that orders by links, each time under a new reference."""

    def __init__(self, app: Flask, database: Database, town: Town, token: str) -> None:
        self.app, self.database, self.town, self.token = app, database, town, token
        self.orders = 0

    def post(self, path: str, body: object, key: str | None = None) -> Any:
        headers = bearer(self.token) | ({"Idempotency-Key": key} if key else {})
        client = self.app.test_client()
        return client.post(f"/api/partner/v1{path}", json=body, headers=headers)

    def order(self, *, by: str | None = None, key: str | None = None, **more: object) -> Any:
        self.orders += 1
        body = {
            "order_ref": f"A-{self.orders}",
            "net_minor": 60_00,
            "currency": "EUR",
            "is_new_customer": True,
        }
        if by is not None:
            with self.database.transaction() as db:
                then = clock.now() - timedelta(hours=1)
                body["visit_token"] = make.visit(db, self.town.links[by], now=then)
        return self.post("/conversions", body | more, key)

    def redeem(self, name: str, **said: object) -> Any:
        """Let a person use a code of theirs."""
        with self.database.transaction() as db:
            code = codes.take(
                db,
                member_id=self.town.people[name],
                offer_public_id=self.town.offer.public_id,
                event_id=f"{name} takes",
                value_minor=None,
                now=clock.now(),
            ).code
        use = {"code": code, "order_ref": "till-1", "order_total_minor": 90_00, "currency": "EUR"}
        return self.post("/redemptions", use | said)


@pytest.fixture
def town(database: Database, app: Flask) -> Town:
    """Ada brought Bela and has something payable."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now() - timedelta(days=20)
        town.shares("Ada")
        town.shares("Bela", after="Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
    return town


@pytest.fixture
def shop(app: Flask, database: Database, town: Town, partner_token: Tokens) -> Shop:
    return Shop(app, database, town, partner_token(town.brand_id))


class TestOwnOrders:
    def test_are_refused_with_a_reason_that_is_documented(self, shop: Shop):
        assert shop.redeem("Ada", buyer_ref="customer-4711").status_code == 201

        answer = shop.order(by="Bela", buyer_ref="customer-4711")

        assert answer.status_code == 201
        assert (answer.json["reason"], answer.json["credited_minor"]) == ("own_order", 0)
        assert answer.json["vests_at"] is None
        assert answer.json["why"].startswith("The buyer is the owner of the link or somebody above")

    def test_say_to_the_sharer_that_it_is_them_or_somebody_who_brought_them(
        self, shop: Shop, town: Town, sign_in: SignIn
    ):
        shop.redeem("Ada", buyer_ref="customer-4711")
        shop.order(by="Bela", buyer_ref="customer-4711")
        browser = shop.app.test_client()
        sign_in(browser, "bela")

        page = browser.get("/my-data/attribution").get_data(as_text=True)
        german = browser.get("/my-data/attribution", headers={"Accept-Language": "de"})

        assert "the buyer is you, or somebody who brought you" in page
        assert "write to Berta&#39;s Boots" in page
        assert "oder jemand, der Sie gebracht hat" in german.get_data(as_text=True)

    def test_show_in_my_data_what_is_kept_and_until_when(
        self, shop: Shop, town: Town, sign_in: SignIn
    ):
        shop.redeem("Ada", buyer_ref="customer-4711")
        browser = shop.app.test_client()
        sign_in(browser, "ada")

        page = browser.get("/my-data").get_data(as_text=True)

        assert "so that nobody earns for their own orders: 1." in page
        assert "half a year later at most" in page
        assert "customer-4711" not in page

    def test_are_known_by_hashes_of_the_same_brand_only(
        self, shop: Shop, town: Town, database: Database, partner_token: Tokens
    ):
        shop.redeem("Ada", buyer_ref="customer-4711")
        with database.transaction() as db:
            hosts = ("coats.example",)
            other = make.brand(db, "carls-coats", name="Carl's Coats", hosts=hosts)
            coats = make.offer(db, other, now=town.now, page_url="https://coats.example/")
            link = make.share(db, town.people["Ada"], coats, now=town.now).code
        town.links["Ada's coats"] = link
        elsewhere = Shop(shop.app, database, town, partner_token(other))

        assert elsewhere.order(by="Ada's coats", buyer_ref="customer-4711").json["reason"] is None
        assert elsewhere.order(by="Ada", buyer_ref="customer-4711").json["reason"] == (
            "unknown_visit"
        )
        assert shop.order(by="Ada", buyer_ref="customer-4711").json["reason"] == "own_order"


class TestTheForm:
    @pytest.mark.parametrize("member", ["payment_hash", "delivery_hash"])
    @pytest.mark.parametrize(
        "wrong",
        ["", "a" * 63, "a" * 65, "g" * 64, "Aa" * 32, "a" * 64 + "\n", " " + "a" * 63, 7, ["a"]],
        ids=repr,
    )
    def test_is_64_hexadecimal_characters(self, shop: Shop, member: str, wrong: object):
        answer = shop.order(by="Ada", **{member: wrong})

        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == f"/{member}"

    def test_may_be_in_capital_letters(self, shop: Shop):
        assert shop.order(by="Ada", payment_hash=CARD.upper()).status_code == 201

    def test_is_not_asked_for(self, shop: Shop, database: Database):
        assert shop.order(by="Ada").json["reason"] is None
        with database.reading() as db:
            assert db.exec(select(OrderIdentity)).all() == []


class TestARepetition:
    def test_gets_the_first_answer_and_teaches_nothing(self, shop: Shop, database: Database):
        first = shop.order(by="Ada", order_ref="B-1", buyer_ref="customer-4711")
        visit = {"order_ref": "B-1", "visit_token": self.visit(first, shop)}

        again = shop.order(**visit, buyer_ref="customer-0815", payment_hash=CARD)

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json == again.json
        with database.reading() as db:
            (kept,) = db.exec(select(OrderIdentity))
        assert kept.kind == "buyer"

    def test_under_one_key_with_other_words_is_refused(self, shop: Shop):
        body = {"order_ref": "B-1", "code": "AAAA-BBBB-CCCC"}
        assert shop.order(**body, payment_hash=CARD, key="k-1").status_code == 201
        assert shop.order(**body, payment_hash=CARD, key="k-1").status_code == 201

        refused = shop.order(**body, payment_hash=HOUSE, key="k-1")

        assert refused.status_code == 409
        assert refused.json["type"].endswith("/problems/idempotency-key-reused")

    @staticmethod
    def visit(answer: Any, shop: Shop) -> str:
        with shop.database.reading() as db:
            found = conversion_store.find_by_order(
                db, brand_id=shop.town.brand_id, order_ref=answer.json["order_ref"]
            )
            return visit_store.find(db, found.visit_id).token


def test_nothing_that_was_said_is_in_any_table_or_log(
    shop: Shop, database: Database, caplog: pytest.LogCaptureFixture
):
    shop.redeem("Ada", buyer_ref=SAID["buyer_ref"])
    assert shop.order(by="Ada", **SAID, key="k-1").json["reason"] == "own_order"
    assert shop.order(by="Ada", **SAID | {"buyer_ref": "customer-9999"}).json["reason"] is None

    found = erased_person.search(database, SAID)

    assert found.rows > 20
    assert found.names == {}
    assert [words for words in SAID.values() if words in caplog.text] == []
    with database.reading() as db:
        own = db.exec(select(OwnIdentity)).all()
        assert [len(one.hash) for one in own] == [64]
