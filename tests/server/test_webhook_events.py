"""Everything that brands are told, in one story; and the documents that say so."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from server import clock
from server.services import cases, codes, events, reservations
from server.store import conversions
from server.store.cases import CaseKind
from server.store.connection import Database
from server.store.webhook_deliveries import WebhookEvent
from server.store.webhook_endpoints import WebhookEndpoint
from tests import make
from tests.house.code import ROOT
from tests.server import town as towns
from tests.server.post_office import PostOffice, redemption
from tests.server.receivers import receiving
from tests.server.till import Till, take
from tests.server.town import Town

API = (ROOT / "docs" / "API.md").read_text()
_EXAMPLE = re.compile(r"^\*\*`([a-z._]+)`\*\*: .+\n\n```json\n(.+)\n```", re.MULTILINE)
EXAMPLES = {type_: json.loads(data) for type_, data in _EXAMPLE.findall(API)}


@pytest.fixture
def town(db) -> Town:
    """Ada has 20.40 payable, and somebody listens to everything from here on."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("330.00", through="Ada")
    town.time_passes()
    db.add(
        WebhookEndpoint(
            public_id="listener",
            brand_id=town.brand_id,
            url="https://shop.example/",
            secret="x",
            created_at=town.now,
        )
    )
    db.flush()
    return town


@pytest.fixture
def told(db):
    """Return what was told since this was asked last: types, or everything of one type."""
    seen = 0

    def since() -> list[WebhookEvent]:
        nonlocal seen
        rows = db.exec(select(WebhookEvent).where(WebhookEvent.id > seen)).all()
        seen = max([seen, *(row.id for row in rows)])
        return sorted(rows, key=lambda row: row.id)

    return since


def types(rows: list[WebhookEvent]) -> list[str]:
    return [row.type for row in rows]


class TestStory:
    def test_a_code_from_its_grant_to_its_end(self, town: Town, told):
        till = Till.of(town)
        code = take(town, 10_00)
        take(town, 10_00)
        (granted,) = told()
        assert granted.type == "grant.created"
        assert granted.data["code_ending"] == code.code[-4:]
        assert code.code not in json.dumps(granted.data), "nobody else may use it yet"

        held = till.reserve(code.code)
        till.reserve(code.code)
        till.release(held)
        till.release(held)
        assert types(told()) == ["code.reserved", "code.released"]

        till.reserve(code.code, "A-2")
        town.now += timedelta(minutes=16)
        reservations.end(town.db, reservation_id=2, now=town.now)
        assert types(told()) == ["code.reserved", "code.released"]

        used = till.redeem(code.code, "A-3")
        till.redeem(code.code, "A-3")
        (redeemed,) = told()
        assert (redeemed.type, redeemed.data["redemption_id"]) == (
            "redemption.created",
            used.public_id,
        )
        till.roll_back(used, 4_00, "R-1")
        till.roll_back(used, 4_00, "R-1")
        till.roll_back(used, None, "R-2")
        first, second = told()
        assert {first.type, second.type} == {"redemption.rolled_back"}
        assert (first.data["amount_minor"], second.data["amount_minor"]) == (4_00, 6_00)
        assert (first.data["code_state"], second.data["code_state"]) == ("redeemed", "issued")

        town.time_passes(timedelta(days=400))
        assert types(told()) == ["code.expired"]

    def test_a_hold_that_becomes_a_use_is_not_released(self, town: Town, told):
        till, code = Till.of(town), take(town, 10_00)
        held = till.reserve(code.code)
        told()
        till.redeem(code.code, reservation_id=held.public_id)
        town.time_passes(timedelta(minutes=16))
        assert types(told()) == ["redemption.created"]

    def test_a_code_that_is_revoked_or_put_back(self, town: Town, told):
        first, second = take(town, 10_00), take(town, 10_00, "e-2")
        told()
        for _ in range(2):
            codes.revoke(
                town.db,
                brand_id=town.brand_id,
                code=first.code,
                actor="member:1",
                reason="It leaked",
                now=town.now,
            )
            codes.give_back(town.db, member_id=town.member("Ada"), code=second.code, now=town.now)
        rows = told()
        assert types(rows) == ["code.revoked", "code.revoked"]
        assert [row.data["code"] for row in rows] == [first.code, second.code]

    def test_an_order_that_vests_and_is_refunded(self, town: Town, told):
        order = town.orders("120.00", through="Ada", order_ref="A-9")
        make.order(town.db, town.brand_id, "50.00", now=town.now, order_ref="A-10")
        rows = told()
        assert types(rows) == ["conversion.created"] * 2
        assert [row.data["reason"] for row in rows] == [None, "no_evidence"]
        town.time_passes()
        (vested,) = told()
        assert (vested.type, vested.data["order_ref"]) == ("conversion.vested", "A-9")
        for _ in range(2):
            make.refund(
                town.db, town.brand_id, order, "20.00", reversal_ref="refund-1", now=town.now
            )
        (reversed_,) = told()
        assert reversed_.type == "conversion.reversed"
        assert (reversed_.data["refunded_minor"], reversed_.data["net_minor"]) == (20_00, 120_00)

    def test_a_case_that_is_opened_and_closed(self, town: Town, told):
        order = town.orders("120.00", through="Ada")
        row = conversions.find_by_public_id(
            town.db, brand_id=town.brand_id, public_id=order.public_id
        )
        told()
        about = {"brand_id": town.brand_id, "kind": CaseKind.DISPUTE, "source_ref": "dp_1"}
        for _ in range(2):
            cases.open_about(
                town.db,
                **about,
                conversion_id=row.id,
                amount_minor=120_00,
                evidence=["The bank says that the card was stolen."],
                opened_at=town.now,
                now=town.now,
            )
        for _ in range(2):
            cases.close(town.db, **about, outcome="won", closed_at=town.now, now=town.now)
        opened, closed = told()
        assert (opened.type, opened.data["outcome"]) == ("case.opened", None)
        assert (closed.type, closed.data["outcome"]) == ("case.closed", "won")
        assert opened.data["conversion_id"] == order.public_id
        assert opened.data["case_id"] == closed.data["case_id"]
        assert closed.data.keys() == EXAMPLES["case.closed"].keys()

    def test_what_is_told_has_the_documented_shape(self, town: Town, told):
        till, code = Till.of(town), take(town, 10_00)
        till.roll_back(till.redeem(code.code), 1_00)
        town.orders("120.00", through="Ada")
        for row in told():
            example = EXAMPLES[row.type]
            assert row.data.keys() == example.keys()
            for name, value in row.data.items():
                if value is not None and example[name] is not None:
                    assert type(value) is type(example[name]), (row.type, name)


class TestDocuments:
    def test_have_an_example_of_every_event_with_its_members(self):
        assert list(EXAMPLES) == list(events.ALL)
        for type_, kind in events.ALL.items():
            assert list(EXAMPLES[type_]) == events.members_of(kind), type_

    @pytest.mark.parametrize("name", ["is_from_fanfare", "event_of"])
    def test_check_signatures_as_written(self, database: Database, name: str):
        (code,) = (
            block
            for block in re.findall(r"```python\n(.+?)```", API, re.DOTALL)
            if f"def {name}" in block
        )
        known: dict[str, Any] = {}
        exec(code, known)  # noqa: S102 - our own document
        with database.transaction() as db:
            office = PostOffice(database, make.brand(db), clock.now())
        with receiving() as shop:
            made = office.add(shop.url)
            office.happens(redemption())
            office.sends()
        (request,) = shop.requests
        secret, other = office.secrets[made.public_id], "whsec_" + "A" * 44
        good = known[name](secret, request.headers, request.body)
        assert good is True or good == request.event
        late = request.headers | {"webhook-timestamp": "1893499200"}
        assert not known[name](other, request.headers, request.body)
        assert not known[name](secret, request.headers, request.body + b" ")
        assert not known[name](secret, late, request.body)
