"""Doing what the outbox says is due.

A message is done in the same transaction in which its effect is written, so it happens exactly
once however often a worker dies.  A message that fails is tried again later, and holds up no other.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from server.services import (
    codes,
    conversions,
    data_exports,
    export_means,
    own_orders,
    reservations,
)
from server.settings import Settings
from server.store import outbox
from server.store.connection import Database

LONGEST_PAUSE = timedelta(hours=6)

Handlers = dict[str, Callable[[Session, dict[str, Any], datetime], None]]

log = structlog.get_logger()


def _vest(db: Session, content: dict[str, Any], now: datetime) -> None:
    conversions.vest(db, conversion_id=content["conversion_id"], now=now)


def _expire(db: Session, content: dict[str, Any], now: datetime) -> None:
    codes.expire(db, code_id=content["code_id"], now=now)


def _end(db: Session, content: dict[str, Any], now: datetime) -> None:
    reservations.end(db, reservation_id=content["reservation_id"], now=now)


def _learnt(db: Session, content: dict[str, Any], now: datetime) -> None:
    own_orders.refuse_pending(db, member_id=content["member_id"], now=now)


HANDLERS: Handlers = {
    conversions.VEST: _vest,
    codes.EXPIRE: _expire,
    reservations.END: _end,
    own_orders.LEARNT: _learnt,
}
"""What needs nothing but the database."""


def handlers(settings: Settings) -> Handlers:
    """Return what does every kind of message, with the keys of this deployment."""
    means = export_means.of(settings)

    def export(db: Session, content: dict[str, Any], now: datetime) -> None:
        data_exports.advance(db, export_id=content["export_id"], means=means, now=now)

    return {**HANDLERS, data_exports.ADVANCE: export}


def deliver_due(
    database: Database, *, now: datetime, limit: int = 1000, by: Handlers = HANDLERS
) -> int:
    """Do what is due, each in a transaction of its own; return how much was done."""
    with database.reading() as db:
        due = outbox.waiting(db, now=now, limit=limit)
    done = 0
    for message_id in due:
        try:
            with database.transaction() as db:
                done += deliver(db, message_id, now=now, by=by)
        except Exception as error:  # one bad message must not hold up the others
            log.exception("outbox_failed", message_id=message_id)
            with database.transaction() as db:
                postpone(db, message_id, error, now)
    return done


def deliver(db: Session, message_id: int, *, now: datetime, by: Handlers = HANDLERS) -> bool:
    """Do one message, unless it is done or another worker is at it; return whether it was done."""
    message = outbox.lock(db, message_id)
    if message is None:
        return False
    by[message.kind](db, message.content, now)
    message.done_at = now
    return True


def postpone(db: Session, message_id: int, error: Exception, now: datetime) -> None:
    """Let a message that failed wait, longer each time."""
    message = outbox.lock(db, message_id)
    if message is None:
        return
    message.attempts += 1
    message.last_error = type(error).__name__
    message.due_at = now + min(timedelta(minutes=2**message.attempts), LONGEST_PAUSE)
