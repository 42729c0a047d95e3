"""The nightly check, vesting, rulings, deadlines and erasing, all at the same moment."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from rewards.integrity import Ruling
from server.errors import Conflict, NotFound
from server.jobs import integrity, outbox
from server.services import case_deadlines, erasures, rulings, visits
from server.services.conversation_rules import Colleague
from server.store.connection import Database
from server.store.findings import Finding
from server.store.integrity_cases import IntegrityCase
from server.store.integrity_nights import IntegrityNight
from tests.rewards.traffic import timer_bot
from tests.server import nights, reviewing
from tests.server.nights import DAYS, MIDNIGHT, TWO, Nights
from tests.server.races.conftest import Tally, unlike
from tests.server.races.crowd import at_once
from tests.server.reviewing import REASON, Desk

WORKERS = 12


@pytest.fixture
def town(database: Database) -> Nights:
    """Mallory's clicks of the last 14 days; the first of them vest today."""
    town = nights.found(database)
    town.crowd(15)
    town.audience("Mallory", timer_bot(Random(5)))  # noqa: S311 - it must repeat
    town.order("Mallory", "120.00", at=MIDNIGHT - 14 * DAYS + timedelta(hours=1))
    with database.transaction() as db:
        visits.apply_verified(db, now=MIDNIGHT, limit=10_000)
    return town


@pytest.fixture
def desk(town: Nights) -> Desk:
    town.check()
    return reviewing.desk(town)


def act(database: Database, task: tuple[str, Any, datetime]) -> str:
    """Do one thing; return what came of it."""
    what, whom, now = task
    try:
        if what == "check":
            integrity.run(database, now=now)
        elif what == "vest":
            with database.transaction() as db:
                visits.vest_due(db, now=now, limit=500)
            outbox.deliver_due(database, now=now)
        elif what == "deadline":
            with database.transaction() as db:
                case_deadlines.end_due(db, now=now, limit=10)
        elif what == "erase":
            with database.transaction() as db:
                erasures.erase(db, member_id=whom, now=now)
        else:
            by, case, seen = whom
            with database.transaction() as db:
                rulings.decide(
                    db,
                    by=by,
                    public_id=case,
                    ruling=Ruling(what),
                    reason=REASON,
                    seen=seen,
                    now=now,
                )
    except (Conflict, NotFound) as refusal:
        return type(refusal).__name__
    return what


def rows(database: Database, kind: type) -> list[Any]:
    with database.reading() as db:
        return list(db.exec(select(kind).order_by(kind.id)))


def test_a_night_is_done_once_by_many_workers(database: Database, town: Nights, tally: Tally):
    came = at_once(database, act, [("check", None, TWO)] * WORKERS)
    found = [(one.participant_id, one.night) for one in rows(database, Finding)]
    night, cases = rows(database, IntegrityNight), rows(database, IntegrityCase)
    tally(
        f"{WORKERS} workers check one night",
        attempts=WORKERS,
        successes=len(night),
        wrong=[
            *unlike(Counter(came), {"check": WORKERS}),
            *unlike(len(set(found)), len(found)),
            *unlike((len(cases), night[0].attempts), (1, 1)),
            *unlike(night[0].finished_at, TWO),
            *town.wrong(),
        ],
    )


def test_what_vests_while_the_night_is_checked_is_not_held_and_the_rest_is(
    database: Database, town: Nights, tally: Tally
):
    tasks = [("check" if n % 3 == 0 else "vest", None, TWO) for n in range(WORKERS)]
    came = at_once(database, act, tasks)
    orders, vested = town.vested("Mallory")
    later = act(database, ("vest", None, TWO + 10 * DAYS))
    tally(
        "a night is checked while things vest",
        attempts=WORKERS,
        successes=len(town.findings("Mallory")),
        wrong=[
            *unlike(Counter(came)["vest"], WORKERS - WORKERS // 3),
            *unlike(later, "vest"),
            *unlike(town.vested("Mallory"), (orders, vested)),
            *unlike(len(town.findings("Mallory")), 1),
            *town.wrong(),
        ],
    )


def test_of_many_rulings_one_stands(database: Database, town: Nights, desk: Desk, tally: Tally):
    people = list(desk.people.values())
    ways = (Ruling.DENY, Ruling.RELEASE, Ruling.CONFIRM)
    tasks = [(str(ways[n % 3]), (people[n % 2], desk.case, 1), TWO + DAYS) for n in range(WORKERS)]
    came = Counter(at_once(database, act, tasks))
    (case,) = rows(database, IntegrityCase)
    final = came["deny"] + came["release"]
    tally(
        f"{WORKERS} rulings about one case",
        attempts=WORKERS,
        successes=sum(came[str(way)] for way in ways),
        wrong=[
            *unlike(final, 1),
            *unlike(came["confirm"] <= 1, True),
            *unlike(sum(came.values()) - final - came["confirm"], came["Conflict"]),
            *unlike(case.ruling, "deny" if came["deny"] else "release"),
            *town.wrong(),
        ],
    )


def test_a_deadline_and_a_denial_meet_and_one_of_them_is_first(
    database: Database, town: Nights, desk: Desk, tally: Tally
):
    due = TWO + 14 * DAYS
    nele: Colleague = desk.people["Nele"]
    tasks = [("deadline", None, due) for _ in range(WORKERS)]
    tasks.insert(WORKERS // 2, ("deny", (nele, desk.case, 1), due))
    came = Counter(at_once(database, act, tasks))
    (case,) = rows(database, IntegrityCase)
    expected = ("decided", None) if came["deny"] else ("closed", "lapsed")
    tally(
        "a release by time against a denial",
        attempts=len(tasks),
        successes=came["deny"],
        wrong=[
            *unlike((case.state, case.outcome), expected),
            *unlike(came["deny"] + came["Conflict"], 1),
            *unlike(case.deadline_at > due, bool(came["deny"])),
            *town.wrong(),
        ],
    )


def test_a_ruling_about_somebody_who_is_erased_leaves_no_word(
    database: Database, town: Nights, desk: Desk, tally: Tally
):
    nele: Colleague = desk.people["Nele"]
    tasks: list[tuple[str, Any, datetime]] = [("check", None, TWO + DAYS)] * 4
    tasks += [("deny", (nele, desk.case, 1), TWO + DAYS)] * 4
    tasks.insert(4, ("erase", town.member("Mallory"), TWO + DAYS))
    came = Counter(at_once(database, act, tasks))
    (case,) = rows(database, IntegrityCase)
    (found,) = [one for one in town.findings() if one.participant_id == case.participant_id]
    tally(
        "a denial while the person erases everything",
        attempts=len(tasks),
        successes=came["deny"],
        wrong=[
            *unlike(came["erase"], 1),
            *unlike((case.evidence, case.numbers, case.reason.strip("-")), ([], [], "")),
            *unlike((found.sentence, found.anomalies), ("", [])),
            *unlike(came["deny"] + came["Conflict"], 4),
            *town.wrong(),
        ],
    )
