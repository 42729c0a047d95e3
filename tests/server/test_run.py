"""``fanfare run``: everything starts together, stops together, and says what is in the way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from server.settings import CHECKOUT
from tests.ports import free_port
from tests.programs import Program


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Program]:
    site, links = (f"127.0.0.1:{free_port()}" for _ in range(2))
    program = Program(
        "run",
        tmp_path,
        {
            "SITE_BIND": site,
            "SITE_URL": f"http://{site}",
            "LINK_BIND": links,
            "LINK_URL": f"http://{links}",
            "JOBS_EVERY_SECONDS": "1",
        },
        answers_at=f"http://{site}/healthz",
    )
    yield program
    for pid in below(program.running.pid) if program.running else ():
        os.kill(pid, signal.SIGKILL)
    if program.running:
        program.kill()


def below(pid: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def ready(program: Program) -> bool:
    return requests.get(f"{program.settings['SITE_URL']}/readyz", timeout=5).status_code == 200


def wait_until_ready(program: Program) -> None:
    deadline = time.monotonic() + 60
    while not ready(program):
        assert time.monotonic() < deadline, program.log.read_text()
        time.sleep(0.1)


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 10
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(psutil.pid_exists, pids))


def test_starts_everything_and_stops_it_cleanly(installation: Program):
    installation.start()
    wait_until_ready(installation)
    links = f"{installation.settings['LINK_URL']}/healthz"
    assert requests.get(links, timeout=5).status_code == 200
    started = below(installation.running.pid)
    assert len(started) >= 3

    assert installation.stop() == 0
    assert gone(started)


def test_one_that_dies_takes_the_others_with_it(installation: Program):
    installation.start()
    wait_until_ready(installation)
    started = below(installation.running.pid)
    worker = next(pid for pid in started if "work" in psutil.Process(pid).cmdline())

    os.kill(worker, signal.SIGKILL)

    assert installation.running.wait(timeout=30) != 0
    assert gone(started)
    assert "work ended with status -9" in installation.log.read_text()
    installation.running = None


def test_refuses_an_address_on_which_somebody_listens(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        address = f"127.0.0.1:{somebody.getsockname()[1]}"
        told = subprocess.run(
            [sys.executable, "-m", "server.cli", "run"],
            env={**os.environ, "FANFARE_DATA": str(tmp_path), "SITE_BIND": address},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert told.returncode == 1
    assert f"Somebody listens on {address} already" in told.stderr
    assert list(tmp_path.iterdir()) == []
