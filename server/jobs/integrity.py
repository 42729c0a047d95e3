"""The nightly check of every offer's visits (docs/ENGINE.md §10): two passes, a batch at a time.

Nothing is locked while visits are read; what was found is written in small transactions.  What
cannot be read of one sharer is held unchecked; if the check of an offer cannot run at all, nothing
of that offer vests until it has.  So a failure never pays and never denies.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from rewards.anomalies import VISITS_MIN, Norms, Seen, Tally
from rewards.integrity import UNCHECKED, Examined, Standing, examine, judge
from server.services import case_deadlines, holds, nights
from server.services.holds import Found
from server.services.nights import Figures
from server.store import findings, night_visits
from server.store.connection import Database
from server.store.integrity_nights import Turn

BATCH = 200
"""How many sharers are read at a time."""
WRITTEN = 100
"""How many findings are written in one transaction."""

log = structlog.get_logger()

Visits = dict[int, list[Seen] | None]
"""The visits of some sharers; None where they could not be read."""


def run(database: Database, *, now: datetime) -> None:
    """Check every offer whose night is due and that nobody works on, and end what is over."""
    with database.transaction() as db:
        turns = nights.begin(db, now=now)
    for turn in turns:
        with database.transaction() as db:
            is_mine = nights.take(db, turn, now=now)
        if is_mine:
            _try(database, turn, now)
    while True:
        with database.transaction() as db:
            ended = case_deadlines.end_due(db, now=now, limit=BATCH)
        if ended == 0:
            break


def _try(database: Database, turn: Turn, now: datetime) -> None:
    try:
        check(database, turn, now=now)
    except Exception as error:  # the offer waits; the others do not
        log.exception("integrity_night_failed", count=turn.attempts + 1)
        with database.transaction() as db:
            nights.put_off(db, turn, error, now=now)


def check(database: Database, turn: Turn, *, now: datetime) -> None:
    """Check the visits of one offer before one midnight."""
    since = nights.PERIOD
    with database.reading() as db:
        everybody = night_visits.sharers(
            db, offer_id=turn.offer_id, since=turn.night - since, until=turn.night
        )
    tally = Tally()
    for batch in _batches(everybody, BATCH):
        for visits in _read(database, turn, batch).values():
            tally.add(visits or [])
    found, unread, examined = _look(database, turn, everybody, tally.norms())
    figures = Figures(examined=examined)
    for batch in _batches(sorted(found), WRITTEN):
        part = {one: found[one] for one in batch}
        with database.transaction() as db:
            figures += holds.record(db, turn=turn, found=part, now=now)
    with database.transaction() as db:
        read = frozenset(everybody) - unread
        holds.end_unchecked(db, turn=turn, read=read, now=now)
        nights.finish(db, turn, figures, now=now)


def _look(
    database: Database, turn: Turn, everybody: list[int], norms: Norms
) -> tuple[dict[int, Found], frozenset[int], int]:
    """Return what was found, who could not be read, and how many were examined.

    Only visits that no hold has covered before are looked at.
    """
    ps: list[float] = []
    remarkable: dict[int, Examined] = {}
    since: dict[int, datetime] = {}
    unread: set[int] = set()
    for batch in _batches(everybody, BATCH):
        with database.reading() as db:
            cleared = findings.cleared(db, batch)
        for sharer, visits in _read(database, turn, batch).items():
            since[sharer] = holds.since_of(turn.night, cleared.get(sharer))
            if visits is None:
                unread.add(sharer)
                continue
            fresh = [seen for seen in visits if seen.at_s >= since[sharer].timestamp()]
            if len(fresh) < VISITS_MIN:
                continue
            one = examine(fresh, norms)
            ps.append(one.p)
            if one.is_remarkable:
                remarkable[sharer] = one
    found = {
        sharer: Found(finding, since[sharer])
        for sharer, finding in judge(remarkable, ps).items()
        if finding.standing is not Standing.NONE
    }
    held = {sharer: Found(UNCHECKED, since[sharer], is_checked=False) for sharer in unread}
    return found | held, frozenset(unread), len(ps)


def _read(database: Database, turn: Turn, batch: Sequence[int]) -> Visits:
    """Read the visits of some sharers; if that fails, each alone, to see whose are to blame."""
    try:
        return dict(_visits(database, turn, batch))
    except Exception:
        log.exception("integrity_batch_failed", count=len(batch))
    alone: Visits = {}
    for sharer in batch:
        try:
            alone |= _visits(database, turn, [sharer])
        except Exception:  # noqa: BLE001 - the batch has said why; this one is held unchecked
            alone[sharer] = None
    return alone


def _visits(database: Database, turn: Turn, batch: Sequence[int]) -> dict[int, list[Seen]]:
    with database.reading() as db:
        return night_visits.of_participants(
            db,
            list(batch),
            offer_id=turn.offer_id,
            since=turn.night - nights.PERIOD,
            until=turn.night,
        )


def _batches(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])
