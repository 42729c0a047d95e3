"""The nightly look reads the visits of 14 days, and compares networks by the key they share."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, select

from rewards import networks
from rewards.anomalies import Seen
from server.store import visit_evidence
from server.store.offers import Offer
from server.store.participants import Participant
from tests import make
from tests.server import town as towns

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(seconds=1)
CLICKED = {"network_even": b"even key", "network_odd": b"odd key ", "device": "Safari 17 iOS"}


def look(db: Session, town: towns.Town, now: datetime) -> list[list[Seen]]:
    """Return what is seen of each sharer."""
    offer_id = db.exec(select(Offer.id).where(Offer.title == "Winter boots")).one()
    found = visit_evidence.of_offer(db, offer_id=offer_id, now=now)
    order = {row.id: row.member_id for row in db.exec(select(Participant))}
    assert set(found) <= set(order)
    return [found[key] for key in sorted(found)]


def test_each_sharer_has_the_human_visits_of_14_days(db: Session):
    town = towns.found(db)
    town.shares("Ada")
    town.shares("Bela")
    make.visit(db, town.links["Ada"], now=NOON, **CLICKED)
    make.visit(db, town.links["Ada"], now=NOON + DAY, **CLICKED, engaged=True)
    make.visit(db, town.links["Bela"], now=NOON + 13 * DAY, **CLICKED, engaged=False)
    make.visit(db, town.links["Bela"], now=NOON)  # given in person: nobody clicked

    ada, bela = look(db, town, NOON + 14 * DAY - TICK)
    assert [(seen.engaged, seen.device) for seen in ada] == [
        (False, "Safari 17 iOS"),
        (True, "Safari 17 iOS"),
    ]
    assert ada[1].at_s - ada[0].at_s == 86_400
    assert [seen.engaged for seen in bela] == [False]

    later = look(db, town, NOON + 14 * DAY)
    assert [len(visits) for visits in later] == [1, 1], "14 days are over"
    assert look(db, town, NOON - TICK) == []


def test_networks_compare_by_the_older_key(db: Session):
    town = towns.found(db)
    town.shares("Ada")
    first = datetime.combine(date.fromordinal(28 * 26_426), NOON.time(), UTC)
    assert not networks.is_even_older(first.toordinal())
    make.visit(db, town.links["Ada"], now=first, **CLICKED)

    [[seen]] = look(db, town, first)
    assert seen.network == b"odd key ".hex()
    [[seen]] = look(db, town, first + 13 * DAY)
    assert seen.network == b"odd key ".hex()
    [[seen]] = look(db, town, first + 14 * DAY - TICK)
    assert seen.network == b"even key".hex()


def test_a_visit_without_an_address_has_no_network(db: Session):
    town = towns.found(db)
    town.shares("Ada")
    make.visit(db, town.links["Ada"], now=NOON, device="Safari 17 iOS")
    [[seen]] = look(db, town, NOON)
    assert seen == Seen(int(NOON.timestamp()), engaged=False, network=None, device="Safari 17 iOS")
