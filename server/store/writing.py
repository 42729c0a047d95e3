"""Writing a new row in one statement, for what happens all the time.

An ORM object and a savepoint cost ten times as much.  Column defaults apply as ever.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel

Returning = ReturningInsert[Any]
Statement = postgresql.Insert | sqlite.Insert


def put(db: Session, model: type[SQLModel], values: dict[str, Any]) -> int:
    """Write a new row and return its id."""
    connection = db.connection()
    statement, _ = _statements(model, connection.dialect.name)
    return int(connection.execute(statement, values).scalar_one())


def put_first(db: Session, model: type[SQLModel], values: dict[str, Any]) -> int | None:
    """Write a new row, unless a unique constraint of its table says that somebody was first.

    Returns its id, or None.  In PostgreSQL this waits for whoever is writing the same now.
    """
    connection = db.connection()
    _, statement = _statements(model, connection.dialect.name)
    id_ = connection.execute(statement, values).scalar()
    return None if id_ is None else int(id_)


def put_unless_there(db: Session, model: type[SQLModel], values: dict[str, Any]) -> bool:
    """Write a row whose key is its own content, unless it is there; return whether it is new."""
    connection = db.connection()
    statement = insert_into(model, connection.dialect.name).on_conflict_do_nothing()
    return bool(connection.execute(statement, values).rowcount)


@lru_cache(maxsize=256)
def _statements(model: type[SQLModel], dialect: str) -> tuple[Returning, Returning]:
    """Build both statements once: that costs more than to execute them."""
    id_ = model.__table__.c.id  # type: ignore[attr-defined]
    insert, or_nothing = insert_into(model, dialect), insert_into(model, dialect)
    return insert.returning(id_), or_nothing.on_conflict_do_nothing().returning(id_)


def insert_into(model: type[SQLModel], dialect: str) -> Statement:
    """Return the start of an insert in a database's own words, with ``on_conflict_...``."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
