"""Group commit: everything that one turn of the event loop brings is written in one transaction.

Whoever writes waits until it is committed, so nothing is answered that could still be lost.  While
a commit is under way the next batch gathers, so the batches grow with the load by themselves.
"""

import asyncio
from typing import NamedTuple

import structlog

from server.errors import Unavailable
from server.links.records import Record, Store

log = structlog.get_logger()


class _Waiting(NamedTuple):
    record: Record
    took_effect: asyncio.Future[bool]


class Writer:
    """The only place that writes clicks and beacons."""

    def __init__(self, store: Store) -> None:
        """Write to ``store``."""
        self._store = store
        self._waiting: list[_Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    async def write(self, record: Record) -> bool:
        """Write one record durably; return whether it took effect.

        Raises:
            Unavailable: it could not be written; nothing of it was kept.

        """
        waiting = _Waiting(record, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._flushing is None:
            # The task runs in the loop's next turn, after everybody who is ready in this one.
            self._flushing = asyncio.create_task(self._flush())
        return await waiting.took_effect

    async def drain(self) -> None:
        """Return when everything that was given to us is written."""
        while self._flushing is not None:
            await self._flushing

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._commit(batch)
        finally:
            self._flushing = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            answers = await self._store.write([waiting.record for waiting in batch])
        except Unavailable as error:
            log.exception("clicks_not_stored", count=len(batch))
            _fail(batch, error)
        except Exception:  # one bad record must not take the others with it
            if len(batch) == 1:
                log.exception("click_refused", kind=type(batch[0].record).__name__)
                _fail(batch, Unavailable("This click could not be stored."))
                return
            for waiting in batch:
                await self._commit([waiting])
        else:
            for waiting, took_effect in zip(batch, answers, strict=True):
                if not waiting.took_effect.done():
                    waiting.took_effect.set_result(took_effect)


def _fail(batch: list[_Waiting], error: Unavailable) -> None:
    for waiting in batch:
        if not waiting.took_effect.done():
            waiting.took_effect.set_exception(Unavailable(str(error)))
