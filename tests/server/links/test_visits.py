"""Which verified visits count: the worker's batch, on both databases."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from rewards.facts import OrderPlaced
from server.services import forests, offers, visits
from server.store import offers as offer_rows
from server.store import participants, shares, undecided_visits
from server.store.connection import Database
from server.store.ledger import LedgerTransfer
from server.store.offers import Offer
from server.store.visits import Visit
from tests import make
from tests.server.links import world as worlds
from tests.server.links.world import World

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_numbers = count()


@pytest.fixture
def world(database: Database) -> World:
    """Return a brand with a published offer."""
    return worlds.create(database)


def arrive(
    world: World,
    code: str,
    visitor: str = "bela",
    *,
    minute: int = 0,
    verified: int | None = None,
    friend: str | None = None,
) -> int:
    """Let a visitor click, and be verified in some minute; return the visit's id."""
    with world.database.transaction() as db:
        share = shares.find_by_code(db, code)
        assert share is not None
        assert share.id is not None
        row = Visit(
            token=f"visit-{next(_numbers)}",
            share_id=share.id,
            offer_id=share.offer_id,
            visitor_key=visitor.encode(),
            clicked_at=NOON + timedelta(minutes=minute),
            verified_at=None if verified is None else NOON + timedelta(minutes=verified),
            friend_id=make.member(db, friend) if friend else None,
        )
        db.add(row)
        db.flush()
        assert row.id is not None
        return row.id


def apply(world: World, limit: int = 100) -> dict[str, int]:
    """Run the worker's batch and return how it decided, without the zeros."""
    with world.database.transaction() as db:
        applied = visits.apply_verified(db, now=NOON + timedelta(days=1), limit=limit)
    decided = {name: number for name, number in asdict(applied).items() if number}
    assert applied.decided == sum(decided.values())
    return decided


def outcome(world: World, visit_id: int) -> str | None:
    with world.database.reading() as db:
        visit = db.get(Visit, visit_id)
        assert visit is not None
        return visit.outcome


def place(world: World, code: str) -> participants.Participant:
    with world.database.reading() as db:
        share = shares.find_by_code(db, code)
        assert share is not None
        found = participants.find(db, share.participant_id)
        assert found is not None
        return found


class TestCounted:
    def test_once_it_is_verified(self, world: World):
        code = world.share()
        unverified = arrive(world, code, "cat")
        visit = arrive(world, code, verified=1)

        assert apply(world) == {"counted": 1}
        assert apply(world) == {}

        assert outcome(world, visit) == "counted"
        assert outcome(world, unverified) is None
        assert (place(world, code).pot_visits, place(world, code).reach) == (1, 1)
        assert place(world, code).vest_visits == 0

    def test_for_the_whole_branch_in_reach(self, world: World):
        ada = world.share("ada")
        with world.database.transaction() as db:
            parent = place(world, ada)
            row = participants.Participant(
                offer_id=world.offer_id,
                member_id=make.member(db, "bela"),
                parent_id=parent.id,
                root_id=parent.id,
                depth=1,
                joined_at=NOON,
            )
            db.add(row)
        bela = world.share("bela")
        arrive(world, bela, "cat", verified=1)
        apply(world)
        assert (place(world, bela).reach, place(world, ada).reach) == (1, 1)
        assert (place(world, bela).pot_visits, place(world, ada).pot_visits) == (1, 0)

    def test_waits_the_return_days_and_then_vests(self, world: World):
        code = world.share()
        visit = arrive(world, code, verified=1)
        apply(world)
        due = NOON + timedelta(minutes=1, days=14)

        def vest(now: datetime) -> int:
            with world.database.transaction() as db:
                return visits.vest_due(db, now=now, limit=10)

        assert vest(due - timedelta(seconds=1)) == 0
        assert vest(due) == 1
        assert vest(due) == 0
        assert place(world, code).vest_visits == 1
        with world.database.reading() as db:
            row = db.get(Visit, visit)
            assert row is not None
            assert row.vested_at == due

    def test_adds_to_the_money_of_orders_and_says_so_in_the_ledger(self, world: World):
        code = world.share()
        with world.database.transaction() as db:
            opened = forests.load(db, locked(db, world), place(world, code).id)
            fact = OrderPlaced("order:1", place(world, code).id or 0, 10_000, 10_000)
            forests.apply(db, opened, fact, now=NOON)
        visit = arrive(world, code, verified=1)
        before = place(world, code).pot_credit
        apply(world)
        assert place(world, code).pot_credit == before + 30  # 0.5 % of an average order of 60.00
        with world.database.reading() as db:
            row = db.get(Visit, visit)
            assert row is not None
            assert row.credited
            cause = LedgerTransfer.cause == f"visit:{visit}"
            [transfer] = db.exec(select(LedgerTransfer).where(cause)).all()
            assert transfer.amount_minor > 0

    def test_for_reach_only_when_the_budget_is_spent(self, database: Database):
        world = worlds.create(database, budget_minor=1)
        code = world.share()
        with world.database.transaction() as db:
            opened = forests.load(db, locked(db, world), place(world, code).id)
            fact = OrderPlaced("order:1", place(world, code).id or 0, 1_000_000, 10_000)
            forests.apply(db, opened, fact, now=NOON)
        codes = [arrive(world, code, f"v{number}", verified=1) for number in range(30)]
        assert apply(world) == {"counted": 30}
        with world.database.reading() as db:
            rows = [db.get(Visit, visit) for visit in codes]
        assert not all(row.credited for row in rows if row)
        assert place(world, code).reach == 30
        with world.database.transaction() as db:
            later = NOON + timedelta(days=60)
            assert visits.vest_due(db, now=later, limit=100) == 30
        assert place(world, code).vest_visits == sum(row.credited for row in rows if row)


class TestNotCounted:
    def test_the_same_visitor_again(self, world: World):
        code = world.share()
        visits = [arrive(world, code, minute=m, verified=m + 1) for m in (0, 5, 9)]
        assert apply(world) == {"counted": 1, "repeated": 2}
        assert [outcome(world, visit) for visit in visits] == ["counted", "repeated", "repeated"]
        arrive(world, code, minute=11, verified=12)
        assert apply(world) == {"repeated": 1}
        assert place(world, code).pot_visits == 1

    def test_the_same_visitor_through_another_link_of_the_same_person(self, world: World):
        first, second = world.share("ada"), world.share("ada", channel="qr")
        arrive(world, first, minute=0)
        arrive(world, second, minute=1, verified=2)
        assert apply(world) == {"counted": 1}
        arrive(world, first, minute=3, verified=4)
        assert apply(world) == {"repeated": 1}

    def test_a_visitor_whom_another_link_brought_first(self, world: World):
        ada, bela = world.share("ada"), world.share("bela")
        late = arrive(world, bela, "cat", minute=1, verified=2)
        early = arrive(world, ada, "cat", minute=0, verified=3)
        assert apply(world) == {"counted": 1, "other_link_first": 1}
        assert outcome(world, early) == "counted"
        assert outcome(world, late) == "other_link_first"
        assert (place(world, ada).pot_visits, place(world, bela).pot_visits) == (1, 0)

    def test_even_if_that_first_click_was_never_verified(self, world: World):
        ada, bela = world.share("ada"), world.share("bela")
        arrive(world, ada, "cat", minute=0)
        arrive(world, bela, "cat", minute=1, verified=2)
        assert apply(world) == {"other_link_first": 1}

    def test_but_the_same_visitor_counts_for_every_offer(self, world: World, database: Database):
        other = worlds.create(database)
        arrive(world, world.share(), verified=1)
        arrive(other, other.share(), verified=1)
        assert apply(world) == {"counted": 2}

    @pytest.mark.parametrize("friend", ["ada", "root"])
    def test_the_sharer_and_everybody_above(self, world: World, friend: str):
        root = world.share("root")
        with world.database.transaction() as db:
            parent = place(world, root)
            db.add(
                participants.Participant(
                    offer_id=world.offer_id,
                    member_id=make.member(db, "ada"),
                    parent_id=parent.id,
                    root_id=parent.id,
                    depth=1,
                    joined_at=NOON,
                )
            )
        code = world.share("ada")
        arrive(world, code, verified=1, friend=friend)
        arrive(world, code, "someone", verified=1, friend="cat")
        assert apply(world) == {"counted": 1, "own_visit": 1}

    def test_after_the_share_was_withdrawn(self, world: World):
        code, kept = world.share("ada"), world.share("bela")
        before = arrive(world, code, "v1", minute=0, verified=1)
        after = arrive(world, code, "v2", minute=0, verified=2)
        arrive(world, kept, "v3", verified=9)
        with world.database.transaction() as db:
            share = shares.find_by_code(db, code)
            assert share is not None
            share.withdrawn_at = NOON + timedelta(minutes=2)
        assert apply(world) == {"counted": 2, "share_withdrawn": 1}
        assert (outcome(world, before), outcome(world, after)) == ("counted", "share_withdrawn")

    def test_arrived_after_the_offer_ended(self, world: World):
        code = world.share("ada")
        before = arrive(world, code, "v1", minute=0, verified=3)
        after = arrive(world, code, "v2", minute=3, verified=4)
        with world.database.transaction() as db:
            offers.end(
                db,
                brand_id=world.brand_id,
                public_id=world.public_id,
                actor="test",
                now=NOON + timedelta(minutes=2),
            )
        assert apply(world) == {"counted": 1, "offer_ended": 1}
        assert (outcome(world, before), outcome(world, after)) == ("counted", "offer_ended")

    def test_more_than_the_limit_at_once_oldest_first(self, world: World):
        code = world.share()
        made = [arrive(world, code, f"v{n}", verified=9 - n) for n in range(5)]
        assert apply(world, limit=2) == {"counted": 2}
        assert [outcome(world, visit) for visit in made] == [None, None, None, "counted", "counted"]
        assert apply(world) == {"counted": 3}


def test_the_index_decides_when_the_look_before_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """As if another worker had counted the visitor after we looked."""
    code = world.share()
    arrive(world, code, verified=1)
    apply(world)
    again = arrive(world, code, minute=2, verified=3)
    other = arrive(world, code, "cat", minute=2, verified=3)
    look = undecided_visits.lock

    def look_too_early(db: Session, visit_ids: list[int]) -> list[undecided_visits.Undecided]:
        return [visit._replace(has_counted=False) for visit in look(db, visit_ids)]

    monkeypatch.setattr(undecided_visits, "lock", look_too_early)
    assert apply(world) == {"counted": 1, "repeated": 1}
    assert (outcome(world, again), outcome(world, other)) == ("repeated", "counted")
    assert place(world, code).pot_visits == 2


def test_workers_at_the_same_time_count_each_visitor_once(world: World):
    codes = [world.share(subject) for subject in ("ada", "bela", "cleo")]
    for number in range(60):
        arrive(world, codes[number % 3], f"v{number % 20}", minute=number, verified=100 + number)
    start, decided, failures = Barrier(4), [], []

    def work() -> None:
        start.wait()
        try:
            while found := apply(world, limit=7):
                decided.append(found)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sum(found.get("counted", 0) for found in decided) == 20
    assert sum(sum(found.values()) for found in decided) == 60
    assert sum(place(world, code).pot_visits for code in codes) == 20


Click = tuple[int, int, int, int | None]
clicks = st.lists(
    st.tuples(
        st.integers(0, 2),  # whose link
        st.integers(0, 3),  # which visitor
        st.integers(0, 30),  # in which minute
        st.one_of(st.none(), st.integers(31, 60)),  # verified in which minute
    ),
    max_size=14,
)


@given(clicks=clicks, batch=st.integers(1, 6))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_comes_counts_are_those_of_a_plain_reading_of_the_rules(
    database: Database, clicks: list[Click], batch: int
):
    world = worlds.create(database)
    codes = [world.share(f"{uuid4().hex}") for _ in range(3)]
    made = [
        (arrive(world, codes[link], f"v{visitor}", minute=minute, verified=verified), click)
        for click in clicks
        for link, visitor, minute, verified in [click]
    ]
    while apply(world, limit=batch):
        pass

    def plain() -> dict[int, int]:
        """Count by hand: for each visitor the first click's link, if one of its clicks is real."""
        counted = dict.fromkeys(range(3), 0)
        for visitor in range(4):
            own = [(click[2], id_, click) for id_, click in made if click[1] == visitor]
            if own:
                first_link = min(own)[2][0]
                if any(c[0] == first_link and c[3] is not None for _, _, c in own):
                    counted[first_link] += 1
        return counted

    found = {link: place(world, code).pot_visits for link, code in enumerate(codes)}
    assert found == plain()
    undecided = [id_ for id_, click in made if click[3] is not None and not outcome(world, id_)]
    assert undecided == []


def locked(db: Session, world: World) -> Offer:
    return offer_rows.lock(db, world.offer_id)
