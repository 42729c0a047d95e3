"""A PostgreSQL of our own, from the machine's programs, on a free port of this machine."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import machine
from tests.ports import free_port

FAST = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"
DURABLE = "-c fsync=on -c synchronous_commit=on -c max_connections=200 -c shared_buffers=512MB"
"""For measuring: a commit is on the disk before it is answered."""


@contextmanager
def server(options: str = FAST) -> Iterator[str]:
    """Run a server in a folder of its own and give its address.

    PostgreSQL refuses to run as root, so root starts it as the user ``postgres`` or ``nobody``.
    """
    programs = machine.postgres_programs()
    user = _somebody_else() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="fanfare-postgres-") as name:
        folder, port = Path(name), free_port()
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        initdb = [programs / "initdb", "-U", "fanfare", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _run([*initdb, "-D", data], user)
        listens = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
        start = ["-l", folder / "log", "-w", "-o", f"{listens} {options}", "start"]
        _run([programs / "pg_ctl", "-D", data, *start], user)
        try:
            yield f"postgresql+psycopg://fanfare@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)


def _somebody_else() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _run(command: list[object], user: str | None) -> None:
    done = subprocess.run(  # noqa: S603 - programs and folders of our own
        [str(word) for word in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if "start" in command else subprocess.PIPE,  # it would stay open
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stdout}", pytrace=False)
