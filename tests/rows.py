"""Rows of any table, made from nothing but its columns, with the rows that they refer to.

What a table's rules ask of a column is read from the constraints as far as they say it simply;
what they say otherwise stands in ``HINTS``.
"""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import CheckConstraint, Column, Table, insert
from sqlmodel import Session

from rewards.codec import terms_to_json
from rewards.terms import default_terms
from server.store import tables

MADE_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMS = default_terms(currency="EUR", average_order_minor=80_00)
HINTS: dict[str, dict[str, Any]] = {
    "case_statement": {"kind": lambda row: "answer" if row.get("consent_id") else "question"},
    "answer": {"answered_at": datetime(2000, 1, 1, tzinfo=UTC)},
    "brand": {"currency": "EUR"},
    "discount_code": {"expires_at": MADE_AT + timedelta(days=30)},
    "integrity_case": {
        "state": lambda row: "closed" if row.get("closed_at") else "open",
        "outcome": lambda row: "released" if row.get("closed_at") else None,
    },
    "integrity_finding": {"covers_until": MADE_AT + timedelta(days=14)},
    "offer": {"terms": terms_to_json(TERMS)},
    "privacy_request": {
        "due_at": MADE_AT + timedelta(days=30),
        "state": lambda row: "answered" if row.get("answered_at") else "open",
    },
    "question": {"choice_count": 2},
    "stripe_coupon": {"value_minor": 500},
}
"""Values that constraints ask for in words that are not read here, by table and column.

A function makes the value from what is known of the row.
"""

_NUMBERS = count(1)
_ONE_OF = re.compile(r"^(\w+) IN \((.*)\)$")
_LONG = re.compile(r"^length\((\w+)\) = (\d+)$")


def make(db: Session, name: str, /, **values: Any) -> dict[str, Any]:
    """Write one row, and rows for it to refer to; return it with its key."""
    table = tables.METADATA.tables[name]
    row = hinted(name, values)
    for column in table.columns:
        if column.name not in row and not _is_left_out(column):
            row[column.name] = _value(db, table, column)
    key = db.connection().execute(insert(table).values(row)).inserted_primary_key
    assert key is not None
    return row | dict(zip((column.name for column in table.primary_key), key, strict=True))


def hinted(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return some columns of a row with those that they ask for."""
    return {
        column: hint(values) if callable(hint) else hint
        for column, hint in HINTS.get(name, {}).items()
    } | values


def another_value(name: str, column: str, value: str) -> str:
    """Return a value that a column may have besides this one."""
    table = tables.METADATA.tables[name]
    return next(one for one in _allowed(table, table.columns[column]) if one != value)


def _is_left_out(column: Column[Any]) -> bool:
    if column.foreign_keys or column.default is not None:
        return bool(column.nullable or column.default is not None)
    return bool(column.nullable) or (column.primary_key and _kind(column) is int)


def _value(db: Session, table: Table, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        target = key.column
        if target.table is not table:
            return make(db, target.table.name)[target.name]
    number, kind = next(_NUMBERS), _kind(column)
    if kind is str:
        return _text(table, column, number)
    simple = {int: 1, bool: False, bytes: number.to_bytes(16), date: MADE_AT.date()}
    return simple.get(kind, MADE_AT if kind is datetime else {})


def _text(table: Table, column: Column[Any], number: int) -> str:
    for said in _rules(table):
        if (found := _LONG.match(said)) and found[1] == column.name:
            return str(number).rjust(int(found[2]), "x")
    longest = getattr(column.type, "length", None)
    return next(iter(_allowed(table, column)), str(number)[-(longest or 0) :])


def _allowed(table: Table, column: Column[Any]) -> list[str]:
    """Return the words that a column may have, if there is a list of them."""
    for said in _rules(table):
        if (found := _ONE_OF.match(said)) and found[1] == column.name:
            return re.findall("'([^']*)'", found[2])
    return []


def _rules(table: Table) -> list[str]:
    return [str(r.sqltext) for r in table.constraints if isinstance(r, CheckConstraint)]


def _kind(column: Column[Any]) -> type:
    return getattr(column.type, "impl_instance", column.type).python_type
