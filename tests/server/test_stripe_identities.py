"""Own orders in Stripe Checkout: the customer's number and the card say who bought, as hashes."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from server import sealing
from server.services import codes, erasures
from server.store import stripe_accounts
from server.store.connection import Database
from server.store.identities import OrderIdentity, OwnIdentity
from server.store.stripe_events import StripeEvent
from tests import make
from tests.server import erased_person, stripe_world
from tests.server.stripe_world import KEY, Shop, session_event
from tests.stripe_server import StripeServer


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with StripeServer() as server:
        yield server


@pytest.fixture
def shop(database: Database, stripe: StripeServer) -> Iterator[Shop]:
    shop = stripe_world.found(database, stripe)
    shop.connect()
    shop.work()
    yield shop
    shop.means.stripe.close()


def visit(shop: Shop, name: str) -> str:
    """Let somebody arrive through a person's link."""
    with shop.open() as db:
        token = make.visit(db, shop.town.links[name], now=shop.town.now)
    shop.pass_time(timedelta(minutes=5))
    return token


def redeems(shop: Shop, name: str, *, card: str, order: str = "made") -> None:
    """Let a person pay with a code of theirs, by this card."""
    with shop.open() as db:
        taken = codes.take(
            db,
            member_id=shop.town.member(name),
            offer_public_id=shop.town.offer.public_id,
            event_id=f"{name} takes",
            value_minor=5_00,
            now=shop.town.now,
        )
    shop.work()
    shop.stripe.complete(shop.sells(), code=taken.code, card=card)
    shop.hear(order=order)
    shop.work()


def reason(shop: Shop, *, by: str, card: str) -> str | None:
    """Let somebody buy through a link, by this card; return why it counts for nobody."""
    session = shop.sells(client_reference_id=visit(shop, by))
    shop.stripe.complete(session, card=card)
    shop.hear()
    shop.work()
    found = shop.order(session)
    assert found is not None
    return found.reason


def test_the_card_with_which_somebody_used_a_code_is_theirs(shop: Shop):
    redeems(shop, "Ada", card="Ada's card")

    assert reason(shop, by="Ada", card="Ada's card") == "own_order"
    assert reason(shop, by="Bela", card="Ada's card") == "own_order", "Ada brought Bela"
    assert reason(shop, by="Ada", card="a friend's card") is None
    assert shop.wrong() == []


def test_the_order_of_events_changes_nothing(shop: Shop):
    redeems(shop, "Ada", card="Ada's card", order="reversed")

    assert reason(shop, by="Ada", card="Ada's card") == "own_order"


def test_a_late_payment_tells_its_card_when_it_is_paid(shop: Shop, stripe: StripeServer):
    redeems(shop, "Ada", card="Ada's card")
    session = shop.sells(client_reference_id=visit(shop, "Ada"))
    stripe.complete(session, "unpaid", card="Ada's card")
    shop.hear()
    shop.work()
    assert shop.order(session) is None

    stripe.settle(session, succeeded=True)
    shop.hear()
    shop.work()

    assert shop.order(session).reason == "own_order"


def test_a_pending_order_is_taken_back_when_its_card_turns_out_to_be_the_sharers(shop: Shop):
    session = shop.sells(client_reference_id=visit(shop, "Ada"))
    shop.stripe.complete(session, card="Ada's card")
    shop.hear()
    shop.work()
    assert shop.order(session).reason is None

    redeems(shop, "Ada", card="Ada's card")

    assert (shop.order(session).reason, shop.order(session).credited_minor) == ("own_order", 0)
    assert shop.wrong() == []
    shop.stripe.refund(session)
    shop.hear()
    shop.work()
    assert shop.order(session).refunded_minor == 120_00
    assert shop.wrong() == []


def test_an_order_does_not_wait_for_a_card_that_the_key_may_not_see(
    shop: Shop, stripe: StripeServer
):
    may = tuple(one for one in KEY if one != "charge_read")
    key = stripe.restricted_key(shop.account, *may)
    with shop.open() as db:
        row = stripe_accounts.live_of_brand(db, shop.town.brand_id)
        row.sealed_key = sealing.seal(shop.means.sealing_key, key)

    assert reason(shop, by="Ada", card="anybody's") is None


def test_a_shop_that_reports_by_itself_meets_the_same_card(shop: Shop):
    redeems(shop, "Ada", card="Ada's card")
    session = shop.sells(client_reference_id="cart")
    shop.stripe.complete(session, card="Ada's card")
    card = shop.stripe.charge_of(session)["payment_method_details"]["card"]["fingerprint"]
    token = visit(shop, "Ada")

    with shop.open() as db:
        order = make.order(
            db,
            shop.town.brand_id,
            "50.00",
            now=shop.town.now,
            visit_token=token,
            sealing_key=shop.means.sealing_key,
            payment_hash=hashlib.sha256(card.encode()).hexdigest(),
        )

    assert order.reason == "own_order"


def test_stripes_number_for_the_buyer_is_hashed_at_once_and_let_go_when_worked(shop: Shop):
    customer = "cus_AdaOrdersHere"
    event = session_event(
        shop,
        reference=visit(shop, "Ada"),
        customer=customer,
        amount_total=50_00,
        amount_subtotal=50_00,
    )
    shop.take_in(event)
    with shop.open() as db:
        (stored,) = [row for row in db.exec(select(StripeEvent)) if row.event_ref == "evt_1"]
        ((_, kind, hash_),) = stored.facts["buyer"]
    assert (kind, len(hash_)) == ("stripe_buyer", 64)

    shop.work()

    with shop.open() as db:
        (stored,) = [row for row in db.exec(select(StripeEvent)) if row.event_ref == "evt_1"]
        (kept,) = db.exec(select(OrderIdentity))
    assert "buyer" not in stored.facts
    assert (kept.kind, kept.hash) == ("stripe_buyer", hash_)
    assert erased_person.search(shop.database, {"customer": customer}).names == {}


def test_an_erased_buyer_is_taken_out_of_what_waits(shop: Shop):
    redeems(shop, "Ada", card="Ada's card")
    account_id = shop.view().id
    with shop.open() as db:
        own = db.exec(select(OwnIdentity)).first()
        waiting = [[own.key_id, own.kind, own.hash]]
        event = StripeEvent(
            account_id=account_id,
            event_ref="evt_waits",
            type="checkout.session.completed",
            facts={"buyer": waiting},
            happened_at=shop.town.now,
            received_at=shop.town.now,
        )
        db.add(event)
        db.flush()

        erasures.erase(db, member_id=shop.town.member("Ada"), now=shop.town.now)

        db.refresh(event)
        assert event.facts == {"buyer": []}
