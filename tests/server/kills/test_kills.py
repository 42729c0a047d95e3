"""The power fails at every step of every operation: nothing is lost, doubled or stuck.

What a child leaves behind when it is killed must be the database of before or the one of after, to
the last column; the same request again must then give the one answer and leave the one of after.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from sqlalchemy import text

from server import clock
from server.jobs import outbox
from server.services import events
from server.services import webhook_endpoints as endpoints
from server.store import outbox as outbox_store
from server.store.connection import Database
from tests import evidence
from tests.server import town as towns
from tests.server.conftest import Tokens
from tests.server.kills import operations, snapshots, victims
from tests.server.kills.operations import IN_TWO, OPERATIONS, Operation, Story
from tests.server.kills.snapshots import Snapshot
from tests.server.kills.victims import Failed, Lived, Victim, victim
from tests.server.till import Till
from tests.server.town import NOON, Town

STEPS_AT_MOST = 200
GONE_WITHIN_SECONDS = 10
HOLD, LIFE = timedelta(minutes=15), timedelta(days=120)


@pytest.fixture
def town(database: Database) -> Town:
    """Ada has 20.40 payable, and Berta's till wants to be told everything."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = NOON - timedelta(days=20)
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
        town.now = NOON
        endpoints.add(
            db,
            by=endpoints.Actor(town.brand_id, "member:1", "key"),
            url="https://till.example/",
            description="Till",
            types=[name for name in events.ALL if name.startswith(("code", "rede", "conv"))],
            now=NOON,
        )
    return town


@dataclass
class Stage:
    """Where an operation is done and killed, and how the database was before and is after it."""

    database: Database
    town: Town
    story: Story
    actor: Victim
    before: Snapshot
    after: Snapshot
    answer: Any

    def kill_everywhere(self) -> tuple[int, list[str]]:
        """Kill the operation at each of its steps; return how many there were and what is wrong."""
        wrong: list[str] = []
        for step in range(1, STEPS_AT_MOST):
            came = self.actor.does(last_step=step)
            self._wait_until_gone()
            if isinstance(came, Lived):
                assert (came.answer, came.steps) == (self.answer, step - 1)
                assert snapshots.of(self.database) == self.after
                return step - 1, wrong
            assert came.signal == SIGKILL
            wrong += [f"killed at step {step}: {sentence}" for sentence in self._after_a_kill()]
        raise AssertionError("it has no end")

    def _after_a_kill(self) -> Iterator[str]:
        """Yield what is wrong after a kill, and when the same is asked for again."""
        found = snapshots.of(self.database)
        if found not in (self.before, self.after):
            yield f"neither before nor after: {snapshots.difference(found, self.before)}"
        snapshots.count_on(self.database)
        again = self.actor.does()
        if again.answer != self.answer:
            yield f"the repeat is answered {again.answer} instead of {self.answer}"
        found = snapshots.of(self.database)
        if found != self.after:
            yield f"the repeat differs: {snapshots.difference(found, self.after)}"
        snapshots.put_back(self.database, found, self.before)

    def _wait_until_gone(self) -> None:
        """Wait until PostgreSQL has noticed that its client died."""
        if self.database.dialect == "sqlite":
            return
        deadline = time.monotonic() + GONE_WITHIN_SECONDS
        while self._connections():
            assert time.monotonic() < deadline, "a dead client still holds its connection"
            time.sleep(0.002)

    def _connections(self) -> int:
        counted = "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name"
        with self.database.engine.connect() as connection:
            return connection.execute(text(counted), {"name": victims.NAME}).scalar_one()

    def wrong_later(self, then: Snapshot) -> list[str]:
        """Return what is wrong when nobody ever comes back, and only time passes."""
        now = self.story.now
        snapshots.put_back(self.database, snapshots.of(self.database), then)
        outbox.deliver_due(self.database, now=now + HOLD)
        wrong = [
            f"{row['code']} is still held"
            for row in snapshots.of(self.database)["discount_code"].values()
            if row["state"] == "reserved"
        ]
        outbox.deliver_due(self.database, now=now + LIFE)
        wrong += [
            f"{row['code']} is still out"
            for row in snapshots.of(self.database)["discount_code"].values()
            if row["state"] in {"issued", "reserved"}
        ]
        with self.database.transaction() as db:
            waiting = outbox_store.waiting(db, now=now + LIFE, limit=10)
            self.town.db = db
            wrong += [*self.town.wrong(), *[f"message {one} waits" for one in waiting]]
        return wrong


@pytest.fixture
def stage(
    database: Database,
    town: Town,
    operation: Operation,
    partner_token: Tokens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """Prepare the operation, do it once to see what it does, and put everything back."""
    monkeypatch.setattr(clock, "now", lambda: NOON)  # when tokens are given out
    token = partner_token(town.brand_id)
    with database.transaction() as db:
        town.db = db
        till = Till.of(town)
        ids = {"brand_id": town.brand_id, "client_id": till.client_id}
        at = {"offer_id": town.offer.public_id, "member_id": town.member("Ada")}
        story = Story(now=NOON, token=token, folder=tmp_path, **ids, **at)
        story = operation.prepare(town, till, story)
    before = snapshots.of(database)
    snapshots.count_on(database)
    asked = (operation.name, story)
    with victim(database, operations.ready, operations.run, asked, story.now) as actor:
        answer = actor.does().answer
        assert not isinstance(answer, Failed), answer.error
        after = snapshots.of(database)
        snapshots.put_back(database, after, before)
        yield Stage(database, town, story, actor, before, after, answer)


every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS]
)


@every_operation
def test_all_of_it_happened_or_nothing(
    stage: Stage, operation: Operation, dialect: str, record_property: evidence.Record
):
    kills, wrong = stage.kill_everywhere()
    for then in (stage.before, stage.after):
        wrong += stage.wrong_later(then)

    record_property(evidence.KILL, [dialect, operation.name, kills, len(wrong)])
    assert (stage.before != stage.after) == operation.changes
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("operation", [IN_TWO], ids=["in two"])
def test_half_of_it_is_noticed(stage: Stage):
    """The harness itself can fail: between two transactions it finds a code that is only held."""
    _, wrong = stage.kill_everywhere()

    assert any("neither before" in one and "'state': 'reserved'" in one for one in wrong)
