"""Forgetting what is old: the periods stand in the data map, and nowhere else.

A table whose rows just go needs a period there and nothing here.  Where more is to be done, its
period names a forgetter of ``FORGETTERS``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from server.services import answers, old_visits
from server.store import data_map, forgetting, tables
from server.store.data_map import Held, Rule

BATCH = 500
"""How many rows of a table go in one transaction, so that nobody waits for long."""


class _IsDue(Protocol):
    def __call__(self, db: Session, held: Held, *, now: datetime) -> bool: ...


class _Forget(Protocol):
    def __call__(self, db: Session, held: Held, *, now: datetime, limit: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Forgetter:
    """How to see that something of a table is due, and how to forget some of it."""

    is_due: _IsDue
    forget: _Forget


DELETING = Forgetter(forgetting.is_due, forgetting.forget)
FORGETTERS: dict[str, Forgetter] = {
    "answers": Forgetter(answers.is_due, answers.forget),
    "visits": Forgetter(old_visits.is_due, old_visits.forget),
}
"""Forgetters that do more than delete, by the name that periods call them."""


def periodic() -> tuple[Held, ...]:
    """Return the tables with a period, those that refer to others first."""
    order = [table.name for table in reversed(tables.METADATA.sorted_tables)]
    held = (held for held in data_map.MAP if held.until.rule == Rule.PERIOD)
    return tuple(sorted(held, key=lambda one: order.index(one.table)))


def due(db: Session, *, now: datetime) -> tuple[str, ...]:
    """Return the tables of which something is to be forgotten; a look that keeps nobody waiting."""
    return tuple(held.table for held in periodic() if _forgetter(held).is_due(db, held, now=now))


def forget_old(
    db: Session, *, now: datetime, only: Collection[str] | None = None, limit: int = BATCH
) -> dict[str, int]:
    """Forget a batch of what is old in every table, or in some; return how many rows of each.

    Whoever calls goes on while a table gives whole batches.
    """
    return {
        held.table: _forgetter(held).forget(db, held, now=now, limit=limit)
        for held in periodic()
        if only is None or held.table in only
    }


def _forgetter(held: Held) -> Forgetter:
    return FORGETTERS[held.until.does] if held.until.does else DELETING
