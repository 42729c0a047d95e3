"""Opening exclusive content while what opened it is taken back, or the person or the item goes.

Whoever comes first decides: an item that was opened in time stays readable for good, and one that
was locked in time shows not one word to anybody.  Either way an unlock stands once.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from server.errors import Conflict, ContentLocked, NotFound, NotSignedIn
from server.services import (
    checks,
    content_items,
    content_shelves,
    erasures,
    forgetting,
    visits,
)
from server.store.connection import Database
from server.store.content_items import ContentItem
from server.store.content_unlocks import ContentOpening, ContentUnlock
from tests import make
from tests.server import shelf
from tests.server import town as towns
from tests.server.races.conftest import Tally, unlike
from tests.server.races.crowd import at_once
from tests.server.town import Town

ROUNDS = 4
TABS = 8
REACH = 3
PROCESSES = 2
WAITS_SECONDS = 0.5
Task = tuple[str, int, str, datetime]
Came = Counter[str]


@dataclass
class Scene:
    """Ada with an item that she has just reached and nobody has opened."""

    town: Town
    database: Database
    item: str
    visit: str

    def task(self, deed: str, about: str | int | None = None, name: str = "Ada") -> Task:
        """Return what somebody does, with the item unless it is about something else."""
        said = str(self.item if about is None else about)
        return deed, self.town.people[name], said, self.town.now

    def at_once(self, *tasks: Task, first: int = 0) -> Came:
        """Let tabs open and read the item while other things happen, from one of them on."""
        crowd = [self.task("read" if n % 4 == 3 else "open") for n in range(TABS)]
        crowd[first:first] = tasks
        return Counter(at_once(self.database, act, crowd, PROCESSES))

    def counts(self) -> tuple[int, int]:
        """Return how many unlocks of the item stand, and how often one was opened first."""
        wanted = select(func.count(), func.count(ContentOpening.id)).select_from(ContentUnlock)
        wanted = (
            wanted.join(ContentItem, ContentItem.id == ContentUnlock.item_id)
            .outerjoin(ContentOpening, ContentOpening.unlock_id == ContentUnlock.id)
            .where(ContentItem.public_id == self.item, ContentUnlock.locked_at.is_(None))
        )
        with self.database.reading() as db:
            standing, opened = db.execute(wanted).one()
        return standing, opened

    def wrong(self) -> list[str]:
        """Return what the checks of the data find."""
        with self.database.reading() as db:
            return checks.everything(db)


def act(database: Database, task: Task) -> str:
    """Do one thing in a transaction of its own; return what came of it."""
    deed, person, about, now = task
    try:
        with database.transaction() as db:
            return DEEDS[deed](db, person, about, now)
    except (Conflict, ContentLocked, NotFound, NotSignedIn) as refusal:
        return type(refusal).__name__


def opens(db: Session, person: int, about: str, now: datetime) -> str:
    is_new = content_shelves.open_first(db, member_id=person, public_id=about, now=now)
    return "first" if is_new else "again"


def reads(db: Session, person: int, about: str, _now: datetime) -> str:
    return "words" if content_shelves.find(db, member_id=person, public_id=about).body else "cover"


def forgets(db: Session, _person: int, about: str, now: datetime) -> str:
    return f"{forgetting.forget(db, visit_token=about, now=now).taken_back} taken back"


def erases(db: Session, person: int, _about: str, now: datetime) -> str:
    erasures.erase(db, member_id=person, now=now)
    return "erased"


def withdraws(db: Session, _person: int, about: str, now: datetime) -> str:
    brand_id, actor = brand_of(db, about), "carl"
    content_items.withdraw(db, brand_id=brand_id, public_id=about, actor=actor, now=now)
    return "withdrawn"


def publishes(db: Session, _person: int, about: str, now: datetime) -> str:
    shelf.publish(db, brand_of(db, about), about, now=now)
    return "published"


def works(db: Session, _person: int, _about: str, now: datetime) -> str:
    visits.apply_verified(db, now=now, limit=100)
    return "worked"


DEEDS = {
    "open": opens,
    "read": reads,
    "forget": forgets,
    "erase": erases,
    "withdraw": withdraws,
    "publish": publishes,
    "work": works,
}


def brand_of(db: Session, public_id: str) -> int:
    return db.execute(
        select(ContentItem.brand_id).where(ContentItem.public_id == public_id)
    ).scalar_one()


@pytest.fixture
def town(database: Database) -> Town:
    with database.transaction() as db:
        town = towns.found(db)
        for name in ("Ada", "Bela"):
            town.shares(name)
        shelf.visited(town, "Ada", REACH)
        return town


def reached(town: Town, database: Database) -> Scene:
    """Let one more visit come, and publish what takes exactly as many as there are then."""
    with database.transaction() as db:
        town.db = db
        (visit,) = shelf.visited(town, "Ada")
        item = shelf.gives(town, takes=town.place("Ada").reach)
    return Scene(town, database, item, visit)


def opened_in_time(came: Came, **also: int) -> list[str]:
    """Return what is wrong where an item is opened once, and then shows its words for good."""
    expected = {"opened": TABS - TABS // 4, "first": 1, "read": TABS // 4, **also}
    found = {
        "opened": came["first"] + came["again"],
        "first": came["first"],
        "read": came["words"] + came["cover"],
        **{word: came[word] for word in also},
    }
    return unlike(found, expected)


def test_against_a_visit_that_is_taken_back(town: Town, database: Database, tally: Tally):
    """Both are under the offer's lock: the opening stands or the lock does, never both."""
    wrong: list[str] = []
    opened = 0
    for number in range(ROUNDS):
        scene = reached(town, database)
        came = scene.at_once(scene.task("forget", scene.visit), first=number % 3)
        stands = scene.counts()
        opened += came["first"]
        after = act(database, scene.task("read"))
        if came["first"]:
            wrong += [
                *opened_in_time(came, **{"1 taken back": 1, "ContentLocked": 0}),
                *unlike((stands, after), ((1, 1), "words")),
            ]
        else:
            wrong += [
                *unlike(came["ContentLocked"] + came["cover"], TABS),
                *unlike((stands, after), ((0, 0), "ContentLocked")),
                *unlike((came["words"], came["1 taken back"]), (0, 1)),
            ]
        wrong += scene.wrong()
    tally(
        f"{TABS} tabs open and read while the visit is taken back",
        attempts=ROUNDS * TABS,
        successes=opened,
        wrong=wrong,
    )


def test_against_the_erasure_of_the_person(town: Town, database: Database, tally: Tally):
    """Nothing is opened for somebody who is gone, and nothing of what they opened is left."""
    wrong: list[str] = []
    opened = 0
    for number in range(ROUNDS):
        with database.transaction() as db:
            town.db = db
            name = f"Visitor {number}"
            town.shares(name)
            shelf.visited(town, name)
            item = shelf.gives(town, takes=1)
        scene = Scene(town, database, item, "")
        crowd = [scene.task("read" if n % 4 == 3 else "open", name=name) for n in range(TABS)]
        crowd.insert(number % 3, scene.task("erase", name=name))
        came = Counter(at_once(database, act, crowd, PROCESSES))
        opened += came["first"]
        opens_tried = came["first"] + came["again"] + came["NotSignedIn"]
        wrong += [
            *unlike(came["erased"], 1),
            *unlike(came["first"], int(came["first"] + came["again"] > 0)),
            *unlike((opens_tried, came["words"] + came["cover"]), (TABS - TABS // 4, TABS // 4)),
            *unlike(scene.counts()[1], 0),
            *unlike(act(database, scene.task("open", name=name)), "NotSignedIn"),
            *unlike(act(database, scene.task("read", name=name)), "cover"),
            *scene.wrong(),
        ]
    tally(
        f"{TABS} tabs open and read while the person erases themselves",
        attempts=ROUNDS * TABS,
        successes=opened,
        wrong=wrong,
    )


def test_against_the_brand_that_withdraws(town: Town, database: Database, tally: Tally):
    """Whoever has it keeps it; whoever reaches it at that moment has it or has not, and once."""
    wrong: list[str] = []
    late = 0
    for number in range(ROUNDS):
        scene = reached(town, database)
        with database.transaction() as db:
            needed = REACH + 1 + number
            for _ in range(needed if number == 0 else 1):
                make.visit(db, town.links["Bela"], now=town.now, is_verified=True)
        bela = [scene.task("open", name="Bela") for _ in range(2)]
        came = scene.at_once(scene.task("withdraw"), scene.task("work"), *bela, first=number % 3)
        has = act(database, scene.task("open", name="Bela")) in {"first", "again"}
        late += has
        mine = act(database, scene.task("read"))
        refused = came["ContentLocked"] + came["NotFound"]
        wrong += [
            *unlike((came["withdrawn"], came["worked"], mine), (1, 1, "words")),
            *unlike(came["first"] + came["again"] + refused, TABS - TABS // 4 + len(bela)),
            *unlike(came["words"] + came["cover"], TABS // 4),
            *unlike(refused <= len(bela), True),
            *unlike(scene.counts(), (1 + has, 1 + has)),
            *scene.wrong(),
        ]
    tally(
        f"{TABS} tabs open while the brand withdraws and somebody else gets there",
        attempts=ROUNDS * (TABS + 2),
        successes=late,
        wrong=wrong,
    )


def test_an_unlock_by_two_ways_at_once_is_one(town: Town, database: Database, tally: Tally):
    """A visit is counted and the brand publishes: each of them unlocks what is reached."""
    wrong: list[str] = []
    for number in range(ROUNDS):
        with database.transaction() as db:
            town.db = db
            takes = REACH + 1 + number
            item = shelf.gives(town, takes=takes, is_published=False)
            visit = make.visit(db, town.links["Ada"], now=town.now, is_verified=True)
        scene = Scene(town, database, item, visit)
        came = scene.at_once(scene.task("publish"), *[scene.task("work")] * 3, first=number % 3)
        standing, opened = scene.counts()
        wrong += [
            *unlike((came["published"], came["worked"]), (1, 3)),
            *unlike(standing, 1),
            *unlike(came["first"], opened),
            *unlike(act(database, scene.task("open")), "again" if opened else "first"),
            *scene.wrong(),
        ]
    tally(
        "an item is published while the visit that it takes is counted",
        attempts=ROUNDS * 4,
        successes=ROUNDS,
        wrong=wrong,
    )


@pytest.mark.parametrize(
    ("first", "second", "came", "left"),
    [
        ("forget", "open", ("1 taken back", "ContentLocked"), "ContentLocked"),
        ("open", "forget", ("first", "1 taken back"), "words"),
        ("erase", "open", ("erased", "NotSignedIn"), "cover"),
        ("open", "erase", ("first", "erased"), "cover"),
        ("open", "withdraw", ("first", "withdrawn"), "words"),
        ("withdraw", "open", ("withdrawn", "first"), "words"),
    ],
)
def test_the_second_waits_for_the_first(
    town: Town,
    database: Database,
    first: str,
    second: str,
    came: tuple[str, str],
    left: str,
):
    """However late the first commits, the second sees all that it did."""
    scene = reached(town, database)
    tasks = [
        scene.task(deed, scene.visit if deed == "forget" else None) for deed in (first, second)
    ]
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as db:
            deed, *rest = tasks[0]
            done = DEEDS[deed](db, *rest)
            waiting = pool.submit(act, database, tasks[1])
            with pytest.raises(TimeoutError):
                waiting.result(WAITS_SECONDS)
        outcome = (done, waiting.result(30))

    assert (outcome, act(database, scene.task("read"))) == (came, left)
    assert scene.wrong() == []
