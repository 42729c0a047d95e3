"""One round of everything that happens by itself."""

from datetime import datetime

from server.jobs import outbox
from server.services import (
    authorizations,
    requests,
    stripe_reconciliations,
    visits,
    webhook_deliveries,
)
from server.store import heartbeats, sessions
from server.store import outbox as outbox_store
from server.store.connection import Database

BATCH = 500
WORKER = "worker"


def sweep(database: Database, *, now: datetime) -> None:
    """Count verified visits, do what is due, forget what is old, and show a sign of life."""
    while True:
        with database.transaction() as db:
            applied = visits.apply_verified(db, now=now, limit=BATCH)
        if applied.decided < BATCH:
            break
    while True:
        with database.transaction() as db:
            vested = visits.vest_due(db, now=now, limit=BATCH)
        if vested < BATCH:
            break
    while outbox.deliver_due(database, now=now, limit=BATCH) == BATCH:
        pass
    with database.transaction() as db:
        visits.destroy_old_salts(db, now=now)
        sessions.remove_expired(db, now=now)
        authorizations.remove_expired(db, now=now)
        requests.forget_old(db, now=now)
        webhook_deliveries.forget_old(db, now=now)
        stripe_reconciliations.plan_due(db, now=now)
        stripe_reconciliations.forget_old(db, now=now)
        outbox_store.remove_done_before(db, now - outbox.KEPT_FOR)
        heartbeats.beat(db, WORKER, now=now)
