"""The file of datacentres, read at the start and again soon after it changed."""

import asyncio
import time
from pathlib import Path

import structlog

from server.services import datacentres
from server.services.datacentres import NetworksInvalid

LOOK_EVERY_SECONDS = 2.0

log = structlog.get_logger()


class DatacentreFile:
    """What the operator's file says now; a new version with a mistake changes nothing."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            NetworksInvalid: a line is no network.
            OSError: there is no such file, or it cannot be read.

        """
        self._path = path
        self._state = _state(path)
        self._known = datacentres.read(path)
        self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
        self._looking: asyncio.Task[None] | None = None

    def has(self, packed: bytes) -> bool:
        """Tell whether an address lies in a datacentre; a changed file is read meanwhile."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_SECONDS
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(asyncio.to_thread(self._read_again))
        return self._known.has(packed)

    def _read_again(self) -> None:
        try:
            state = _state(self._path)
            if state == self._state:
                return
            self._state = state
            self._known = datacentres.read(self._path)
        except NetworksInvalid as error:
            log.error("datacentres_invalid", line=error.line)  # noqa: TRY400 - the line says it all
        except OSError:
            log.exception("datacentres_unreadable")
        else:
            log.info("datacentres_read")


def _state(path: Path) -> tuple[int, int, int]:
    """Return what differs when a file was changed or replaced."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
