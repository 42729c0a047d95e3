"""Whether this installation can do its work now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.store import heartbeats, migration, privacy_requests

WORKER = "worker"
SILENT_AT_MOST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well, and a sentence for whoever has to repair it."""

    name: str
    is_well: bool
    sentence: str


def checks(db: Session, *, now: datetime) -> list[Check]:
    """Return every check; the database answered if this returns at all."""
    found = [Check("database", is_well=True, sentence="The database answers.")]
    if not migration.is_current(db.connection()):
        old = "The tables are not those of this version; run `fanfare migrate`."
        return [*found, Check("migrations", is_well=False, sentence=old)]
    current = Check("migrations", is_well=True, sentence="The tables are those of this version.")
    return [*found, current, _worker(db, now), _requests(db, now)]


def _worker(db: Session, now: datetime) -> Check:
    seen = heartbeats.find(db, WORKER)
    if seen is None:
        return Check(WORKER, is_well=False, sentence="The worker was never seen; start it.")
    age = now - seen.seen_at
    seconds = int(age.total_seconds())
    return Check(
        WORKER,
        is_well=age <= SILENT_AT_MOST,
        sentence=f"The worker was last seen {seconds} seconds ago.",
    )


def _requests(db: Session, now: datetime) -> Check:
    """Tell the operator of late answers; the site serves people all the same."""
    late = privacy_requests.count_all_ended(db, before=now)
    sentence = f"Requests of people whose time for an answer is over: {late}."
    return Check("requests", is_well=True, sentence=sentence)
