"""The town of the races, and the table in which each race writes what it showed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from server.services import codes
from server.store import oauth_clients
from server.store.connection import Database
from tests import evidence, make
from tests.server import town as towns
from tests.server.races.deeds import Shop
from tests.server.town import NOON, Town


@dataclass
class Market:
    """A town where Ada has something to spend at ``now``, with a shop that takes her codes."""

    town: Town
    shop: Shop
    database: Database
    now: datetime

    def code(self, value_minor: int | None = None, event_id: str = "e") -> str:
        """Let Ada take a code, over everything that she can take if no value is said."""
        with self.database.transaction() as db:
            return codes.take(
                db,
                member_id=self.town.people["Ada"],
                offer_public_id=self.town.offer.public_id,
                event_id=event_id,
                value_minor=value_minor,
                now=self.now,
            ).code

    def wrong(self) -> list[str]:
        """Return what the books say is wrong."""
        with self.database.transaction() as db:
            self.town.db = db
            return self.town.wrong()


@pytest.fixture
def market(database: Database) -> Market:
    """Ada has 20.40 payable."""
    return open_market(database, "330.00")


def open_market(database: Database, sold: str, now: datetime = NOON) -> Market:
    """Open a market where friends of Ada bought for so much, long enough before now."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = now - timedelta(days=20)
        town.shares("Ada")
        town.orders(sold, through="Ada")
        town.time_passes()
        client = oauth_clients.find(db, make.partner(db, town.brand_id).client_id)
        return Market(town, Shop(client.id, town.brand_id), database, now)


def unlike(found: object, expected: object) -> list[str]:
    """Return what is wrong, as a list, to be counted."""
    return [] if found == expected else [f"expected {expected}, found {found}"]


Tally = Callable[..., None]


@pytest.fixture
def tally(record_property: evidence.Record, dialect: str) -> Tally:
    """Write what a race showed into the table, and fail when it showed anything wrong.

    ``tally("what raced", attempts=50, successes=1, wrong=[...])``
    """

    def written(race: str, *, attempts: int, successes: int, wrong: list[str]) -> None:
        record_property(evidence.RACE, [dialect, race, attempts, successes, len(wrong)])
        assert not wrong, "\n".join(wrong)

    return written
