"""Our programs as real processes on ports of their own, to be started, killed and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from server.settings import CHECKOUT

START_SECONDS = 60


@dataclass
class Program:
    """``fanfare NAME`` with settings of its own; ``answers_at`` tells when it is up.

    ``module`` is another program than ours, which gets the name too.
    """

    name: str
    folder: Path
    settings: dict[str, str]
    answers_at: str = ""
    module: str = "server.cli"
    running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", self.module, self.name],
                env={**os.environ, "FANFARE_DATA": str(self.folder), **self.settings},
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.answers_at and not self._answers():
            assert self.running.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"{self.name} is silent: {self.log.read_text()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it and everything that it started as a power cut would."""
        assert self.running is not None
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(timeout=30)
        self.running = None

    def stop(self) -> int:
        """Ask it to end and return its exit status."""
        assert self.running is not None
        self.running.terminate()
        status = self.running.wait(timeout=30)
        self.running = None
        return status

    def _answers(self) -> bool:
        try:
            return requests.get(self.answers_at, timeout=5).status_code < 500
        except requests.ConnectionError:
            return False


def until(holds: Callable[[], bool], log: Path, *, seconds: float = 60) -> None:
    """Wait until something holds, and tell what the program said when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
