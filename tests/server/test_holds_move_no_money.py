"""A hold changes when something comes, never how much, and nothing at all for most people.

The same history is lived twice, with holds and without.  At every moment the pending sums of
everybody are the same; whoever is neither held nor above somebody held has the same in both worlds;
and when all holds have ended without a denial, both worlds are the same to the last column.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from rewards.anomalies import Anomaly, Look
from rewards.integrity import Finding, Standing
from server.services import case_deadlines, holds, nights
from server.services.holds import Found
from server.store import integrity_nights, participants
from server.store import offers as offer_store
from server.store.connection import Database
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town

NAMES = ("Ann", "Bob", "Cat", "Dan", "Eve")
DAY = timedelta(days=1)
POT = ("pot_value", "pot_orders", "pot_visits", "pot_credit", "pot_branch_credit", "reach")
VEST = ("vest_value", "vest_orders", "vest_visits", "vest_credit", "vest_branch_credit")
VEST += ("vest_children_reward",)
LAST, STEP = 66, 5

parents = st.tuples(*(st.integers(-1, n - 1) for n in range(1, len(NAMES))))
deeds = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from(["order", "visit", "refund", "hold", "watch"]),
        st.integers(0, len(NAMES) - 1),
        st.integers(1, 400),
    ),
    max_size=10,
)


@dataclass
class World:
    """One of the two lives; in one of them, nights find something."""

    town: Town
    has_holds: bool
    orders: list[Any]
    placed: int = 0

    def lives(self, deed: tuple[int, str, int, int]) -> None:
        day, what, whom, size = deed
        town, name = self.town, NAMES[whom]
        town.now = NOON + day * DAY
        if what == "order":
            self.placed += 1
            self.orders.append(town.orders(f"{size}.00", through=name, order_ref=f"o{self.placed}"))
        elif what == "visit":
            for _ in range(size % 5 + 1):
                make.visit(town.db, town.links[name], now=town.now, is_verified=True)
        elif what == "refund" and self.orders:
            order = self.orders.pop(size % len(self.orders))
            make.refund(town.db, town.brand_id, order, now=town.now)
        elif self.has_holds and what in {"hold", "watch"}:
            self._finds(name, Standing(what))

    def passes(self, day: int) -> None:
        self.town.now = NOON + day * DAY + timedelta(hours=6)
        if self.has_holds:
            case_deadlines.end_due(self.town.db, now=self.town.now, limit=100)
        make.pass_time(self.town.db, self.town.now)

    def columns(self, *names: str) -> dict[str, tuple[int, ...]]:
        self.town.db.expire_all()
        found = {}
        for name in NAMES:
            row = participants.find_by_member(
                self.town.db, offer_id=self._offer_id, member_id=self.town.people[name]
            )
            found[name] = tuple(getattr(row, column) for column in names)
        return found

    def place(self, name: str) -> int:
        return participants.id_of_member(
            self.town.db, offer_id=self._offer_id, member_id=self.town.people[name]
        )

    @property
    def _offer_id(self) -> int:
        return offer_store.find_by_public_id(self.town.db, self.town.offer.public_id).id

    def _finds(self, name: str, standing: Standing) -> None:
        db, now = self.town.db, self.town.now
        night = nights.last_midnight(now)
        integrity_nights.begin(db, night=night, alive_since=night, now=now)
        waiting = integrity_nights.waiting(db, now=now, since=night - DAY)
        said = Anomaly(Look.TIMER, 1e-6, "Like a timer.", {"visits": 20, "gap_s": 60})
        one = Found(Finding(standing, "Like a timer.", 1e-6, (said,)), night - nights.PERIOD)
        for turn in waiting:
            holds.record(db, turn=turn, found={self.place(name): one}, now=now)
            nights.finish(db, turn, nights.Figures(), now=now)


def found(db: Session, tree: tuple[int, ...], *, has_holds: bool) -> World:
    town = towns.found(db)
    town.now = NOON - DAY
    for name, parent in zip(NAMES, (-1, *tree), strict=True):
        town.shares(name, after=NAMES[parent] if parent >= 0 else None)
    return World(town, has_holds, [])


def above(tree: tuple[int, ...], whom: int) -> Iterator[str]:
    parent = (-1, *tree)[whom]
    if parent >= 0:
        yield NAMES[parent]
        yield from above(tree, parent)


@contextmanager
def alone(database: Database) -> Iterator[Session]:
    """Let a life be lived, of which nothing stays."""
    with Session(database.engine) as db:
        yield db
        db.rollback()


def live(
    database: Database, tree: tuple[int, ...], story: list[Any], *, has_holds: bool
) -> list[tuple[Any, Any]]:
    """Return what everybody had on each day: everything counted, and what had vested."""
    days = []
    with alone(database) as db:
        world = found(db, tree, has_holds=has_holds)
        for day in range(1, LAST, STEP):
            for deed in sorted(story, key=lambda deed: deed[0]):
                if day - STEP < deed[0] <= day:
                    world.lives(deed)
            world.passes(day)
            days.append((world.columns(*POT), world.columns(*VEST)))
        assert world.town.wrong() == []
    return days


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=parents, story=deeds)
def test_a_hold_changes_when_and_nothing_else(database: Database, tree: Any, story: list[Any]):
    with_holds = live(database, tree, story, has_holds=True)
    without = live(database, tree, story, has_holds=False)

    held = {whom for _, what, whom, _ in story if what in {"hold", "watch"}}
    waits = {NAMES[whom] for whom in held} | {n for whom in held for n in above(tree, whom)}
    for (pot, vest), (pot_alone, vest_alone) in zip(with_holds, without, strict=True):
        assert pot == pot_alone, "no amount changes, for nobody"
        for name in NAMES:
            if name not in waits:
                assert vest[name] == vest_alone[name], f"{name} has nothing to do with it"
            assert vest[name][4] <= vest_alone[name][4], "nothing comes sooner"
    assert with_holds[-1] == without[-1], "when all holds have ended, nothing is different"
