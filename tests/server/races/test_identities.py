"""Learning whose card it is, and ordering with it, at the same moment.

Whichever is first, in the end nobody has earned for their own order.
"""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from rewards.money import Money
from server.services import redemptions
from server.services.validations import Use
from server.store import visits
from server.store.connection import Database
from server.store.conversions import Conversion
from server.store.identities import IdentityKey, OwnIdentity
from tests import make
from tests.server.races.conftest import Market, Tally, open_market, unlike
from tests.server.races.crowd import at_once
from tests.server.races.deeds import Shop

CARD = "a1" * 32
ROUNDS, ORDERS = 8, 3


def order(
    database: Database, task: tuple[int, str, str | None, datetime]
) -> tuple[str, str | None]:
    """Order by a visit, with the card or with one of another; return why it does not count."""
    brand_id, token, card, now = task
    with database.transaction() as db:
        made = make.order(
            db, brand_id, "40.00", now=now, visit_token=token, payment_hash=card, order_ref=token
        )
    return "order", made.reason


def redeem(database: Database, task: tuple[Shop, str, datetime]) -> tuple[str, str | None]:
    """Use a code of Ada's with the card, at a till."""
    shop, code, now = task
    with database.transaction() as db:
        redemptions.redeem(
            db,
            client_id=shop.client_id,
            code=code,
            order_ref=f"till-{code}",
            use=Use(shop.brand_id, Money(100_00, "EUR")),
            buyer=make.known_by(db, shop.brand_id, now=now, payment_hash=CARD),
            now=now,
        )
    return "redemption", None


def act(database: Database, task: tuple[str, object]) -> tuple[str, str | None]:
    what, details = task
    return order(database, details) if what == "order" else redeem(database, details)


@pytest.fixture
def market(database: Database) -> Market:
    """Ada has enough payable for a code in every round."""
    return open_market(database, "2000.00")


@pytest.mark.parametrize("learns_by", ["a code", "an order"])
def test_nobody_earns_for_an_order_with_a_card_that_is_learnt_meanwhile(
    market: Market, database: Database, tally: Tally, learns_by: str
):
    successes, wrong = 0, []
    for number in range(ROUNDS):
        now = market.now + timedelta(days=200 * number)  # every round has keys of its own
        with database.transaction() as db:
            market.town.db = db
            link = market.town.links["Ada"]
            brand_id = market.town.brand_id
            tokens = [make.visit(db, link, now=now - timedelta(minutes=1)) for _ in range(ORDERS)]
            own = make.visit(db, link, now=now - timedelta(minutes=1))
            visits.find_by_token(db, own).friend_id = market.town.people["Ada"]
            make.known_by(db, brand_id, now=now, buyer_ref="an earlier buyer")  # its key is there
        orders = [("order", (brand_id, token, CARD, now)) for token in tokens]
        learning = ("order", (brand_id, own, CARD, now))
        if learns_by == "a code":
            market.now = now
            learning = ("redemption", (market.shop, market.code(5_00, f"e-{number}"), now))
        at_once(database, act, [*orders[:2], learning, *orders[2:]])
        with database.transaction() as db:
            make.pass_time(db, now + timedelta(minutes=1))
        with database.reading() as db:
            found = [
                (row.reason, row.credited_minor)
                for row in db.exec(select(Conversion))
                if row.order_ref in tokens
            ]
            learnt = len(db.exec(select(OwnIdentity)).all())
        wrong += unlike(found, [("own_order", 0)] * ORDERS)
        wrong += unlike(learnt > 0, expected=True)
        successes += sum(reason == "own_order" for reason, _ in found)
    wrong += market.wrong()

    tally(
        f"orders by one card, while {learns_by} tells that it is the sharer's",
        attempts=ROUNDS * ORDERS,
        successes=successes,
        wrong=wrong,
    )


def test_one_key_is_made_however_many_need_it_first(
    market: Market, database: Database, tally: Tally
):
    with database.transaction() as db:
        tokens = [
            make.visit(db, market.town.links["Ada"], now=market.now - timedelta(minutes=1))
            for _ in range(12)
        ]
    tasks = [
        (market.town.brand_id, token, f"{number:064x}", market.now)
        for number, token in enumerate(tokens)
    ]

    told = at_once(database, order, tasks)

    with database.reading() as db:
        keys = db.exec(select(IdentityKey)).all()
    tally(
        "first orders of a brand that say how they were paid",
        attempts=len(tasks),
        successes=sum(reason is None for _, reason in told),
        wrong=unlike(len(keys), 1),
    )
