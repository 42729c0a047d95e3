"""The processes of one installation, started and stopped together.

Each is its own program, so that one can die, be killed or be moved to another machine alone.  When
one ends unasked the others are stopped, so that whoever watches us sees one thing fail.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

GRACE_SECONDS = 20
LOOK_EVERY_SECONDS = 0.2


def taken(addresses: list[str]) -> list[str]:
    """Return those addresses (host:port) on which somebody listens already."""
    found = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, int(port))) == 0:
                found.append(address)
    return found


@dataclass(slots=True)
class Together:
    """Processes that live and end together."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _stopping: bool = False

    def run(self, names: list[str]) -> int:
        """Run ``fanfare NAME`` for each name until a signal comes or one of them ends.

        Return 0 when we were asked to stop, else the status of the process that ended.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for name in names:
            self.running[name] = self._start(name)
        ended = self._wait()
        self._end_all()
        return ended

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "server.cli", name],
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in good order
        )

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _wait(self) -> int:
        while not self._stopping:
            for name, process in self.running.items():
                status = process.poll()
                if status is not None:
                    sys.stderr.write(f"{name} ended with status {status}; stopping the others.\n")
                    return status or 1
            time.sleep(LOOK_EVERY_SECONDS)
        return 0

    def _end_all(self) -> None:
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # with whatever it started itself
                process.wait()
