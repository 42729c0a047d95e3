"""Everything at once at random: some order one after the other explains all that was answered."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import pytest
from sqlmodel import Session, select

from server.store import codes as code_store
from server.store import connection
from server.store import offers as offer_store
from server.store.connection import Database
from server.store.participants import Participant
from tests.server.races import players
from tests.server.races.conftest import Market, Tally, open_market, unlike
from tests.server.races.crowd import at_once
from tests.server.races.histories import Event, unexplained
from tests.server.races.model import Life, Move
from tests.server.races.players import Part, Table
from tests.server.till import Till

CODES, PLAYERS, MOVES = 5, 12, 36
SEEDS = (1, 2)
ALWAYS = {"redeem", "reserve", "roll back", "release", "end hold", "expire"}
"""What succeeds in every history; a brand that revokes and a holder who gives back are rare."""


@pytest.fixture
def market(database: Database) -> Market:
    """Ada has far more payable than she will take."""
    return open_market(database, "3000.00")


@pytest.fixture
def table(market: Market) -> Table:
    """Two shops of one brand, and codes of 20.00 that both take."""
    with market.database.transaction() as db:
        market.town.db = db
        other = Till.of(market.town)
    return Table(
        tuple(market.code(20_00, f"e-{number}") for number in range(CODES)),
        market.town.people["Ada"],
        market.shop.brand_id,
        (market.shop.client_id, other.client_id),
    )


def lives(db: Session, table: Table) -> dict[str, Life]:
    """Return each code as it begins."""
    rows = [code_store.find_by_code(db, code) for code in table.codes]
    return {row.code: Life(row.left_minor, row.expires_at) for row in rows}


def told(history: list[Event], code: str, looked: tuple[Move, tuple[object, ...]]) -> list[Event]:
    """Return what happened to one code, and how somebody found it after all of that."""
    mine = [event for event in history if event.move.code == code]
    last = max(event.ended for event in history)
    return [*mine, Event(last + 1, last + 2, *looked)]


def overlaps(events: list[Event]) -> int:
    """Return how many pairs of moves ran at the same time."""
    return sum(
        one.began < other.ended and other.began < one.ended
        for one, other in combinations(events, 2)
    )


def money_of(db: Session, table: Table) -> tuple[list[int], list[int]]:
    """Return what Ada was granted and has redeemed: as the books say, and as her codes add up."""
    (ada,) = db.exec(select(Participant)).all()
    rows = [code_store.find_by_code(db, code) for code in table.codes]
    used = sum(row.left_minor for row in rows if row.state == "redeemed")
    out = sum(row.left_minor for row in rows if row.state in code_store.OUT)
    return [ada.granted_minor, ada.redeemed_minor], [out + used, used]


@pytest.mark.parametrize("seed", SEEDS)
def test_some_order_explains_all_that_was_answered(
    market: Market, table: Table, tally: Tally, seed: int
):
    with market.database.reading() as db:
        began = lives(db, table)
    parts = players.parts(table, players=PLAYERS, moves=MOVES, seed=seed)
    played = at_once(market.database, players.play, parts)
    history = [event for events in played for event in events]
    with market.database.reading() as db:
        looked = {code: players.look(db, code, market.now) for code in table.codes}
        booked, added_up = money_of(db, table)
    by_code = {code: told(history, code, looked[code]) for code in table.codes}
    reasons = [unexplained(by_code[code], began[code]) for code in table.codes]
    done = [event for event in history if event.answer[0] != "refused"]

    assert {event.move.kind for event in done} >= ALWAYS
    assert all(overlaps(events) > 0 for events in by_code.values())
    tally(
        f"random moves with {CODES} codes, seed {seed}",
        attempts=len(history),
        successes=len(done),
        wrong=[
            *[reason for reason in reasons if reason],
            *unlike(booked, added_up),
            *market.wrong(),
        ],
    )
    for code in table.codes:
        for changed in lies(by_code[code]):
            assert unexplained(changed, began[code]), "a lie was believed"


def lies(events: list[Event]) -> Iterator[list[Event]]:
    """Yield the history with one true answer of it made false: what was new is told as a repeat."""
    for number, event in enumerate(events):
        if event.answer[-1] is True:
            lie = replace(event, answer=(*event.answer[:-1], False))
            yield [*events[:number], lie, *events[number + 1 :]]


class TestWithoutLocks:
    """Two tills read the same unused code, and only then does either of them go on."""

    @pytest.fixture
    def unlocked(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[list[Database]]:
        """Return the database of each of two servers that take no locks."""
        both_read = threading.Barrier(2)

        def read(db: Session, code: str) -> code_store.DiscountCode | None:
            row = code_store.find_by_code(db, code)
            both_read.wait(10)
            return row

        def offer_of(db: Session, *, code: str, brand_id: int) -> offer_store.Offer | None:
            return offer_store.find(db, code_store.find_by_code(db, code).offer_id)

        begin = connection._begin_by_hand  # noqa: SLF001 - it is what is broken here
        monkeypatch.setattr(code_store, "lock_by_code", read)
        monkeypatch.setattr(offer_store, "lock_of_code", offer_of)
        monkeypatch.setattr(
            connection,
            "_begin_by_hand",
            lambda engine, _, *, writes: begin(engine, "BEGIN", writes=writes),
        )
        url = database.engine.url.render_as_string(hide_password=False)
        stores = [Database(url), Database(url)]
        yield stores
        for store in stores:
            store.close()

    def test_no_order_explains_the_answers_though_the_books_stay_right(
        self, market: Market, table: Table, unlocked: list[Database]
    ):
        code = table.codes[0]
        with market.database.reading() as db:
            began = lives(db, table)[code]
        moves = [
            Move("redeem", code, market.now, market.shop.client_id, order, 100_00)
            for order in ("A-1", "A-2")
        ]
        with ThreadPoolExecutor(2) as threads:
            parts = [Part(table, (move,)) for move in moves]
            played = list(threads.map(players.play, unlocked, parts))
        history = [event for events in played for event in events]
        with market.database.reading() as db:
            looked = players.look(db, code, market.now)

        assert sorted(event.answer[0] for event in history) == ["broken", "redeemed"]
        assert unexplained(told(history, code, looked), began)
        assert market.wrong() == []
