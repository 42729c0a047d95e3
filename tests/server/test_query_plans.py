"""Questions about codes, shares and content find their rows by an index, however many there are.

A request is sent, and every statement that it sends to the database is explained.  PostgreSQL reads
small tables whole on purpose: it is told to search as it would in large ones, and judged by those
that hold something.  SQLite is judged by all of them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, insert, literal, select, text

from rewards.money import Money
from server import clock
from server.services import content_shelves, reservations
from server.services.validations import Use
from server.store import offers, participants, tables
from server.store.connection import Database
from server.store.content_items import ContentItem, ContentKind, ContentState
from server.store.content_unlocks import ContentOpening, ContentUnlock
from server.store.identities import OrderIdentity, OwnIdentity
from tests import make
from tests.bench import world
from tests.server import shelf
from tests.server import town as towns
from tests.server.conftest import SignIn, Tokens, bearer
from tests.server.till import take

V1 = "/api/partner/v1"
FILLED = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 0"
LOOKS_ELSEWHERE = {"Bitmap Heap Scan", "ModifyTable"}
"""Nodes of a plan that name a table and leave the search to the nodes below them."""
ORDER = {"order_total_minor": 100_00, "currency": "EUR"}


class Shop:
    """A partner's back end with one code, which learns how its requests are answered."""

    def __init__(self, database: Database, client: FlaskClient, token: str, code: str) -> None:
        self.code = code
        self._database, self._client, self._headers = database, client, bearer(token)

    def plan(self, method: str, path: str, **body: object) -> list[str]:
        """Send a request that succeeds; return how each table was searched, and ``SORT``."""
        with heard() as asked:
            self.answer = self._client.open(
                V1 + path, method=method, json=body or None, headers=self._headers
            )
        assert self.answer.status_code in {200, 201}, self.answer.text
        return explain(self._database, asked)

    def redeem(self) -> list[str]:
        return self.plan("POST", "/redemptions", code=self.code, order_ref="A-1", **ORDER)


@contextmanager
def heard() -> Iterator[list[tuple[str, Any]]]:
    """Listen to every statement that is sent to a database."""
    asked: list[tuple[str, Any]] = []

    def hear(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def explain(database: Database, asked: list[tuple[str, Any]]) -> list[str]:
    """Return how each table was searched, statement by statement."""
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        steps = _steps_on_sqlite if database.dialect == "sqlite" else _steps_on_postgresql
        return [
            step
            for statement, values in asked
            if re.match("SELECT|UPDATE|DELETE|WITH", statement)
            for step in steps(connection, statement, values)
        ]


def _steps_on_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        how, _, rest = row.detail.partition(" ")
        if row.detail == "USE TEMP B-TREE FOR ORDER BY":
            yield "SORT"
        elif how == "SEARCH" or (how == "SCAN" and rest.split()[0] in tables.METADATA.tables):
            yield row.detail


def _steps_on_postgresql(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
    waiting = [explained.scalar_one()[0]["Plan"]]
    filled = set(connection.exec_driver_sql(FILLED).scalars())
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if node["Node Type"] == "Sort":
            yield "SORT"
        elif condition := node.get("Index Cond"):
            yield f"SEARCH by {node['Index Name']} {condition}"
        elif node.get("Relation Name") in filled and node["Node Type"] not in LOOKS_ELSEWHERE:
            yield f"SCAN all of {node['Relation Name']}"


def scans(plan: list[str]) -> list[str]:
    """Return where a whole table or index is read."""
    assert plan, "the request asked nothing"
    return [step for step in plan if step.startswith("SCAN")]


@pytest.fixture
def crowd(database: Database) -> world.World:
    """Return another brand, to which nearly all rows belong; some of its codes are held."""
    crowd = world.fill(database, 2 * world.SIZE_LEAST)
    with database.transaction() as db:
        use = Use(crowd.brand_id, Money(100_00, "EUR"))
        for code in crowd.fresh[1:50]:
            reservations.reserve(
                db, client_id=crowd.client_id, code=code, order_ref=code, use=use, now=clock.now()
            )
        if database.dialect == "postgresql":  # it would by itself, a little later
            db.execute(text("ANALYZE reservation"))
    return crowd


@pytest.fixture
def large_shop(database: Database, client: FlaskClient, crowd: world.World) -> Shop:
    return Shop(database, client, crowd.token, crowd.fresh[0])


@pytest.fixture
def shop(
    database: Database, client: FlaskClient, crowd: world.World, partner_token: Tokens
) -> Shop:
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now() - 2 * towns.AFTER_THE_WINDOW
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
        code = take(town).code
    return Shop(database, client, partner_token(town.brand_id), code)


def test_checking_and_holding_a_code_scans_nothing(shop: Shop):
    assert scans(shop.plan("POST", f"/codes/{shop.code}/validation", **ORDER)) == []
    use = {"code": shop.code, "order_ref": "A-1", **ORDER}
    assert scans(shop.plan("POST", "/reservations", **use)) == []
    assert scans(shop.redeem()) == []


def test_redeeming_a_code_and_rolling_it_back_scans_nothing(large_shop: Shop):
    assert scans(large_shop.redeem()) == []
    redemption = large_shop.answer.json["redemption_id"]
    assert scans(large_shop.redeem()) == []
    assert large_shop.answer.status_code == 200, "the same again"
    path = f"/redemptions/{redemption}/rollback"
    plan = large_shop.plan("POST", path, rollback_ref="R-1")
    assert scans(plan) == []
    assert any("public_id" in step for step in plan), plan


@pytest.fixture
def visits(database: Database, shop: Shop) -> list[str]:
    """Return two visits by Ada's link, where the hashes of many others are kept."""
    assert shop.code
    with database.transaction() as db:
        members, orders = (
            db.execute(select(table.c.id).limit(300)).scalars().all()
            for table in (tables.METADATA.tables[name] for name in ("member", "conversion"))
        )
        known = make.known_by(db, 1, now=clock.now(), buyer_ref="somebody else")
        kept = {"key_id": known[0].key_id, "kind": "buyer", "learnt_at": clock.now()}
        db.add_all(OwnIdentity(**kept, member_id=one, hash=f"{one:064x}") for one in members)
        del kept["learnt_at"]
        db.add_all(OrderIdentity(**kept, conversion_id=one, hash=f"{one:064x}") for one in orders)
        db.flush()
        if database.dialect == "postgresql":
            for name in ("own_identity", "order_identity"):
                db.execute(text(f"ANALYZE {name}"))
        place = tables.METADATA.tables["share"].c
        link = db.execute(select(place.code).order_by(place.id.desc()).limit(1)).scalar_one()
        return [make.visit(db, link, now=clock.now() - timedelta(hours=1)) for _ in range(2)]


def test_an_order_that_says_who_bought_scans_nothing(shop: Shop, visits: list[str]):
    """The first is pending when the second teaches that its card is Ada's."""
    order = {"net_minor": 60_00, "currency": "EUR", "is_new_customer": True}
    order["payment_hash"] = "a1" * 32

    for number, evidence in enumerate(
        ({"visit_token": visits[0]}, {"code": shop.code}, {"visit_token": visits[1]})
    ):
        plan = shop.plan("POST", "/conversions", order_ref=f"A-{number}", **order, **evidence)
        assert scans(plan) == []
        assert any("identit" in step for step in plan), plan

    assert shop.answer.json["reason"] == "own_order"


def test_listing_redemptions_scans_nothing(shop: Shop):
    shop.redeem()
    for query in ("", "?limit=1", "?order_ref=A-1", f"?code={shop.code}"):
        plan = shop.plan("GET", f"/redemptions{query}")
        assert scans(plan) == []
        assert "SORT" not in plan or "code=" in query, "a page is read in its order"
        assert shop.answer.json["items"][0]["order_ref"] == "A-1"


def test_an_order_is_found_without_reading_all_redemptions_of_its_brand(large_shop: Shop):
    plan = large_shop.plan("GET", "/redemptions?order_ref=used-1")
    assert any("redemptions_of_an_order" in step and "order_ref" in step for step in plan), plan


def test_the_picture_of_a_share_scans_nothing_and_asks_no_more_for_a_larger_branch(
    database: Database, client: FlaskClient, crowd: world.World, sign_in: SignIn
):
    assert crowd.brand_id
    with database.transaction() as db:
        town = towns.found(db)
        town.now = clock.now() - towns.AFTER_THE_WINDOW
        link = town.shares("Ada")
    sign_in(client, "ada")
    assert client.get(f"/shares/{link}").status_code == 200
    with heard() as few:
        assert client.get(f"/shares/{link}").status_code == 200
    with database.transaction() as db:
        town = replace(town, db=db)
        for number in range(6):
            town.shares(f"Friend {number}", after="Ada")
            town.shares(f"Friend of {number}", after=f"Friend {number}")
    with heard() as many:
        assert client.get(f"/shares/{link}").status_code == 200
    assert len(many) == len(few) + 1, "the sum over others is asked for once there is one"
    assert scans(explain(database, many)) == []


@pytest.fixture
def library(database: Database, crowd: world.World) -> towns.Town:
    """Return a town where Ada has reached one item, beside a brand where all have very many."""
    now = clock.now()
    with database.transaction() as db:
        place = participants.Participant
        for offer_id in set(db.execute(select(place.offer_id)).scalars()):
            db.add_all(
                ContentItem(
                    public_id=f"item {offer_id}-{number}"[:12],
                    brand_id=crowd.brand_id,
                    offer_id=offer_id,
                    title="One of many",
                    kind=ContentKind.MARKDOWN,
                    body="Words.",
                    threshold_visits=1 + number,
                    state=ContentState.PUBLISHED,
                    created_at=now,
                    published_at=now,
                )
                for number in range(20)
            )
        db.flush()
        theirs = select(
            ContentItem.id,
            place.id,
            literal(now, ContentUnlock.unlocked_at.type),
            *[literal(20)] * 2,
        ).join(place, place.offer_id == ContentItem.offer_id)
        names = ["item_id", "participant_id", "unlocked_at", "reach_visits", "needed_visits"]
        db.execute(insert(ContentUnlock).from_select(names, theirs.where(place.id % 20 == 0)))
        opened = select(ContentUnlock.id, ContentUnlock.unlocked_at)
        db.execute(insert(ContentOpening).from_select(["unlock_id", "first_opened_at"], opened))
        if database.dialect == "postgresql":
            for name in ("content_item", "content_unlock", "content_opening"):
                db.execute(text(f"ANALYZE {name}"))
        town = towns.found(db)
        town.shares("Ada")
        shelf.gives(town, takes=2)
        shelf.gives(town, takes=9, title="The next")
        shelf.visited(town, "Ada", 2)
        return town


def test_a_shelf_and_its_reader_scan_nothing(database: Database, library: towns.Town):
    ada = library.people["Ada"]
    with database.transaction() as db, heard() as asked:
        offer = offers.find_by_public_id(db, library.offer.public_id)
        place = participants.find_by_member(db, offer_id=offer.id, member_id=ada)
        mine, following = content_shelves.of_participant(db, place)
        found = {"member_id": ada, "public_id": mine.public_id}
        content_shelves.find(db, **found)
        assert content_shelves.open_first(db, **found, now=library.now)
        assert content_shelves.find(db, **found).body
    assert (mine.is_unlocked, following.is_unlocked) == (True, False)
    plan = explain(database, asked)
    assert scans(plan) == []
    for column in ("public_id", "offer_id", "participant_id", "unlock_id"):
        assert any(column in step for step in plan), column


def test_a_visit_finds_what_it_opens_without_scanning(database: Database, library: towns.Town):
    with database.transaction() as db, heard() as asked:
        library.db = db
        shelf.visited(library, "Ada", 7)
    content = [(words, values) for words, values in asked if "content_" in words]
    assert content
    assert scans(explain(database, content)) == []
