"""Doing what needs somebody else's server: planned, asked and written in three separate steps.

Only the first and the last are transactions, so that nobody waits for Stripe with a lock in hand.
A worker that dies after asking leaves the message due again; asking twice has one effect, because
what is asked carries names that we chose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from server.gateways.stripe.failures import Failed, Silent
from server.jobs.outbox import postpone
from server.services import (
    stripe_accounts,
    stripe_codes,
    stripe_doors,
    stripe_events,
    stripe_reconciliations,
)
from server.services.stripe_means import Means
from server.store import outbox
from server.store.connection import Database

AT_IT = timedelta(seconds=90)
"""For how long a message belongs to the worker that took it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of message: what is to be asked (None: nothing), the asking, and writing it down."""

    plan: Callable[[Session, Means, dict[str, Any], datetime], Any]
    perform: Callable[[Means, Any], Any]
    record: Callable[[Session, Means, Any, Any, datetime], None]


CALLS: dict[str, Call] = {
    stripe_codes.FOLLOW: Call(stripe_codes.plan, stripe_codes.perform, stripe_codes.record),
    stripe_accounts.HOOK: Call(
        stripe_doors.plan_hook, stripe_doors.make_hook, stripe_doors.keep_hook
    ),
    stripe_accounts.LEAVE: Call(
        stripe_doors.plan_leaving, stripe_doors.leave, stripe_doors.write_leaving
    ),
    stripe_events.WORK: Call(stripe_events.plan, stripe_events.perform, stripe_events.record),
    stripe_reconciliations.RECONCILE: Call(
        stripe_reconciliations.plan,
        stripe_reconciliations.perform,
        stripe_reconciliations.record,
    ),
}


def make_due(database: Database, means: Means, *, now: datetime, limit: int = 500) -> int:
    """Make the calls that are due; return how many messages were done.

    An account at which Stripe was silent once is left alone for the rest of the round.
    """
    with database.reading() as db:
        due = outbox.waiting(db, now=now, limit=limit, calls=True)
    done, silent = 0, set[int]()
    for message_id in due:
        done += _try(database, means, message_id, silent, now)
    return done


def make(
    database: Database, means: Means, kind: str, content: dict[str, Any], *, now: datetime
) -> None:
    """Make one call at once, without a message.

    Raises:
        Failed: Stripe did not answer, or said no.

    """
    call = CALLS[kind]
    with database.transaction() as db:
        plan = call.plan(db, means, content, now)
    if plan is None:
        return
    asked = call.perform(means, plan)
    with database.transaction() as db:
        call.record(db, means, plan, asked, now)


def _try(
    database: Database, means: Means, message_id: int, silent: set[int], now: datetime
) -> bool:
    account_id = None
    try:
        with database.transaction() as db:
            message = outbox.lock(db, message_id)
            if message is None or message.due_at > now:
                return False
            account_id = int(message.content["account_id"])
            if account_id in silent:
                return False
            call = CALLS[message.kind]
            plan = call.plan(db, means, message.content, now)
            message.due_at = now + AT_IT
            if plan is None:
                message.done_at = now
                return True
        asked = call.perform(means, plan)
        with database.transaction() as db:
            message = outbox.lock(db, message_id)
            # Also where another worker took over meanwhile: what Stripe did for us is so.
            call.record(db, means, plan, asked, now)
            stripe_accounts.note_trouble(db, account_id=account_id, sentence=None, now=now)
            if message is not None:
                message.done_at = now
    except Exception as error:  # one bad message must not hold up the others
        if isinstance(error, Silent) and account_id is not None:
            silent.add(account_id)
        if not isinstance(error, Failed | stripe_codes.Busy):
            log.exception("call_failed", message_id=message_id)
        _give_up(database, message_id, account_id, error, now)
        return False
    return True


def _give_up(
    database: Database, message_id: int, account_id: int | None, error: Exception, now: datetime
) -> None:
    with database.transaction() as db:
        postpone(db, message_id, error, now)
        if isinstance(error, Failed) and account_id is not None:
            stripe_accounts.note_trouble(db, account_id=account_id, sentence=str(error), now=now)
