"""Deleting what is old, as the data map says: one statement for every table with a period.

A row that something else still refers to stays, until that is gone; what goes along with a row
goes first.
"""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, tuple_
from sqlmodel import Session

from server.store import data_map, tables
from server.store.data_map import Held, Rule


def is_due(db: Session, held: Held, *, now: datetime) -> bool:
    """Tell whether some row's period is over."""
    table = _table(held)
    wanted = select(*table.primary_key).where(_is_old(held, now)).limit(1)
    return db.connection().execute(wanted).first() is not None


def forget(db: Session, held: Held, *, now: datetime, limit: int) -> int:
    """Delete some rows whose period is over, with what goes along; return how many there were."""
    table = _table(held)
    wanted = select(*table.primary_key).where(_is_old(held, now)).limit(limit)
    keys = db.connection().execute(wanted.with_for_update(skip_locked=True, of=table)).all()
    if keys:
        _delete(db, table, tuple_(*table.primary_key).in_([tuple(key) for key in keys]))
    return len(keys)


def _table(held: Held) -> Table:
    return tables.METADATA.tables[held.table]


def _is_old(held: Held, now: datetime) -> ColumnElement[bool]:
    """Say which rows may go."""
    table, kept = _table(held), held.until
    assert kept.rule == Rule.PERIOD
    until = now.astimezone(UTC) - kept.after
    first, *others = (table.c[name] for name in kept.since)
    ended = [first <= _bound(first, until)]
    ended += [or_(other.is_(None), other <= _bound(other, until)) for other in others]
    ended += [table.c[name] != value for name, value in kept.unless.items()]
    return and_(*ended, *(~one for one in _referrers(held.table)))


def _bound(column: ColumnElement[Any], until: datetime) -> date | datetime:
    """Return a bound of the column's own kind; a day is as old as its beginning."""
    return until.date() if column.type.python_type is date else until


@cache
def _referrers(name: str) -> tuple[ColumnElement[bool], ...]:
    """Return what finds other rows that refer to one, and do not go along with it."""
    table = tables.METADATA.tables[name]
    along = [(held.table, [held.until.along]) for held in data_map.MAP]
    found: list[ColumnElement[bool]] = []
    for other in tables.METADATA.sorted_tables:
        for key in other.foreign_key_constraints:
            goes_along = (other.name, key.column_keys) in along
            if key.referred_table is table and not goes_along:
                row = other.alias()
                same = [row.c[e.parent.name] == table.c[e.column.name] for e in key.elements]
                found.append(exists().where(*same).correlate(table))
    return tuple(found)


def _delete(db: Session, table: Table, which: ColumnElement[bool]) -> None:
    """Delete rows, and before them those that go along with them."""
    for held in data_map.MAP:
        column = held.until.along
        if column is None:
            continue
        child = _table(held)
        (key,) = child.c[column].foreign_keys
        if key.column.table is table:
            _delete(db, child, child.c[column].in_(select(key.column).where(which)))
    db.connection().execute(delete(table).where(which))
