"""The click process on PostgreSQL: one connection that writes, one that reads, both asynchronous.

While a commit is on its way, the clicks of the next one gather.  Arrivals of a batch are one
statement over arrays, so it is prepared once whatever their number.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

import psycopg

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
_OPTIONS = (
    f"-c synchronous_commit=on -c timezone=UTC -c statement_timeout={int(PATIENCE_SECONDS * 1000)}"
)


def _of_psycopg(statement: str) -> str:
    return statement.replace("?", "%s")


_LINK, _VISIT = _of_psycopg(statements.LINK), _of_psycopg(statements.VISIT)
_HOSTS, _HOST_OF_A_BRAND = _of_psycopg(statements.HOSTS), _of_psycopg(statements.HOST_OF_A_BRAND)
_NEW_SALT, _SALT = _of_psycopg(statements.NEW_SALT), _of_psycopg(statements.SALT)
_NEW_NETWORK_KEY = _of_psycopg(statements.NEW_NETWORK_KEY)
_NETWORK_KEY = _of_psycopg(statements.NETWORK_KEY)
_OPENING, _SIGHTING = _of_psycopg(statements.OPENING), _of_psycopg(statements.SIGHTING)
_ARRIVALS = f"""
    INSERT INTO visit (token, share_id, offer_id, visitor_key, clicked_at, credited,
        network_even, network_odd, device)
    SELECT new.token, share.id, share.offer_id, new.visitor_key, new.clicked_at, false,
        new.network_even, new.network_odd, new.device
    FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::timestamptz[], %s::bytea[],
        %s::bytea[], %s::text[])
        AS new (token, share_id, visitor_key, clicked_at, network_even, network_odd, device)
    JOIN share ON share.id = new.share_id {statements.ALIVE}
    RETURNING token
"""  # noqa: S608 - constants only
_UNCOUNTED = """
    INSERT INTO click_count (share_id, day, reason, clicks)
    SELECT * FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[])
    ON CONFLICT (share_id, day, reason)
        DO UPDATE SET clicks = click_count.clicks + excluded.clicks
"""


class PostgresStore:
    """The ``Store`` of one PostgreSQL database."""

    def __init__(self, address: str) -> None:
        """Remember the address; connections are made at the first use."""
        self._reads = _Line(address, autocommit=True)
        self._writes = _Line(address, autocommit=False)

    async def check(self) -> None:
        """Connect, and find out whether the tables are there.

        Raises:
            Unavailable: the server does not answer, or the database has no tables.

        """
        await self._one("SELECT 1 FROM visit LIMIT 1")

    async def link(self, code: str) -> LinkRow | None:
        """Return what the code stands for."""
        row = await self._one(_LINK, code)
        return LinkRow(*row) if row else None

    async def visit(self, token: str) -> VisitRow | None:
        """Return the visit that carries the token."""
        row = await self._one(_VISIT, token)
        return VisitRow(*row) if row else None

    async def hosts(self, brand_id: int) -> set[str]:
        """Return the host names that the brand proved to own."""
        return {row[0] for row in await self._all(_HOSTS, brand_id)}

    async def is_host_of_a_brand(self, host: str) -> bool:
        """Tell whether any brand proved to own this host."""
        return await self._one(_HOST_OF_A_BRAND, host) is not None

    async def salt(self, day: date, fresh: bytes) -> bytes:
        """Return the salt of the day, which is ``fresh`` if nobody else was first."""
        return await self._first_or_mine(_NEW_SALT, _SALT, day, fresh)

    async def network_key(self, began: date, fresh: bytes) -> bytes:
        """Return the key of networks that began on a day; ``fresh`` if nobody else was first."""
        return await self._first_or_mine(_NEW_NETWORK_KEY, _NETWORK_KEY, began, fresh)

    async def write(self, records: Sequence[Record]) -> list[bool]:
        """Write all records in one durable transaction, or none."""

        async def send_and_read(connection: psycopg.AsyncConnection) -> list[bool]:
            async with connection.pipeline():
                sent = await _send(connection, records)
            return await _read(records, sent)

        return await self._writes.run(send_and_read)

    async def close(self) -> None:
        """Close both connections."""
        await self._reads.close()
        await self._writes.close()

    async def _first_or_mine(self, new: str, found: str, day: date, fresh: bytes) -> bytes:
        await self._reads.run(lambda connection: connection.execute(new, (day, fresh)))
        row = await self._one(found, day)
        assert row is not None
        return bytes(row[0])

    async def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        rows = await self._all(statement, *values)
        return rows[0] if rows else None

    async def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        async def ask(connection: psycopg.AsyncConnection) -> list[tuple[Any, ...]]:
            cursor = await connection.execute(statement, values, prepare=True)
            return await cursor.fetchall()

        return await self._reads.run(ask)


class _LostBeforeCommit(Exception):
    """The connection broke while it was certain that nothing had been committed."""


class _Line:
    """One connection, made again after it was lost."""

    def __init__(self, address: str, *, autocommit: bool) -> None:
        self._address = address
        self._autocommit = autocommit
        self._connection: psycopg.AsyncConnection | None = None
        self._connecting = asyncio.Lock()

    async def run(self, action: Callable[[psycopg.AsyncConnection], Awaitable[_T]]) -> _T:
        """Do something on the connection and commit it; what fails is rolled back.

        A connection that was lost since its last use is made again, once.

        Raises:
            Unavailable: the server does not answer, or not in time.

        """
        if self._connection is not None:
            with contextlib.suppress(_LostBeforeCommit):
                return await self._run(action)
        try:
            return await self._run(action)
        except _LostBeforeCommit as error:
            raise Unavailable("The database went away.") from error

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _run(self, action: Callable[[psycopg.AsyncConnection], Awaitable[_T]]) -> _T:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + 1):
                connection = await self._connected()
                try:
                    result = await action(connection)
                except psycopg.OperationalError as error:
                    if connection.closed:
                        raise _LostBeforeCommit from error
                    raise
                await connection.commit()
                return result
        except (psycopg.OperationalError, psycopg.ProgrammingError, TimeoutError) as error:
            await self._recover(is_stuck=isinstance(error, TimeoutError))
            raise Unavailable(f"The database cannot be used: {error}") from error
        except BaseException:
            await self._recover()
            raise

    async def _connected(self) -> psycopg.AsyncConnection:
        async with self._connecting:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(
                    self._address,
                    autocommit=self._autocommit,
                    options=_OPTIONS,
                    connect_timeout=int(PATIENCE_SECONDS),
                    application_name="fanfare-links",
                )
            return self._connection

    async def _recover(self, *, is_stuck: bool = False) -> None:
        """Roll back; a connection that cannot even do that is closed."""
        if is_stuck:
            await self.close()
        if self._autocommit or self._connection is None or self._connection.closed:
            return
        try:
            async with asyncio.timeout(1):
                await self._connection.rollback()
        except (psycopg.Error, TimeoutError):
            await self.close()


class _Sent(NamedTuple):
    """The answers to one batch: of all its arrivals, and of each change by its place."""

    arrivals: psycopg.AsyncCursor[Any] | None
    changes: dict[int, psycopg.AsyncCursor[Any]]


async def _send(connection: psycopg.AsyncConnection, records: Sequence[Record]) -> _Sent:
    """Send everything without waiting for the answers."""
    arrivals = [record for record in records if isinstance(record, Arrival)]
    sent = _Sent(await _send_arrivals(connection, arrivals) if arrivals else None, {})
    counts = [record for record in records if isinstance(record, Uncounted)]
    if counts:
        await _send_counts(connection, counts)
    for index, record in sorted(enumerate(records), key=_place):
        match record:
            case Opening(visit_id, token, nonce, opened_at):
                values: tuple[object, ...] = (nonce, opened_at, visit_id, token)
                sent.changes[index] = await connection.execute(_OPENING, values, prepare=True)
            case Sighting(visit_id, token, nonce, verified_at, engaged):
                values = (verified_at, engaged, visit_id, token, nonce)
                sent.changes[index] = await connection.execute(_SIGHTING, values, prepare=True)
    return sent


def _place(numbered: tuple[int, Record]) -> int:
    """Return where a change comes in its batch: rows are locked in one order everywhere."""
    record = numbered[1]
    return record.visit_id if isinstance(record, Opening | Sighting) else 0


async def _read(records: Sequence[Record], sent: _Sent) -> list[bool]:
    """Return for each record whether it took effect; what was counted always did."""
    tokens = {row[0] for row in await sent.arrivals.fetchall()} if sent.arrivals else set()
    return [
        record.token in tokens
        if isinstance(record, Arrival)
        else index not in sent.changes or sent.changes[index].rowcount == 1
        for index, record in enumerate(records)
    ]


async def _send_arrivals(
    connection: psycopg.AsyncConnection, arrivals: list[Arrival]
) -> psycopg.AsyncCursor[Any]:
    columns = tuple(list(column) for column in zip(*arrivals, strict=True))
    return await connection.execute(_ARRIVALS, columns, prepare=True)


async def _send_counts(connection: psycopg.AsyncConnection, counts: list[Uncounted]) -> None:
    """Send each counter once, in the same order in every process, so that none waits in a ring."""
    summed = {key: counts.count(key) for key in sorted(set(counts))}
    columns = [list(column) for column in zip(*summed, strict=True)]
    await connection.execute(_UNCOUNTED, (*columns, list(summed.values())), prepare=True)
