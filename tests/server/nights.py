"""An offer with audiences, and nights that look at them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import insert
from sqlmodel import Session, select

from rewards.anomalies import Seen
from server import tokens
from server.jobs import integrity
from server.jobs.sweep import sweep
from server.store import offers as offer_store
from server.store import participants
from server.store import shares as share_store
from server.store.connection import Database
from server.store.findings import Finding
from server.store.integrity_cases import IntegrityCase
from server.store.integrity_nights import IntegrityNight
from server.store.visits import Visit
from tests.rewards.traffic import honest
from tests.server import town as towns
from tests.server.town import Town

MIDNIGHT = datetime(2030, 1, 16, tzinfo=UTC)
"""The end of the first 14 days that are looked at; it has an hour to settle."""
DAYS = timedelta(days=1)
TWO = MIDNIGHT + timedelta(hours=2)
CROWD = 40
"""How many honest sharers are beside the one of the story."""


@dataclass
class Nights:
    """The town, whose visits are written as the click process and the worker leave them."""

    database: Database
    brand_id: int
    offer: object
    people: dict[str, int]
    links: dict[str, str]
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - it must repeat

    def town(self, db: Session, now: datetime) -> Town:
        return Town(db, self.brand_id, self.offer, now, self.people, self.links)

    def audience(self, name: str, visits: list[Seen], *, until: datetime = MIDNIGHT) -> None:
        """Let a person share, if they do not yet, and let these visits come in 14 days."""
        begin = until - timedelta(days=14)
        with self.database.transaction() as db:
            if name not in self.links:
                self.town(db, towns.NOON - timedelta(days=20)).shares(name)
            share = share_store.find_by_code(db, self.links[name])
            rows = [self._row(share, seen, begin) for seen in visits if seen.at_s < 14 * 86_400]
            if rows:
                db.execute(insert(Visit), rows)

    def crowd(self, count: int = CROWD) -> None:
        """Let honest audiences come to many others, so that it is known what is usual."""
        for number in range(count):
            self.audience(f"Nobody {number}", honest(self.random))

    def night(self, now: datetime = TWO) -> None:
        """Let the worker go round once."""
        sweep(self.database, now=now)

    def check(self, now: datetime = TWO) -> None:
        """Let the worker only look."""
        integrity.run(self.database, now=now)

    def findings(self, name: str | None = None) -> list[Finding]:
        """Return what was found, oldest first."""
        with self.database.reading() as db:
            wanted = select(Finding).order_by(Finding.id)
            if name is not None:
                wanted = wanted.where(Finding.participant_id == self.place(name))
            return list(db.exec(wanted))

    def cases(self) -> list[IntegrityCase]:
        with self.database.reading() as db:
            return list(db.exec(select(IntegrityCase).order_by(IntegrityCase.id)))

    def standing(self, name: str) -> str:
        """Return the latest standing of a person."""
        found = self.findings(name)
        return found[-1].standing if found else "none"

    def place(self, name: str) -> int:
        with self.database.reading() as db:
            share = share_store.find_by_code(db, self.links[name])
            return share.participant_id

    def member(self, name: str) -> int:
        return self.people[name]

    def order(self, name: str, amount: str, *, at: datetime) -> None:
        """Let somebody arrive through a person's link and order a minute later."""
        with self.database.transaction() as db:
            self.town(db, at).orders(amount, through=name)

    def vested(self, name: str) -> tuple[int, int]:
        """Return how many orders and visits of a person have vested."""
        with self.database.reading() as db:
            row = participants.find(db, self.place(name))
            return row.vest_orders, row.vest_visits

    def pot(self, name: str) -> tuple[int, int, int]:
        """Return value, orders and visits of a person, pending or not."""
        with self.database.reading() as db:
            row = participants.find(db, self.place(name))
            return row.pot_value, row.pot_orders, row.pot_visits

    def counted(self, name: str) -> int:
        return self.pot(name)[2]

    def everybody_but(
        self, name: str, *, like: dict[int, tuple[int, ...]] | None = None
    ) -> dict[int, tuple[int, ...]]:
        """Return what counts for everybody else, of those in ``like`` if it is given."""
        with self.database.reading() as db:
            offer = offer_store.find_by_public_id(db, self.offer.public_id)
            found = {
                row["id"]: (row["pot_value"], row["pot_visits"], row["pot_branch_credit"])
                for row in participants.of_offer(db, offer.id)
            }
        found.pop(self.place(name))
        return found if like is None else {one: found[one] for one in like}

    def unfinished(self) -> list[IntegrityNight]:
        with self.database.reading() as db:
            wanted = select(IntegrityNight).where(IntegrityNight.finished_at.is_(None))
            return list(db.exec(wanted.order_by(IntegrityNight.id)))

    def wrong(self) -> list[str]:
        """Return what the books say is wrong."""
        with self.database.reading() as db:
            return self.town(db, TWO).wrong()

    def _row(self, share: object, seen: Seen, begin: datetime) -> dict[str, object]:
        at = begin + timedelta(seconds=seen.at_s)
        network = tokens.kept(seen.network or "")[:8].encode() if seen.network else None
        return {
            "token": tokens.secret()[:22],
            "share_id": share.id,
            "offer_id": share.offer_id,
            "visitor_key": tokens.noise(8),
            "clicked_at": at,
            "verified_at": at + timedelta(seconds=12) if seen.engaged else None,
            "network_even": network,
            "network_odd": network,
            "device": seen.device or "unknown",
            "engaged": seen.engaged,
        }


def found(database: Database, **changes: object) -> Nights:
    """Found the town with its offer, 20 days before the visits begin."""
    with database.transaction() as db:
        town = towns.found(db, **changes)
        return Nights(database, town.brand_id, town.offer, town.people, town.links)
