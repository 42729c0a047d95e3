"""The nightly look: every difference between Stripe and our ledger is seen, ours are repaired."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from server.jobs.sweep import sweep
from server.services import stripe_reconciliations
from server.services.stripe_reconciliations import ReconciliationView
from server.store import stripe_codes as mirror_store
from server.store import stripe_payments
from server.store.connection import Database
from server.store.stripe_events import StripeEvent
from server.store.stripe_reconciliations import StripeReconciliation
from tests import make
from tests.server import stripe_world
from tests.server.stripe_world import Shop
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


def look(shop: Shop) -> ReconciliationView:
    """Compare now, a little after everything else, and do what follows from it."""
    shop.pass_time(timedelta(minutes=10))
    with shop.open() as db:
        stripe_reconciliations.ask(db, brand_id=shop.town.brand_id, now=shop.town.now)
    shop.work()
    account_id = shop.view().id
    with shop.open() as db:
        found = stripe_reconciliations.newest(db, account_id=account_id)
    assert found is not None
    return found


def kinds(found: ReconciliationView) -> list[tuple[str, bool]]:
    return [(difference.kind, difference.is_repaired) for difference in found.differences]


def order(shop: Shop) -> str:
    with shop.open() as db:
        token = make.visit(db, shop.town.links["Ada"], now=shop.town.now)
    shop.pass_time(timedelta(minutes=5))
    session = shop.sells(client_reference_id=token)
    shop.stripe.complete(session)
    return session


def test_nothing_differs_when_nothing_was_lost(shop: Shop):
    taken = shop.take()
    shop.take()
    shop.work()
    session = shop.sells()
    shop.stripe.complete(session, code=taken.code)
    shop.stripe.refund(session, 10_00)
    shop.hear()
    shop.work()

    found = look(shop)
    assert found.differences == ()
    assert found.counts == {
        "events": 2,
        "promotion codes": 2,
        "coupons": 1,
        "refunded payments": 1,
    }


def test_events_that_never_came_are_fetched_and_worked(shop: Shop):
    session = order(shop)
    shop.stripe.refund(session, 20_00)

    found = look(shop)
    assert kinds(found) == [("event_missed", True), ("event_missed", True)]
    assert shop.order(session).refunded_minor == 20_00
    assert look(shop).differences == ()
    assert shop.wrong() == []


def test_a_promotion_code_that_was_switched_off_there_is_switched_on_again(shop: Shop):
    shop.take()
    shop.work()
    (promotion,) = shop.promotions()
    client = shop.means.stripe.reach(stripe_world.whole_access(shop))
    client.v1.promotion_codes.update(str(promotion["id"]), {"active": False})

    assert kinds(look(shop)) == [("missing_there", True)]
    assert [promotion["active"] for promotion in shop.promotions()] == [True]
    assert look(shop).differences == ()


def test_one_that_works_there_and_not_here_is_switched_off(shop: Shop):
    taken = shop.take()
    shop.work()
    with shop.open():
        shop.till().redeem(taken.code)
    shop.work()
    (promotion,) = shop.promotions()
    client = shop.means.stripe.reach(stripe_world.whole_access(shop))
    client.v1.promotion_codes.update(str(promotion["id"]), {"active": True})

    assert kinds(look(shop)) == [("active_there", True)]
    assert [promotion["active"] for promotion in shop.promotions()] == [False]


def test_what_a_restored_backup_does_not_know_is_taken_from_stripe(shop: Shop):
    shop.take()
    shop.work()
    with shop.open() as db:
        for row in db.exec(select(mirror_store.StripeCode)):
            db.delete(row)
    client = shop.means.stripe.reach(stripe_world.whole_access(shop))
    client.v1.promotion_codes.update(str(shop.promotions()[0]["id"]), {"active": False})

    assert kinds(look(shop)) == [("missing_there", True)]
    assert [promotion["active"] for promotion in shop.promotions()].count(True) == 1


def test_a_use_of_which_we_never_heard_is_told_and_no_second_one_is_given(shop: Shop):
    taken = shop.take()
    shop.work()
    shop.stripe.complete(shop.sells(), "unpaid", code=taken.code)

    found = look(shop)
    assert ("used_there", False) in kinds(found)
    assert len(shop.promotions()) == 1


def test_refunds_without_their_events_are_booked(shop: Shop):
    session = order(shop)
    shop.hear()
    shop.work()
    shop.stripe.refund(session, 20_00)
    for event in shop.stripe.events:
        shop.take_in(event | {"livemode": True})  # so that it is known, and ignored

    found = look(shop)
    assert ("refunded_more_there", True) in kinds(found)
    assert shop.order(session).refunded_minor == 20_00


def test_more_refunded_here_than_there_is_told(shop: Shop):
    session = order(shop)
    shop.stripe.refund(session, 20_00)
    shop.hear()
    shop.work()
    account_id = shop.view().id
    with shop.open() as db:
        (payment,) = stripe_payments.ours(db, account_id)
        payment.refunded_minor = 30_00

    assert kinds(look(shop)) == [("refunded_less_there", False)]


def test_what_was_noted_when_it_came_in_is_told(shop: Shop):
    taken = shop.take()
    shop.work()
    session = shop.sells()
    with shop.open():
        shop.till().redeem(taken.code)
    shop.stripe.complete(session, code=taken.code)
    shop.hear()
    shop.work()

    found = look(shop)
    assert kinds(found) == [("payment", False)]
    assert "could not be used (already_redeemed)" in found.differences[0].sentence


def test_a_promotion_code_with_our_mark_that_is_no_code_here_is_told(shop: Shop):
    shop.take()
    shop.work()
    client = shop.means.stripe.reach(stripe_world.whole_access(shop))
    client.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": str(shop.coupons()[0]["id"])},
            "code": "FORGED",
            "metadata": {"fanfare_code": "FORGED"},
        }
    )

    assert kinds(look(shop)) == [("unknown_there", False)]


def test_every_account_is_looked_at_once_a_day(shop: Shop, database: Database):
    for hours in (1, 12, 12, 12, 12, 12):
        shop.town.now += timedelta(hours=hours)
        shop.stripe.now = shop.town.now
        sweep(database, now=shop.town.now)
        shop.work()

    with database.reading() as db:
        assert len(db.exec(select(StripeReconciliation)).all()) == 2
    assert shop.waiting() == []


def test_what_is_old_is_forgotten(shop: Shop, database: Database):
    shop.stripe.complete(shop.sells(client_reference_id="cart-1"))
    look(shop)
    sweep(database, now=shop.town.now + timedelta(days=91))

    with database.reading() as db:
        assert db.exec(select(StripeReconciliation)).all() == []
        assert db.exec(select(StripeEvent)).all() == []


def test_long_lists_are_paged_through(shop: Shop):
    for _ in range(130):
        shop.take()
    shop.work()

    found = look(shop)
    assert (found.counts["promotion codes"], found.differences) == (130, ())
