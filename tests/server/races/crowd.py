"""Many at once: processes with threads that all wait for one start.

The processes are forked from one that has everything imported but neither threads nor connections,
so a crowd is there in a moment.
"""

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from server.store.connection import Database

PROCESSES = 4
CONNECTIONS = 128
"""How many connections a whole crowd may hold; a PostgreSQL of our own has 200."""
PATIENCE_SECONDS = 60

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["pytest", "tests.server.races.warm"])

Deed = Callable[[Database, Any], Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """What came of a deed that ended in an error which nobody expects."""

    error: str


def at_once(
    database: Database, deed: Deed, tasks: Sequence[Any], processes: int = PROCESSES
) -> list[Any]:
    """Do a deed for every task, each in a thread of its own, and return what came of each."""
    shares = [list(tasks[first::processes]) for first in range(processes)]
    url = database.engine.url.render_as_string(hide_password=False)
    with _standing_ready(url, deed, shares) as lines:
        for line in lines:
            line.send("go")
        came = [_receive(line) for line in lines]
    return [came[n % processes][n // processes] for n in range(len(tasks))]


@contextmanager
def _standing_ready(url: str, deed: Deed, shares: list[list[Any]]) -> Iterator[list[Connection]]:
    lines, members = [], []
    for share in shares:
        ours, theirs = FORK.Pipe()
        member = FORK.Process(target=_member, args=(url, deed, share, len(shares), theirs))
        member.start()
        theirs.close()
        lines.append(ours)
        members.append(member)
    try:
        assert [_receive(line) for line in lines] == ["ready"] * len(lines)
        yield lines
    finally:
        for line, member in zip(lines, members, strict=True):
            line.close()
            member.join(PATIENCE_SECONDS)
            member.kill()
            member.join()
            member.close()


def _receive(line: Connection) -> Any:
    assert line.poll(PATIENCE_SECONDS), "a process of the crowd is silent"
    return line.recv()


def _member(url: str, deed: Deed, tasks: list[Any], processes: int, line: Connection) -> None:
    """Be one process of the crowd: get ready, wait for the start, say what came of each task."""
    connections = min(len(tasks), CONNECTIONS // processes)
    database = Database(url, pool_size=connections, max_overflow=0, pool_timeout=PATIENCE_SECONDS)
    start = threading.Barrier(len(tasks) + 1)

    def do(task: Any) -> Any:
        start.wait(PATIENCE_SECONDS)
        try:
            return deed(database, task)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is an outcome
            return Broken(f"{type(error).__name__}: {error}")

    with ThreadPoolExecutor(len(tasks)) as threads:
        coming = [threads.submit(do, task) for task in tasks]
        line.send("ready")
        if line.recv() == "go":
            start.wait(PATIENCE_SECONDS)
        line.send([outcome.result() for outcome in coming])
    database.close()
