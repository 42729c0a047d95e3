"""What a brand sees of people: many of them, rounded, as of midnight; never one of them.

Otto of Berta's Boots wants to know whether Ada shares his offer.  He looks as often as he likes,
before and after, and sends as many accounts of his own as he likes.
"""

from datetime import timedelta

import pytest

from server.services import figures
from server.services.figures import OfferFigures
from server.store import visits
from tests import make
from tests.server import town as towns
from tests.server.town import Town

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def town(db) -> Town:
    return towns.found(db)


def seen(town: Town) -> OfferFigures:
    """Return what Otto sees of the offer now."""
    return figures.of_offer(
        town.db, brand_id=town.brand_id, public_id=town.offer.public_id, now=town.now
    )


def of_people(town: Town) -> tuple[int | None, ...]:
    """Return the figures about people that Otto sees now."""
    found = seen(town)
    return found.people.total, found.shares, found.clicks, found.visits_verified


def crowd(town: Town, size: int) -> None:
    """Let so many others share, each with a friend who comes."""
    for number in range(size):
        come(town, f"Other{number}")


def come(town: Town, name: str) -> None:
    """Let somebody share, and a friend of theirs look at the page."""
    code = town.shares(name)
    make.visit(town.db, code, now=town.now, is_verified=True)
    town.time_passes(by=timedelta(minutes=1))


def test_books_add_up(town: Town):
    town.shares("Ada")
    town.shares("Bela", after="Ada")
    order = town.orders("120.00", through="Ada")
    town.orders("60.00", through="Bela")
    make.refund(town.db, town.brand_id, order, "20.00", now=town.now)
    town.time_passes()

    found = seen(town)

    assert found.orders == 2
    assert (found.net_minor, found.refunded_minor) == (180_00, 20_00)
    assert found.credited_minor == 160_00
    assert (found.pending_minor, found.payable_minor) == (0, 8_40)
    assert found.liability_minor + found.remaining_minor == found.budget_minor


def test_orders_that_count_for_nobody_say_why(town: Town):
    town.shares("Ada")
    token = make.visit(town.db, town.links["Ada"], now=town.now)
    visits.find_by_token(town.db, token).friend_id = town.member("Ada")
    town.db.flush()
    late = town.now + timedelta(days=31)
    for now, number in ((town.now + HOUR, "own-1"), (town.now + HOUR, "own-2"), (late, "late")):
        make.order(town.db, town.brand_id, "10.00", now=now, visit_token=token, order_ref=number)
    town.now += HOUR
    town.orders("60.00", through="Ada")

    (own, late_ones) = seen(town).refused

    assert own[0].startswith("The buyer is the owner of the link or somebody above them")
    assert late_ones == ("The order came after the attribution window of the link.", 1)
    assert own[1] == 2


def test_people_are_shown_from_20_on_and_rounded(town: Town):
    crowd(town, 19)
    town.now += DAY
    assert of_people(town) == (None, None, None, None)

    come(town, "Ada")
    town.now += DAY
    assert of_people(town) == (20, 20, 20, 20)

    for name in ("Bela", "Carl", "Dora"):
        come(town, name)
    town.now += DAY
    assert of_people(town) == (25, 25, 25, 25)


def test_nobody_is_seen_coming(town: Town):
    """Whoever watches hour by hour sees one number a day, so no moment tells who it was."""
    crowd(town, 22)
    town.now += DAY
    morning = of_people(town)

    come(town, "Ada")

    while town.now.date() == (town.now + HOUR).date():
        assert of_people(town) == morning
        town.now += HOUR
    assert seen(town).as_of.hour == 0


@pytest.mark.parametrize("others", range(30))
def test_one_person_more_or_less_changes_a_figure_by_a_step_or_not_at_all(db, others: int):
    """Otto takes the figures of two days from each other: he gets 0, 5, or nothing at all."""
    town = towns.found(db)
    crowd(town, others)
    town.now += DAY
    without = of_people(town)

    come(town, "Ada")
    town.now += DAY
    with_ada = of_people(town)

    for before, after in zip(without, with_ada, strict=True):
        assert (before is None and after in {None, 20}) or after - before in {0, 5}


def test_what_few_people_share_often_is_not_shown(town: Town):
    """Otto lets 19 accounts of his own share, and Ada 30 times: her shares do not stand out."""
    crowd(town, 18)
    for _ in range(30):
        come(town, "Ada")
    town.now += DAY
    assert seen(town).people.total is None
    assert seen(town).shares is None
