"""One round of everything that happens by itself."""

from datetime import datetime

import structlog

from server.gateways.uploads import Uploads
from server.jobs import integrity, outbox
from server.services import (
    content_items,
    data_exports,
    privacy_answers,
    retention,
    signing_keys,
    stripe_reconciliations,
    visits,
)
from server.store import heartbeats
from server.store.connection import Database

BATCH = 500
WORKER = "worker"

log = structlog.get_logger()


def sweep(
    database: Database,
    *,
    now: datetime,
    by: outbox.Handlers = outbox.HANDLERS,
    uploads: Uploads | None = None,
) -> None:
    """Count and check visits, do what is due, forget what is old, and show a sign of life."""
    while True:
        with database.transaction() as db:
            applied = visits.apply_verified(db, now=now, limit=BATCH)
        if applied.decided < BATCH:
            break
    integrity.run(database, now=now)  # before anything vests
    while True:
        with database.transaction() as db:
            vested = visits.vest_due(db, now=now, limit=BATCH)
        if vested < BATCH:
            break
    while outbox.deliver_due(database, now=now, limit=BATCH, by=by):
        pass  # what was done may have written what is due next, such as the steps of an export
    forget(database, now=now)
    _warn_of_late_answers(database, now)
    with database.transaction() as db:
        stripe_reconciliations.plan_due(db, now=now)
        data_exports.give_up_stuck(db, now=now)
        signing_keys.rotate(db, now=now)
        heartbeats.beat(db, WORKER, now=now)
    if uploads is not None:
        forget_uploads(database, uploads, now=now)


def forget_uploads(database: Database, uploads: Uploads, *, now: datetime) -> None:
    """Remove files whose rows were never committed."""
    with database.reading() as db:
        named = content_items.file_names(db)
    if removed := uploads.sweep(named, now=now):
        log.info("uploads_removed", count=removed)


def forget(database: Database, *, now: datetime) -> None:
    """Forget what is old, a batch at a time, so that nobody waits for long."""
    forgot, is_more = False, True
    while is_more:  # what referred to a row may be gone only after the first round
        with database.reading() as db:
            due = retention.due(db, now=now)
        is_more = False
        while due:
            with database.transaction() as db:
                gone = retention.forget_old(db, now=now, only=due)
            due = tuple(table for table, count in gone.items() if count >= retention.BATCH)
            is_more = is_more or any(gone.values())
        forgot = forgot or is_more
    if forgot:  # SQLite's log still holds what was deleted
        database.settle()


def _warn_of_late_answers(database: Database, now: datetime) -> None:
    """Say once a day for each request of a person whose time for an answer is over."""
    with database.transaction() as db:
        late = privacy_answers.warn_overdue(db, now=now)
    for one in late:
        log.warning("privacy_request_overdue", request_public_id=one.public_id, days=one.days)
