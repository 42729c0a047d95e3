"""What is open follows from verified reach and from what was opened, and from nothing else.

Stories are drawn: visits come and are forgotten, orders come and are refunded, wait, vest and turn
into codes, and items are opened.  Beside the database a model keeps two sets of numbers for each
person, who has visitors where in the branch and what they opened (docs/ENGINE.md §6).
"""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.errors import ContentLocked
from server.services import codes
from server.store.connection import Database
from tests import make
from tests.server import shelf
from tests.server import town as towns
from tests.server.shelf import forgets, opens, unlocked, visited
from tests.server.town import Town

BRANCH = {
    "Ada": {"Ada", "Bela", "Cleo"},
    "Bela": {"Bela", "Cleo"},
    "Cleo": {"Cleo"},
    "Dan": {"Dan"},
}
"""Whose visitors count for whom: Ada brought Bela, who brought Cleo; Dan came alone."""
PEOPLE = sorted(BRANCH)
THRESHOLDS = st.lists(st.integers(1, 4), min_size=1, max_size=4)
OFTEN, SELDOM = ("visit", "forget", "open"), ("look", "order", "refund", "vest", "take")
STEPS = st.tuples(st.sampled_from(2 * OFTEN + SELDOM), st.sampled_from(PEOPLE), st.integers(1, 9))


@dataclass
class Story:
    """The town, and what the model knows of it."""

    town: Town
    items: dict[str, tuple[str, int]]
    seen: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PEOPLE})
    stays: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PEOPLE, 0))
    opened: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in PEOPLE})
    orders: list[object] = field(default_factory=list)

    def reach(self, name: str) -> int:
        """Return how many verified visits there are in somebody's branch."""
        return sum(len(self.seen[one]) + self.stays[one] for one in BRANCH[name])

    def expected(self, name: str) -> set[str]:
        """Return what is open: thresholds up to the reach, and what was opened before."""
        reach = self.reach(name)
        return {title for title, (_, takes) in self.items.items() if takes <= reach} | self.opened[
            name
        ]

    def step(self, what: str, name: str, number: int) -> None:
        """Let one thing happen, in the town and in the model."""
        getattr(self, f"_{what}")(name, number)

    def _visit(self, name: str, number: int) -> None:
        self.seen[name] += visited(self.town, name, 1 + number % 2)

    def _forget(self, _name: str, number: int) -> None:
        seen = [(name, token) for name in PEOPLE for token in self.seen[name]]
        if seen:
            name, token = seen[number % len(seen)]
            self.seen[name].remove(token)
            forgets(self.town, token)

    def _look(self, name: str, number: int) -> None:
        """Visits that nobody verified are nothing."""
        for _ in range(1 + number % 2):
            make.visit(self.town.db, self.town.links[name], now=self.town.now)
        make.pass_time(self.town.db, self.town.now)

    def _open(self, name: str, number: int) -> None:
        title = list(self.items)[number % len(self.items)]
        is_open = title in self.expected(name)
        try:
            is_first = opens(self.town, name, self.items[title][0])
        except ContentLocked:
            assert not is_open
            return
        assert is_open
        assert is_first == (title not in self.opened[name])
        self.opened[name].add(title)

    def _order(self, name: str, number: int) -> None:
        self.orders.append(self.town.orders(f"{number}00.00", through=name))

    def _refund(self, _name: str, number: int) -> None:
        if self.orders:
            order = self.orders.pop(number % len(self.orders))
            make.refund(self.town.db, self.town.brand_id, order, now=self.town.now)

    def _vest(self, _name: str, _number: int) -> None:
        """Visits that have vested are numbers that stay when the visitor is forgotten."""
        self.town.time_passes()
        for name, tokens in self.seen.items():
            self.stays[name] += len(tokens)
            tokens.clear()

    def _take(self, name: str, _number: int) -> None:
        if self.town.place(name).takeable_minor >= 500:
            codes.take(
                self.town.db,
                member_id=self.town.member(name),
                offer_public_id=self.town.offer.public_id,
                event_id=f"{name} at {self.town.now}",
                value_minor=500,
                now=self.town.now,
            )


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(
    thresholds=[2, 3],
    steps=[
        ("visit", "Bela", 1),
        ("forget", "Dan", 1),
        ("visit", "Cleo", 1),
        ("open", "Ada", 1),
        ("forget", "Dan", 1),
        ("forget", "Dan", 1),
        ("order", "Ada", 9),
        ("vest", "Ada", 1),
        ("take", "Ada", 1),
    ],
)
@given(thresholds=THRESHOLDS, steps=st.lists(STEPS, min_size=4, max_size=16))
def test_open_is_what_the_reach_says_and_what_was_opened(
    database: Database, thresholds: list[int], steps: list[tuple[str, str, int]]
):
    make.empty(database)
    with database.transaction() as db:
        town = towns.found(db)
        for name, after in {"Ada": None, "Bela": "Ada", "Cleo": "Bela", "Dan": None}.items():
            town.shares(name, after=after)
        titles = [f"Item {number}" for number in range(len(thresholds))]
        given_away = zip(titles, thresholds, strict=True)
        items = {title: (shelf.gives(town, takes=n, title=title), n) for title, n in given_away}
        story = Story(town, items)
        for what, name, number in steps:
            before = {one: unlocked(town, one) for one in PEOPLE}
            town.now += timedelta(minutes=1)
            story.step(what, name, number)
            for one in PEOPLE:
                now_open = unlocked(town, one)
                assert now_open == story.expected(one), (what, name, one)
                assert what == "forget" or before[one] <= now_open, "only forgetting locks"
                assert what in {"visit", "forget"} or before[one] == now_open, "money does nothing"
        assert town.wrong() == []
