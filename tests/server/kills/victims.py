"""A process that does one operation again and again, each time in a child that may be killed.

It has everything imported and every statement compiled, but no connection when it forks, so that a
child needs a few hundredths of a second.  Randomness and time are the same in every child: what is
done twice gives the same rows to the last character.
"""

import os
import pickle
import random
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import make_url

from server import clock
from server.store.connection import Database
from tests.server.kills.steps import Steps
from tests.server.races.crowd import FORK, PATIENCE_SECONDS

NAME = "doomed"
"""What the connections of the process and its children are called in PostgreSQL."""
NEVER = 0

Operation = Callable[[Database, Any], Any]


@dataclass(frozen=True, slots=True)
class Lived:
    """A child that did all of it: what it answered, and in how many steps."""

    answer: Any
    steps: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer of an operation that ended in an error."""

    error: str


@dataclass(frozen=True, slots=True)
class Killed:
    """A child that ended by a signal."""

    signal: int


class Victim:
    """The process, as the test sees it."""

    def __init__(self, line: Connection) -> None:
        self._line = line

    def does(self, *, last_step: int = NEVER) -> Lived | Killed:
        """Let a child do the operation, up to a step."""
        self._line.send(last_step)
        assert self._line.poll(PATIENCE_SECONDS), "the victim is silent"
        return self._line.recv()


@contextmanager
def victim(
    database: Database, ready: Operation, operation: Operation, story: Any, now: datetime
) -> Iterator[Victim]:
    """Start the process; ``ready`` is done once, before anything is counted."""
    url = make_url(database.engine.url)
    if database.dialect == "postgresql":
        url = url.update_query_dict({"application_name": NAME})
    ours, theirs = FORK.Pipe()
    named = (url.render_as_string(hide_password=False), ready, operation, story, now, theirs)
    process = FORK.Process(target=_serve, args=named)
    process.start()
    theirs.close()
    try:
        yield Victim(ours)
    finally:
        ours.close()
        process.join(PATIENCE_SECONDS)
        process.kill()
        process.join()
        process.close()


def _serve(
    url: str, ready: Operation, operation: Operation, story: Any, now: datetime, line: Connection
) -> None:
    clock.now = lambda: now  # type: ignore[assignment]
    database = Database(url)
    ready(database, story)
    while True:
        try:
            last_step = line.recv()
        except EOFError:
            return
        if last_step == NEVER:
            line.send(_do(database, operation, story, Steps(NEVER)))
            database.close()
        else:
            line.send(_in_a_child(database, operation, story, last_step))


def _do(database: Database, operation: Operation, story: Any, steps: Steps) -> Lived:
    chance = random.Random(1)  # noqa: S311 - it shall be guessed
    secrets.choice = chance.choice
    secrets.token_urlsafe = lambda size=32: chance.randbytes(size).hex()
    uuid.uuid4 = lambda: uuid.UUID(bytes=chance.randbytes(16), version=4)
    try:
        answer = operation(database, story)
    except Exception as error:  # noqa: BLE001 - the test tells what it is
        answer = Failed(f"{type(error).__name__}: {error}")
    steps.begin()
    return Lived(answer, steps.count)


def _in_a_child(
    database: Database, operation: Operation, story: Any, last_step: int
) -> Lived | Killed:
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        steps = Steps(last_step)
        steps.watch()
        with os.fdopen(writes, "wb") as out:
            pickle.dump(_do(database, operation, story, steps), out)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as said:
        words = said.read()
    _, status = os.waitpid(child, 0)
    return Killed(os.WTERMSIG(status)) if os.WIFSIGNALED(status) else pickle.loads(words)  # noqa: S301
