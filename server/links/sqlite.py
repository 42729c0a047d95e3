"""The click process on SQLite: one connection, statements prepared once by the driver's cache.

Statements run inline on the event loop, because a commit takes less time than a thread switch
costs.  Only waiting for another process that writes is done by sleeping on the loop, so that
everything which needs no write goes on.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from server.errors import Unavailable
from server.links import statements
from server.links.records import (
    PATIENCE_SECONDS,
    Arrival,
    LinkRow,
    Opening,
    Record,
    Sighting,
    Uncounted,
    VisitRow,
)

_T = TypeVar("_T")
_RETRY_SECONDS = 0.002
_MOMENT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLAlchemy stores it

_ARRIVAL = f"""
    INSERT INTO visit (token, share_id, offer_id, visitor_key, clicked_at, credited,
        network_even, network_odd, device)
    SELECT ?, share.id, share.offer_id, ?, ?, 0, ?, ?, ?
    FROM share {statements.ALIVE} AND share.id = ?
"""  # noqa: S608 - constants only
_UNCOUNTED = """
    INSERT INTO click_count (share_id, day, reason, clicks) VALUES (?, ?, ?, 1)
    ON CONFLICT (share_id, day, reason) DO UPDATE SET clicks = clicks + 1
"""


class SqliteStore:
    """The ``Store`` of one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Remember the file; it is opened at the first use."""
        self._path = path
        self._opened: sqlite3.Connection | None = None

    async def check(self) -> None:
        """Open the file and find out whether the tables are there.

        Raises:
            Unavailable: there is no such file, or it has no tables.

        """
        await self._patiently(lambda db: db.execute("SELECT 1 FROM visit LIMIT 1").fetchall())

    async def link(self, code: str) -> LinkRow | None:
        """Return what the code stands for."""
        row = await self._patiently(lambda db: db.execute(statements.LINK, (code,)).fetchone())
        return LinkRow(*row) if row else None

    async def visit(self, token: str) -> VisitRow | None:
        """Return the visit that carries the token."""
        row = await self._patiently(lambda db: db.execute(statements.VISIT, (token,)).fetchone())
        if row is None:
            return None
        return VisitRow(row[0], _read(row[1]), row[2], row[3] and _read(row[3]), *row[4:])

    async def hosts(self, brand_id: int) -> set[str]:
        """Return the host names that the brand proved to own."""
        rows = await self._patiently(
            lambda db: db.execute(statements.HOSTS, (brand_id,)).fetchall()
        )
        return {row[0] for row in rows}

    async def is_host_of_a_brand(self, host: str) -> bool:
        """Tell whether any brand proved to own this host."""
        found = await self._patiently(
            lambda db: db.execute(statements.HOST_OF_A_BRAND, (host,)).fetchone()
        )
        return found is not None

    async def salt(self, day: date, fresh: bytes) -> bytes:
        """Return the salt of the day, which is ``fresh`` if nobody else was first."""
        return await self._first_or_mine(statements.NEW_SALT, statements.SALT, day, fresh)

    async def network_key(self, began: date, fresh: bytes) -> bytes:
        """Return the key of networks that began on a day; ``fresh`` if nobody else was first."""
        new, found = statements.NEW_NETWORK_KEY, statements.NETWORK_KEY
        return await self._first_or_mine(new, found, began, fresh)

    async def write(self, records: Sequence[Record]) -> list[bool]:
        """Write all records in one durable transaction, or none."""
        return await self._patiently(lambda db: _write(db, records))

    async def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    async def _first_or_mine(self, new: str, found: str, day: date, fresh: bytes) -> bytes:
        def put_and_read(db: sqlite3.Connection) -> bytes:
            db.execute(new, (day.isoformat(), fresh))
            return bytes(db.execute(found, (day.isoformat(),)).fetchone()[0])

        return await self._patiently(put_and_read)

    async def _patiently(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do something once nobody else is writing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return action(self._connection())
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise Unavailable(f"The database cannot be used: {error}") from error
                if time.monotonic() > deadline:
                    raise Unavailable("The database is busy.") from error
            await asyncio.sleep(_RETRY_SECONDS)

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=0,
            )
            self._opened.execute("PRAGMA journal_mode = WAL")
            self._opened.execute("PRAGMA synchronous = FULL")
            self._opened.execute("PRAGMA foreign_keys = ON")
            self._opened.execute("PRAGMA secure_delete = ON")
        return self._opened


def _write(db: sqlite3.Connection, records: Sequence[Record]) -> list[bool]:
    db.execute("BEGIN IMMEDIATE")
    try:
        took_effect = [db.execute(*_statement(record)).rowcount == 1 for record in records]
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return took_effect


def _statement(record: Record) -> tuple[str, tuple[object, ...]]:
    match record:
        case Arrival(token, share_id, visitor_key, clicked_at, even, odd, device):
            clicked = _moment(clicked_at)
            return _ARRIVAL, (token, visitor_key, clicked, even, odd, device, share_id)
        case Uncounted(share_id, day, reason):
            return _UNCOUNTED, (share_id, day.isoformat(), reason)
        case Opening(visit_id, token, nonce, opened_at):
            return statements.OPENING, (nonce, _moment(opened_at), visit_id, token)
        case Sighting(visit_id, token, nonce, verified_at, engaged):
            return statements.SIGHTING, (_moment(verified_at), engaged, visit_id, token, nonce)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read(value: str) -> datetime:
    return datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
