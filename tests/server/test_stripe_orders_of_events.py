"""Whatever order Stripe's events come in, and however often: the end is the same."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from server.gateways.stripe.events import TYPES
from server.store.cases import ReviewCase
from server.store.connection import Database
from server.store.stripe_payments import StripePayment
from tests import make
from tests.server import stripe_world
from tests.server.stripe_world import Shop
from tests.stripe_server import StripeServer


def events_of_a_story(shop: Shop, *, code: str | None, lost: bool) -> list[dict[str, Any]]:
    """Tell one story at Stripe: paid late, refunded twice in part, disputed; return its events."""
    with shop.open() as db:
        token = make.visit(db, shop.town.links["Ada"], now=shop.town.now)
    shop.pass_time(timedelta(minutes=5))
    before = len(shop.stripe.events)
    session = shop.sells(client_reference_id=token)
    shop.stripe.complete(session, "unpaid", code=code)
    shop.stripe.settle(session, succeeded=True)
    shop.stripe.refund(session, 20_00)
    shop.stripe.refund(session, 30_00)
    dispute = shop.stripe.dispute(session, 25_00)
    shop.stripe.close_dispute(str(dispute["id"]), "lost" if lost else "won")
    return [event for event in shop.stripe.events[before:] if event["type"] in TYPES]


def end_of(shop: Shop) -> tuple[object, ...]:
    """Return everything that the events have changed, without the names of rows."""
    with shop.open() as db:
        payment = list(db.exec(select(StripePayment)))[-1]
        case = list(db.exec(select(ReviewCase)))[-1]
        place = shop.town.place("Ada")
    order = shop.order(payment.session_ref)
    return (
        order.net_minor,
        order.refunded_minor,
        order.credited_minor,
        order.reason,
        payment.refunded_minor,
        payment.lost_minor,
        payment.reversed_minor,
        payment.difference,
        (case.state, case.outcome, case.evidence),
        place.pending_minor,
        place.payable_minor,
        [(p["active"], p["times_redeemed"]) for p in shop.promotions()],
    )


def play(database: Database, deliveries: list[int], *, with_code: bool, lost: bool) -> object:
    """Tell the story in a world of its own, deliver its events so, and return the end."""
    make.empty(database)
    with StripeServer() as stripe:
        shop = stripe_world.found(database, stripe)
        shop.connect()
        taken = shop.take(12_00).code if with_code else None
        shop.work()
        events = events_of_a_story(shop, code=taken, lost=lost)
        for number in [*deliveries, *range(len(events))]:
            shop.take_in(events[number % len(events)])
            if number % 2:
                shop.work()
        shop.work()
        shop.pass_time(timedelta(hours=1))  # what waited is woken at once, and its alarm comes late
        assert shop.wrong() == []
        assert shop.waiting() == []
        end = end_of(shop)
        shop.means.stripe.close()
        return end


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    deliveries=st.lists(st.integers(0, 20), max_size=12),
    with_code=st.booleans(),
    lost=st.booleans(),
)
def test_the_end_is_the_same(
    database: Database, deliveries: list[int], *, with_code: bool, lost: bool
):
    expected = play(database, [], with_code=with_code, lost=lost)

    assert play(database, deliveries, with_code=with_code, lost=lost) == expected
