"""Group commit, and its patience, without HTTP."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from server.errors import Unavailable
from server.links import records, sqlite
from server.links.postgres import PostgresStore
from server.links.records import Arrival, Opening, Record, Sighting, Store, Uncounted
from server.links.sqlite import SqliteStore
from server.links.writer import Writer
from server.store.connection import Database
from tests.server.links.world import World

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def store_of(database: Database) -> Store:
    url = make_url(database.url)
    if database.dialect == "sqlite":
        return SqliteStore(Path(str(url.database)))
    plain = url.set(drivername="postgresql")
    return PostgresStore(plain.render_as_string(hide_password=False))


class Counting:
    """A store that counts its transactions."""

    def __init__(self, store: Store) -> None:
        self.batches: list[int] = []
        self._store = store

        self.visit = store.visit
        self.close = store.close

    async def write(self, records: Sequence[Record]) -> list[bool]:
        self.batches.append(len(records))
        return await self._store.write(records)


def run(database: Database, story: Any) -> Any:
    """Run a story with a writer on its own loop."""

    async def whole() -> Any:
        store = Counting(store_of(database))
        try:
            return await story(Writer(store), store)  # type: ignore[arg-type]
        finally:
            await store.close()

    return asyncio.run(whole())


def share_id(world: World, code: str) -> int:
    return int(world.rows("SELECT id FROM share WHERE code = :code", code=code)[0]["id"])


def arrival(token: str, share: int) -> Arrival:
    return Arrival(token, share, b"visitor1", NOW)


def together(*writes: Coroutine[Any, Any, bool]) -> Any:
    return asyncio.gather(*writes, return_exceptions=True)


def test_all_clicks_of_a_turn_are_one_transaction(world: World):
    share = share_id(world, world.share())

    async def story(writer: Writer, store: Counting) -> list[bool]:
        done = await together(*(writer.write(arrival(f"t{n}", share)) for n in range(50)))
        assert store.batches == [50]
        return done

    assert run(world.database, story) == [True] * 50
    assert len(world.visits()) == 50


def test_kinds_are_mixed_in_one_transaction_and_answered_each(world: World):
    code = world.share()
    share = share_id(world, code)

    async def story(writer: Writer, store: Counting) -> list[Any]:
        await writer.write(arrival("a", share))
        visit = await store.visit("a")
        assert visit is not None
        await writer.write(Opening(visit.visit_id, "a", "n1", NOW))
        return await together(
            writer.write(Uncounted(share, NOW.date(), "crawler")),
            writer.write(Sighting(visit.visit_id, "a", "wrong", NOW, engaged=True)),
            writer.write(arrival("b", share)),
            writer.write(Sighting(visit.visit_id, "a", "n1", NOW, engaged=True)),
            writer.write(Sighting(visit.visit_id, "a", "n1", NOW, engaged=True)),
            writer.write(Opening(visit.visit_id, "a", "n2", NOW)),
            writer.write(Uncounted(share, NOW.date(), "crawler")),
            writer.write(Uncounted(share, NOW.date(), "gpc")),
            writer.write(arrival("c", share + 1_000_000)),
        )

    assert run(world.database, story) == [
        True, False, True, True, False, False, True, True, False,
    ]  # fmt: skip
    first, second = world.visits()
    assert (first["token"], second["token"]) == ("a", "b")
    assert first["verified_at"] is not None
    assert first["nonce"] is None
    assert world.counts() == {"crawler": 2, "gpc": 1}


def test_one_bad_record_does_not_take_the_others_with_it(world: World):
    share = share_id(world, world.share())

    async def story(writer: Writer, _: Counting) -> list[Any]:
        await writer.write(arrival("same", share))
        return await together(
            writer.write(arrival("good", share)),
            writer.write(arrival("same", share)),
            writer.write(arrival("fine", share)),
        )

    first, bad, last = run(world.database, story)
    assert (first, last) == (True, True)
    assert isinstance(bad, Unavailable)
    assert [row["token"] for row in world.visits()] == ["same", "good", "fine"]


def test_a_visitor_who_went_away_while_waiting_disturbs_nobody(world: World):
    share = share_id(world, world.share())

    async def story(writer: Writer, _: Counting) -> bool:
        gone = asyncio.create_task(writer.write(arrival("gone", share)))
        stays = asyncio.create_task(writer.write(arrival("stays", share)))
        await asyncio.sleep(0)
        gone.cancel()
        done = await stays
        await writer.drain()
        return done

    assert run(world.database, story) is True
    assert {row["token"] for row in world.visits()} >= {"stays"}


def test_draining_writes_what_is_waiting(world: World):
    share = share_id(world, world.share())

    async def story(writer: Writer, _: Counting) -> None:
        tasks = [asyncio.create_task(writer.write(arrival(f"d{n}", share))) for n in range(5)]
        await asyncio.sleep(0)
        await writer.drain()
        assert len(world.visits()) == 5
        await asyncio.gather(*tasks)

    run(world.database, story)


def test_patience_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_sqlite: Path):
    """A lock that never ends gives an answer in the end, and nothing is half written."""
    assert records.PATIENCE_SECONDS == 10
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.05)
    path = tmp_path / "busy.sqlite3"
    path.write_bytes(empty_sqlite.read_bytes())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = SqliteStore(path)

    async def story() -> None:
        with pytest.raises(Unavailable, match="busy"):
            await store.salt(NOW.date(), b"x" * 16)
        other.execute("ROLLBACK")
        assert await store.salt(NOW.date(), b"x" * 16) == b"x" * 16
        assert await store.salt(NOW.date(), b"y" * 16) == b"x" * 16
        await store.close()

    asyncio.run(story())
    other.close()


def test_a_missing_file_is_not_made(tmp_path: Path):
    with pytest.raises(Unavailable):
        asyncio.run(SqliteStore(tmp_path / "missing.sqlite3").check())
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_said_to_be_unavailable():
    store = PostgresStore("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(Unavailable):
        asyncio.run(store.check())


def test_a_beacon_whose_visit_was_forgotten_meanwhile_changes_nothing(world: World):
    share = share_id(world, world.share())

    async def story(writer: Writer, store: Counting) -> list[Any]:
        await writer.write(arrival("known", share))
        visit = await store.visit("known")
        assert visit is not None
        done = [await writer.write(Opening(visit.visit_id, "known", "n1", NOW))]
        world.run("UPDATE visit SET token = 'never told' WHERE token = 'known'")
        late = Opening(visit.visit_id, "known", "n2", NOW)
        return [
            *done,
            await writer.write(late),
            await writer.write(Sighting(visit.visit_id, "known", "n1", NOW, engaged=True)),
        ]

    assert run(world.database, story) == [True, False, False]
    (row,) = world.visits()
    assert (row["nonce"], row["verified_at"]) == ("n1", None)
