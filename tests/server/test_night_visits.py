"""A night reads the human visits of its period, and compares networks by the key they share."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, select

from rewards import networks
from rewards.anomalies import Seen
from server.store import night_visits
from server.store.offers import Offer
from tests import make
from tests.server import town as towns
from tests.server.town import Town

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(seconds=1)
CLICKED = {"network_even": b"even key", "network_odd": b"odd key ", "device": "Safari 17 iOS"}


def look(db: Session, until: datetime) -> list[list[Seen]]:
    """Return what a night sees of each sharer."""
    offer_id = db.exec(select(Offer.id)).one()
    period = {"offer_id": offer_id, "since": until - 14 * DAY, "until": until}
    who = night_visits.sharers(db, **period)
    found = night_visits.of_participants(db, who, **period)
    return [found[one] for one in who]


def shared_by(db: Session, *names: str) -> Town:
    town = towns.found(db)
    for name in names:
        town.shares(name)
    return town


def test_each_sharer_has_the_human_visits_of_14_days(db: Session):
    town = shared_by(db, "Ada", "Bela")
    make.visit(db, town.links["Ada"], now=NOON, **CLICKED)
    make.visit(db, town.links["Ada"], now=NOON + DAY, **CLICKED, engaged=True)
    make.visit(db, town.links["Bela"], now=NOON + 13 * DAY, **CLICKED, engaged=False)
    make.visit(db, town.links["Bela"], now=NOON)  # given in person: nobody clicked

    ada, bela = look(db, NOON + 14 * DAY)
    ada.sort(key=lambda seen: seen.at_s)
    assert [(seen.engaged, seen.device) for seen in ada] == [
        (False, "Safari 17 iOS"),
        (True, "Safari 17 iOS"),
    ]
    assert ada[1].at_s - ada[0].at_s == 86_400
    assert [seen.engaged for seen in bela] == [False]

    assert [len(visits) for visits in look(db, NOON + 14 * DAY + TICK)] == [1, 1], (
        "14 days are over"
    )
    assert look(db, NOON) == []


def test_networks_compare_by_the_older_key_of_the_night(db: Session):
    town = shared_by(db, "Ada")
    first = datetime.combine(date.fromordinal(28 * 26_426), NOON.time(), UTC)
    assert not networks.is_even_older(first.toordinal())
    make.visit(db, town.links["Ada"], now=first, **CLICKED)

    midnight = datetime.combine(first, datetime.min.time(), UTC)
    for days, key in ((1, b"odd key "), (13, b"odd key "), (14, b"even key")):
        [[seen]] = look(db, midnight + days * DAY)
        assert seen.network == key.hex(), f"the night after {days} days"


def test_a_visit_without_an_address_has_no_network(db: Session):
    town = shared_by(db, "Ada")
    make.visit(db, town.links["Ada"], now=NOON, device="Safari 17 iOS")
    [[seen]] = look(db, NOON + DAY)
    assert seen == Seen(int(NOON.timestamp()), engaged=False, network=None, device="Safari 17 iOS")
