"""Opening the database, and the one place where a transaction begins and ends."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

from server.store import tables

BUSY_SECONDS = 30
CACHE_MEGABYTES = 64
"""What one SQLite connection may keep in memory; the default of 2 MB thrashes in long writes."""

_ALONE = "fanfare_alone"
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {},
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}
_GLANCING: dict[str, dict[str, Any]] = {
    "sqlite": {_ALONE: True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}
"""How no transaction is begun for a lone statement."""


class _Turn:
    """One writer's turn, taken when its transaction begins in the database."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._is_mine = False

    def take(self) -> None:
        """Wait for the other writers; if that takes too long, SQLite says so."""
        self._is_mine = self._is_mine or self._lock.acquire(timeout=BUSY_SECONDS)

    def end(self) -> None:
        if self._is_mine:
            self._lock.release()


_TURN: ContextVar[_Turn | None] = ContextVar("the turn of who writes", default=None)


class Database:
    """A database with one way to write, one to read, and one to ask a single thing.

    SQLite: writers begin with ``BEGIN IMMEDIATE`` so that two of them queue up instead of failing
    halfway, and readers cannot write at all.  Those of one process also take turns here: SQLite
    lets a waiting writer sleep and try again, ever longer, while others slip in before it.
    PostgreSQL: readers run read-only transactions.
    """

    def __init__(self, url: str, **options: Any) -> None:
        """Prepare connections to ``url``; nothing is opened until the first use."""
        self.url = url
        self._writer = _engine(url, writes=True, **options)
        reader = _engine(url, writes=False, **options)
        self._reader = reader.execution_options(**_READING[self.dialect])
        self._glancer = reader.execution_options(**_GLANCING[self.dialect])
        self._turn = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The engine that may write, for migrations and Core statements."""
        return self._writer

    def create_tables(self) -> None:
        """Create every table of the code, without migrations; for tests."""
        tables.METADATA.create_all(self._writer)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit what the block did, or none of it when the block raises."""
        with self._my_turn(), Session(self._writer, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give the block one consistent view that it cannot change."""
        with Session(self._reader, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """Let the block ask one thing: a lone statement is consistent without a transaction."""
        with Session(self._glancer, expire_on_commit=False) as db:
            yield db

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Let a writer wait for the others of this process when it begins, not before."""
        if self.dialect != "sqlite":
            yield
            return
        mine = _Turn(self._turn)
        waiting = _TURN.set(mine)
        try:
            yield
        finally:
            _TURN.reset(waiting)
            mine.end()

    def settle(self) -> bool:
        """Bring what was committed into SQLite's file and empty its log; tell whether that worked.

        The log of a write still holds what stood there before.  It fails while somebody reads.
        """
        if self.dialect != "sqlite":
            return True
        with closing(self._writer.raw_connection()) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Close every connection; a later use opens new ones."""
        self._writer.dispose()
        self._reader.dispose()


def _engine(url: str, *, writes: bool, **options: Any) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=not url.startswith("sqlite"),
        hide_parameters=True,  # an error's words go places
        **options,
    )
    if engine.dialect.name == "sqlite":
        _begin_by_hand(engine, "BEGIN IMMEDIATE" if writes else "BEGIN", writes=writes)
        return engine
    if not writes:
        event.listen(engine, "connect", _refuse_writes)
    return engine


def _refuse_writes(connection: Any, _record: object) -> None:
    """Let PostgreSQL refuse writes outside of transactions too."""
    connection.autocommit = True
    connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    connection.autocommit = False


def _begin_by_hand(engine: Engine, statement: str, *, writes: bool) -> None:
    """Begin transactions explicitly.

    Python's sqlite3 begins them on its own terms, and a released savepoint can then survive a
    rollback.
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_MEGABYTES * 1024}")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased must not stay in the file
        if not writes:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        turn = _TURN.get()
        if writes and turn is not None:
            turn.take()
        if not connection.get_execution_options().get(_ALONE):
            connection.exec_driver_sql(statement)
