"""How Alembic runs our migrations: on the connection that it is given."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel.sql.sqltypes import AutoString

from server.store import tables
from server.store.columns import UtcDateTime


def plain(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our column types as the plain ones they are kept as, so that migrations stand alone."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})"
    return False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=plain,
)
with context.begin_transaction():
    context.run_migrations()
