"""The partner API as a shop's back end meets it."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlmodel import select

from server import clock
from server.services import codes, conversions
from server.store.connection import Database
from server.store.conversions import Conversion
from server.store.redemptions import Redemption
from server.web import buyers
from tests import make
from tests.server import town as towns
from tests.server.conftest import Tokens, bearer
from tests.server.town import Town

BASE = "/api/partner/v1"


class Shop:
    """A partner's back end with a token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.app, self.token = app, token

    def post(self, path: str, body: object, key: str | None = None) -> Any:
        headers = bearer(self.token) | ({"Idempotency-Key": key} if key else {})
        return self.app.test_client().post(BASE + path, json=body, headers=headers)

    def get(self, path: str) -> Any:
        return self.app.test_client().get(BASE + path, headers=bearer(self.token))


@pytest.fixture
def town(database: Database, app: Flask) -> Town:
    """Ada shared 20 days ago and has 20.40 payable."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now() - timedelta(days=20)
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.shares("Bela")
        town.orders("330.00", through="Bela")
        town.time_passes()
    return town


@pytest.fixture
def shop(app: Flask, town: Town, partner_token: Tokens) -> Shop:
    return Shop(app, partner_token(town.brand_id))


@pytest.fixture
def visit(database: Database, town: Town) -> str:
    """Return the token of a friend who clicked an hour ago."""
    with database.transaction() as db:
        return make.visit(db, town.links["Ada"], now=clock.now() - timedelta(hours=1))


@pytest.fixture
def code(database: Database, town: Town) -> str:
    with database.transaction() as db:
        return codes.take(
            db,
            member_id=town.people["Ada"],
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=None,
            now=clock.now(),
        ).code


def an_order(visit: str | None = None, **changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "order_ref": "A-1",
        "net_minor": 60_00,
        "currency": "EUR",
        "is_new_customer": True,
    }
    return body | ({"visit_token": visit} if visit else {}) | changes


def a_use(code: str, **changes: object) -> dict[str, object]:
    return {
        "code": code,
        "order_ref": "A-1",
        "order_total_minor": 100_00,
        "currency": "EUR",
    } | changes


class TestConversions:
    def test_an_order_is_credited_and_explained(self, shop: Shop, town: Town, visit: str):
        answer = shop.post("/conversions", an_order(visit))

        assert answer.status_code == 201
        assert answer.json["credited_minor"] == 60_00
        assert answer.json["offer_id"] == town.offer.public_id
        assert answer.json["why"] == "This order counts with 60.00 EUR."
        assert answer.json["vested_at"] is None

    def test_a_retry_gets_the_first_answer(self, shop: Shop, visit: str):
        first = shop.post("/conversions", an_order(visit))
        again = shop.post("/conversions", an_order(visit))

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json == again.json

    def test_another_amount_under_the_same_reference_is_refused(self, shop: Shop, visit: str):
        shop.post("/conversions", an_order(visit))
        answer = shop.post("/conversions", an_order(visit, net_minor=61_00))

        assert answer.status_code == 409
        assert answer.content_type == "application/problem+json"
        assert answer.json["type"].endswith("/problems/order-ref-taken")

    def test_a_refund_is_exact_and_repeatable(self, shop: Shop, visit: str):
        order = shop.post("/conversions", an_order(visit)).json
        path = f"/conversions/{order['conversion_id']}/reversals"
        first = shop.post(path, {"reversal_ref": "R-1", "amount_minor": 20_00})
        again = shop.post(path, {"reversal_ref": "R-1", "amount_minor": 20_00})
        rest = shop.post(path, {"reversal_ref": "R-2"})

        assert [a.status_code for a in (first, again, rest)] == [201, 200, 201]
        assert first.json["credited_after_minor"] == 40_00
        assert rest.json["credited_after_minor"] == 0
        assert rest.json["conversion"]["refunded_minor"] == 60_00

    def test_another_brand_sees_neither_the_visit_nor_the_order(
        self,
        app: Flask,
        shop: Shop,
        visit: str,
        database: Database,
        partner_token: Tokens,
    ):
        order = shop.post("/conversions", an_order(visit)).json
        with database.transaction() as db:
            other = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        stranger = Shop(app, partner_token(other))

        assert stranger.post("/conversions", an_order(visit)).json["reason"] == "unknown_visit"
        answer = stranger.post(
            f"/conversions/{order['conversion_id']}/reversals", {"reversal_ref": "R"}
        )
        assert answer.status_code == 404


class TestCodes:
    def test_validation_says_yes_and_changes_nothing(self, shop: Shop, code: str):
        body = {"order_total_minor": 100_00, "currency": "EUR"}
        for _ in range(2):
            answer = shop.post(f"/codes/{code}/validation", body)
            assert answer.status_code == 200
            assert answer.json["discount_minor"] == 20_40

    def test_validation_says_no_with_a_stable_key(self, shop: Shop):
        answer = shop.post(
            "/codes/AAAA-BBBB-CCCC/validation", {"order_total_minor": 1, "currency": "EUR"}
        )

        assert answer.status_code == 422
        assert answer.json["key"] == "unknown"

    def test_a_reserved_code_is_redeemed_with_its_reservation(self, shop: Shop, code: str):
        held = shop.post("/reservations", a_use(code)).json
        refused = shop.post("/redemptions", a_use(code, order_ref="A-2"))
        used = shop.post("/redemptions", a_use(code, reservation_id=held["reservation_id"]))

        assert (refused.status_code, refused.json["key"]) == (422, "reserved_elsewhere")
        assert (used.status_code, used.json["discount_minor"]) == (201, 20_40)

    def test_a_redemption_is_rolled_back_and_shown(self, shop: Shop, code: str):
        used = shop.post("/redemptions", a_use(code)).json
        path = f"/redemptions/{used['redemption_id']}"
        part = shop.post(f"{path}/rollback", {"rollback_ref": "R-1", "amount_minor": 5_00})
        again = shop.post(f"{path}/rollback", {"rollback_ref": "R-1", "amount_minor": 5_00})
        rest = shop.post(f"{path}/rollback", {"rollback_ref": "R-2"})
        more = shop.post(f"{path}/rollback", {"rollback_ref": "R-3"})

        assert [a.status_code for a in (part, again, rest, more)] == [201, 200, 201, 409]
        assert (part.json["code_state"], rest.json["code_state"]) == ("redeemed", "issued")
        shown = shop.get(path)
        assert shown.json == rest.json["redemption"]
        assert shown.json["rolled_back_minor"] == 20_40
        late = shop.post("/redemptions", a_use(code))
        assert late.json["type"].endswith("/problems/redemption-ended")

    def test_redemptions_are_listed_newest_first(
        self, shop: Shop, code: str, database: Database, town: Town
    ):
        first = shop.post("/redemptions", a_use(code)).json
        shop.post(f"/redemptions/{first['redemption_id']}/rollback", {"rollback_ref": "R"})
        shop.post("/redemptions", a_use(code, order_ref="A-2"))

        page = shop.get("/redemptions?limit=1").json
        older = shop.get(f"/redemptions?limit=1&cursor={page['next_cursor']}").json
        assert [one["order_ref"] for one in page["items"]] == ["A-2"]
        assert [one["order_ref"] for one in older["items"]] == ["A-1"]
        assert older["next_cursor"] is None
        for asked in ("order_ref=A-1", "code=nothing"):
            found = shop.get(f"/redemptions?{asked}").json["items"]
            assert [one["order_ref"] for one in found] == (["A-1"] if "A-1" in asked else [])
        assert len(shop.get(f"/redemptions?code={code.lower()}").json["items"]) == 2
        with database.transaction() as db:
            other = codes.take(
                db,
                member_id=town.people["Bela"],
                offer_public_id=town.offer.public_id,
                event_id="b",
                value_minor=None,
                now=clock.now(),
            ).code
        shop.post("/redemptions", a_use(other, order_ref="A-3"))
        found = shop.get(f"/redemptions?code={other}").json["items"]
        assert [one["order_ref"] for one in found] == ["A-3"]
        assert shop.get("/redemptions?colour=red").status_code == 422

    def test_another_brand_sees_no_redemption(
        self, app: Flask, shop: Shop, code: str, database: Database, partner_token: Tokens
    ):
        used = shop.post("/redemptions", a_use(code)).json
        with database.transaction() as db:
            other = make.brand(db, "toms-tea", name="Tom's Tea", hosts=("tea.example",))
        stranger = Shop(app, partner_token(other))
        path = f"/redemptions/{used['redemption_id']}"

        assert stranger.get("/redemptions").json["items"] == []
        assert stranger.get(f"/redemptions?code={code}").json["items"] == []
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/rollback", {"rollback_ref": "R"}).status_code == 404

    def test_a_personal_code_needs_its_buyer(
        self, shop: Shop, town: Town, database: Database, app: Flask
    ):
        with app.app_context(), database.transaction() as db:
            mine = codes.take(
                db,
                member_id=town.people["Ada"],
                offer_public_id=town.offer.public_id,
                event_id="mine",
                value_minor=None,
                holder_hash=buyers.hash_of(town.brand_id, "customer-77"),
                now=clock.now(),
            ).code
        refused = shop.post("/redemptions", a_use(mine, buyer_ref="customer-78"))
        used = shop.post("/redemptions", a_use(mine, buyer_ref="customer-77"))

        assert (refused.status_code, refused.json["key"]) == (422, "holder_mismatch")
        assert refused.json["texts"]["de"].startswith("Dieser Code ist persönlich")
        assert used.status_code == 201

    def test_fifty_tills_over_http_redeem_once(self, shop: Shop, code: str, database: Database):
        with ThreadPoolExecutor(10) as threads:
            answers = list(
                threads.map(
                    lambda n: shop.post("/redemptions", a_use(code, order_ref=f"A-{n}")), range(50)
                )
            )

        assert Counter(a.status_code for a in answers) == {201: 1, 422: 49}
        assert {a.json["key"] for a in answers if a.status_code == 422} == {"already_redeemed"}
        with database.reading() as db:
            assert len(db.exec(select(Redemption)).all()) == 1


class TestIdempotencyKey:
    def test_replays_the_first_answer(self, shop: Shop, code: str):
        first = shop.post("/redemptions", a_use(code), key="k-1")
        again = shop.post("/redemptions", a_use(code), key="k-1")

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json == again.json
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_replays_a_refusal_even_when_the_world_has_changed(self, shop: Shop, visit: str):
        early = shop.post("/redemptions", a_use("AAAA-BBBB-CCCC"), key="k-1")
        again = shop.post("/redemptions", a_use("AAAA-BBBB-CCCC"), key="k-1")

        assert early.json == again.json
        assert again.content_type == "application/problem+json"
        assert shop.post("/conversions", an_order(visit), key="k-2").status_code == 201

    def test_refuses_another_request_under_the_same_key(self, shop: Shop, code: str):
        shop.post("/redemptions", a_use(code), key="k-1")
        answer = shop.post("/redemptions", a_use(code, order_ref="A-2"), key="k-1")

        assert answer.status_code == 409
        assert answer.json["type"].endswith("/problems/idempotency-key-reused")

    def test_knows_a_request_again_however_its_members_are_written(
        self, app: Flask, shop: Shop, code: str
    ):
        first = shop.post("/redemptions", a_use(code), key="k-1")
        written = json.dumps(dict(reversed(a_use(code).items())), indent=2)
        again = app.test_client().post(
            BASE + "/redemptions",
            data=written,
            content_type="application/json",
            headers=bearer(shop.token) | {"Idempotency-Key": "k-1"},
        )

        assert again.status_code == 201
        assert again.json == first.json

    def test_a_key_is_its_partners_own(
        self, app: Flask, shop: Shop, town: Town, visit: str, partner_token: Tokens
    ):
        other = Shop(app, partner_token(town.brand_id))
        shop.post("/conversions", an_order(visit), key="k-1")

        answer = other.post("/conversions", an_order(visit, order_ref="A-2"), key="k-1")
        assert answer.status_code == 201

    def test_many_at_once_have_one_effect_and_one_answer(
        self, shop: Shop, visit: str, database: Database
    ):
        with ThreadPoolExecutor(10) as threads:
            answers = list(
                threads.map(
                    lambda _: shop.post("/conversions", an_order(visit), key="k-1"), range(30)
                )
            )

        assert {a.status_code for a in answers} == {201}
        assert len({a.get_data() for a in answers}) == 1
        with database.reading() as db:
            rows = db.exec(select(Conversion).where(Conversion.order_ref == "A-1")).all()
        assert len(rows) == 1

    def test_must_be_visible_characters(self, shop: Shop, visit: str):
        answer = shop.post("/conversions", an_order(visit), key="with a space")

        assert answer.status_code == 422


class TestAccess:
    PATHS = (
        ("/conversions", "conversions:write"),
        ("/conversions/abcdefghijkm/reversals", "conversions:write"),
        ("/codes/AAAA/validation", "codes:validate"),
        ("/reservations", "codes:redeem"),
        ("/redemptions", "codes:redeem"),
    )

    @pytest.fixture
    def bodies(self) -> dict[str, object]:
        use, order = a_use("AAAA-BBBB-CCCC"), an_order()
        return {
            "/conversions": order,
            "/conversions/abcdefghijkm/reversals": {"reversal_ref": "R"},
            "/codes/AAAA/validation": {"order_total_minor": 1, "currency": "EUR"},
            "/reservations": use,
            "/redemptions": use,
        }

    def test_every_address_needs_its_scope(
        self, app: Flask, town: Town, partner_token: Tokens, bodies: dict[str, object]
    ):
        scopes = {"conversions:write", "codes:validate", "codes:redeem", "webhooks:manage"}
        for path, scope in self.PATHS:
            without = Shop(app, partner_token(town.brand_id, " ".join(scopes - {scope})))
            assert without.post(path, bodies[path]).status_code == 403
            answer = Shop(app, "not-a-token-at-all-but-long-enough").post(path, bodies[path])
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_the_token_of_a_person_is_not_a_partners(
        self, app: Flask, town: Town, app_token: Tokens, bodies: dict[str, object]
    ):
        ada = Shop(app, app_token(town.people["Ada"]))
        for path, _ in self.PATHS:
            assert ada.post(path, bodies[path]).status_code == 403


class TestBadInput:
    @pytest.mark.parametrize(
        "changes",
        [
            {"net_minor": "60"},
            {"net_minor": 0},
            {"net_minor": -1},
            {"net_minor": 1.5},
            {"net_minor": True},
            {"net_minor": 10**30},
            {"currency": "eur"},
            {"is_new_customer": "yes"},
            {"order_ref": ""},
            {"order_ref": "a\x00b"},
            {"order_ref": "x" * 101},
            {"ordered_at": "yesterday"},
            {"ordered_at": "2026-01-01T00:00:00"},
            {"ordered_at": 1_700_000_000},
            {"unknown": 1},
        ],
        ids=str,
    )
    def test_is_refused_with_a_pointer(self, shop: Shop, changes: dict[str, object]):
        answer = shop.post("/conversions", an_order(**changes))

        assert answer.status_code == 422
        assert answer.json["type"].endswith("/problems/invalid-body")
        assert answer.json["errors"][0]["pointer"] == f"/{next(iter(changes))}"

    @pytest.mark.parametrize("body", [None, [], 7, "text"])
    def test_is_refused_when_it_is_no_object(self, shop: Shop, body: object):
        assert shop.post("/conversions", body).status_code == 422

    def test_is_refused_when_it_is_no_json(self, app: Flask, shop: Shop):
        for data in (b"", b"{", b"\xff\xfe", b'{"order_ref": "\\ud800"}'):
            answer = app.test_client().post(
                BASE + "/conversions",
                data=data,
                content_type="application/json",
                headers=bearer(shop.token),
            )
            assert answer.status_code == 422

    def test_unknown_addresses_and_methods_are_problems_too(self, app: Flask):
        for answer, status in (
            (app.test_client().get(BASE + "/nothing"), 404),
            (app.test_client().get(BASE + "/reservations"), 405),
        ):
            assert answer.status_code == status
            assert answer.content_type == "application/problem+json"

    def test_nothing_at_all_makes_it_fall_over(self, shop: Shop):
        anything = st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        )
        members = ("order_ref", "net_minor", "currency", "is_new_customer", "code", "buyer_ref")

        @given(body=st.fixed_dictionaries({}, optional=dict.fromkeys(members, anything)))
        @profile(
            max_examples=60,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        def never_500(body: dict[str, object]) -> None:
            answer = shop.post("/conversions", an_order() | body)
            assert answer.status_code in {200, 201, 409, 422}

        never_500()


def test_a_bug_is_noted_and_says_nothing_of_itself(
    app: Flask, shop: Shop, visit: str, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(conversions, "report", broken)
    answer = shop.post("/conversions", an_order(visit), key="k-1")

    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
    monkeypatch.undo()
    assert shop.post("/conversions", an_order(visit), key="k-1").status_code == 201
