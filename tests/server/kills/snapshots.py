"""A whole database as values: to be compared to the last column, and to be put back.

Where numbers of rows that were never written leave a gap, the gap is closed: it is no state.
"""

from typing import Any

from sqlalchemy import Connection, Table, text

from server.store import tables
from server.store.connection import Database

Key = tuple[Any, ...]
Snapshot = dict[str, dict[Key, dict[str, Any]]]
"""Rows by the name of their table and their primary key."""

_TABLES = tables.METADATA.sorted_tables
_FILLED = text(
    " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name})"  # noqa: S608 - our own
        for table in _TABLES
    )
)


def of(database: Database) -> Snapshot:
    """Return everything that is in the database."""
    with database.engine.connect() as connection:
        filled = set(connection.execute(_FILLED).scalars())
        return {t.name: _rows(connection, t) if t.name in filled else {} for t in _TABLES}


def put_back(database: Database, now: Snapshot, then: Snapshot) -> None:
    """Make a database that holds ``now`` what it was ``then``."""
    with database.engine.begin() as connection:
        for table in reversed(_TABLES):
            for key in now[table.name].keys() - then[table.name].keys():
                connection.execute(table.delete().where(*_is(table, key)))
        for table in _TABLES:
            before, after = now[table.name], then[table.name]
            for key, row in after.items():
                if key not in before:
                    connection.execute(table.insert(), row)
                elif before[key] != row:
                    connection.execute(table.update().where(*_is(table, key)), row)
    count_on(database)


def count_on(database: Database) -> None:
    """Let new rows be numbered from the last one that is there; SQLite does so by itself."""
    if database.dialect == "sqlite":
        return
    with database.engine.begin() as connection:
        connection.execute(text(_SEQUENCES))


def difference(found: Snapshot, expected: Snapshot) -> str:
    """Return which rows differ, for people."""
    return "; ".join(
        f"{name} {key}: {found[name].get(key)} instead of {expected[name].get(key)}"
        for name in found
        for key in sorted(found[name].keys() | expected[name].keys())
        if found[name].get(key) != expected[name].get(key)
    )


def _rows(connection: Connection, table: Table) -> dict[Key, dict[str, Any]]:
    names = [column.name for column in table.primary_key]
    rows = [dict(row) for row in connection.execute(table.select()).mappings()]
    return {tuple(row[name] for name in names): row for row in rows}


def _is(table: Table, key: Key) -> list[Any]:
    return [column == value for column, value in zip(table.primary_key, key, strict=True)]


_SEQUENCE = "setval(pg_get_serial_sequence('{0}', 'id'), coalesce(max(id), 0) + 1, false) FROM {0}"
_SEQUENCES = " UNION ALL ".join(
    "SELECT " + _SEQUENCE.format(table.name)
    for table in _TABLES
    if "id" in table.c and table.c.id.type.python_type is int
)
