"""The power fails at every step of a night: nothing is paid, doubled or stuck."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from signal import SIGKILL

import pytest
from sqlmodel import select

from server.jobs import integrity
from server.jobs.sweep import sweep
from server.services.nights import LEASE
from server.store.connection import Database
from server.store.findings import Finding
from server.store.integrity_cases import IntegrityCase
from server.store.integrity_nights import IntegrityNight
from tests import evidence
from tests.rewards.traffic import timer_bot
from tests.server import nights
from tests.server.kills import snapshots
from tests.server.kills.victims import Killed, Lived, Victim, victim
from tests.server.nights import DAYS, MIDNIGHT, TWO, Nights

STEPS_AT_MOST = 200
LATER = TWO + LEASE + timedelta(minutes=1)


def check(database: Database, now: datetime) -> str:
    """Look at the night."""
    integrity.run(database, now=now)
    return "looked"


def ready(database: Database, _now: datetime) -> None:
    """Open the database once, so that only the night's own steps are counted."""
    with database.reading() as db:
        db.exec(select(IntegrityNight)).all()
    database.close()


@pytest.fixture
def town(database: Database) -> Nights:
    """What Mallory's link brought first is due today."""
    town = nights.found(database)
    town.crowd(6)
    town.audience("Mallory", timer_bot(Random(5)))  # noqa: S311 - it must repeat
    town.order("Mallory", "120.00", at=MIDNIGHT - 14 * DAYS + timedelta(hours=1))
    return town


@pytest.fixture
def actor(database: Database) -> Iterator[Victim]:
    with victim(database, ready, check, TWO, TWO) as actor:
        yield actor


def wrong(town: Nights) -> Iterator[str]:
    """Yield what is wrong after a kill: another worker comes, and another one later."""
    sweep(town.database, now=TWO)
    if town.vested("Mallory") != (0, 0):
        yield f"unchecked things vested: {town.vested('Mallory')}"
    sweep(town.database, now=LATER)
    if town.vested("Mallory") != (0, 0):
        yield f"held things vested: {town.vested('Mallory')}"
    with town.database.reading() as db:
        found = db.exec(select(Finding).where(Finding.standing == "hold")).all()
        cases = db.exec(select(IntegrityCase)).all()
        (night,) = db.exec(select(IntegrityNight)).all()
    told = ([one.standing for one in found], [one.state for one in cases])
    if told != (["hold"], ["open"]):
        yield f"found twice, or not: {told}"
    if night.finished_at is None:
        yield "the night is not finished"
    yield from town.wrong()


def test_a_night_is_finished_by_somebody_and_pays_nobody_meanwhile(
    database: Database,
    town: Nights,
    actor: Victim,
    record_property: evidence.Record,
    dialect: str,
):
    before, mistakes = snapshots.of(database), []
    for step in range(1, STEPS_AT_MOST):
        came = actor.does(last_step=step)
        if isinstance(came, Lived):
            break
        assert isinstance(came, Killed)
        assert came.signal == SIGKILL
        mistakes += [f"killed at step {step}: {one}" for one in wrong(town)]
        snapshots.put_back(database, snapshots.of(database), before)
    else:
        raise AssertionError("it has no end")

    record_property(evidence.KILL, [dialect, "a night", step - 1, len(mistakes)])
    assert step > 20
    assert not mistakes, "\n".join(mistakes)
