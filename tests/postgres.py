"""A PostgreSQL of our own, from the machine's programs, on a free port of this machine."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import machine

FAST = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server in ``folder`` and give its address.

    PostgreSQL refuses to run as root, so root starts it as the user ``postgres`` or ``nobody``.
    """
    programs = machine.postgres_programs()
    user = _someone_else(folder) if os.geteuid() == 0 else None
    data, port = folder / "data", _free_port()
    _run([programs / "initdb", "-D", data, "-U", "fanfare", "-A", "trust", "-E", "UTF8", "--no-sync"], user)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {FAST}"
    _run([programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"], user)
    try:
        yield f"postgresql+psycopg://fanfare@127.0.0.1:{port}/postgres"
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)


def _someone_else(folder: Path) -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names)
    for parent in [folder, *folder.parents]:
        if parent.stat().st_uid == 0 and parent != parent.parent and parent != Path("/tmp"):  # noqa: S108 - compared, not written
            parent.chmod(parent.stat().st_mode | 0o011)
    shutil.chown(folder, user)
    return user


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
