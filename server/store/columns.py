"""Column types shared by the tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    TypeDecorator,
    text,
)
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC.  A naive datetime is refused on the way in and never comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn a moment into UTC for the database."""
        assert value is None or value.tzinfo is not None, f"naive datetime: {value}"
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return a moment with its zone; SQLite keeps none."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BIG = BigInteger().with_variant(Integer(), "sqlite")


def id_column() -> Any:
    """Return a 64-bit primary key that the database counts up."""
    return Field(default=None, primary_key=True, sa_type=BIG)


def reference(target: str, *, name: str, index: bool = False, optional: bool = False) -> Any:
    """Return a foreign key to ``target`` ("table.column") whose constraint is called ``name``."""
    column: Column[int] = Column(BIG, ForeignKey(target, name=name), nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def moment(*, optional: bool = False) -> Any:
    """Return a column for a moment in UTC."""
    if optional:
        return Field(default=None, sa_type=UtcDateTime, nullable=True)
    return Field(sa_type=UtcDateTime, nullable=False)


def whole(default: int | None = None, *, optional: bool = False) -> Any:
    """Return a 64-bit integer column; money is always in minor units or minor units x 10 000."""
    if optional:
        return Field(default=None, sa_type=BIG, nullable=True)
    return Field(sa_type=BIG) if default is None else Field(default=default, sa_type=BIG)


def only(condition: str) -> dict[str, Any]:
    """Let an index hold only the rows of which a condition is true."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
