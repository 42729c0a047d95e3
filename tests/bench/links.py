"""Durable clicks per second, beside a Flask hello world: ``python -m tests.bench.links``.

Both run in turn on this machine, each as one process under Granian, with the same client (``wrk``
if it is on the PATH, else a small one of ours).  The ratio travels between machines better than the
rates.  ``--folder`` is where the SQLite file lies: on a real disk, or the commits cost nothing.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import text

from server.settings import CHECKOUT
from server.store import tables
from server.store.connection import Database
from tests.ports import free_port
from tests.server.links import world as worlds
from tests.server.links.process import CHROME, Process

hello = Flask(__name__)


@hello.get("/")
def say_hello() -> str:
    """Answer as little as Flask can."""
    return "hello"


@click.command()
@click.option("--seconds", default=8, help="How long each of the two is measured.")
@click.option("--rounds", default=3, help="How often; the best of each counts.")
@click.option("--peers", default=64, help="How many connections ask at once.")
@click.option("--database-url", default="", help="An empty PostgreSQL instead of a SQLite file.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the SQLite file lies.")
def main(seconds: int, rounds: int, peers: int, database_url: str, folder: Path | None) -> None:
    """Measure durable clicks beside a Flask hello world and print the ratio."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        database = Database(database_url or f"sqlite:///{Path(name) / 'fanfare.sqlite3'}")
        tables.METADATA.create_all(database.engine)
        world = worlds.create(database)
        code = world.share()
        flask, clicks = [], []
        process = Process(database, Path(name), free_port(), trusted_proxies=0)
        process.start()
        with flask_hello() as address:
            for _ in range(rounds):
                flask.append(rate(f"{address}/", seconds, peers))
                clicks.append(rate(f"{process.address}/r/{code}", seconds, peers))
        process.stop()
        with database.reading() as db:
            stored = db.execute(text("SELECT count(*) FROM visit")).scalar_one()
        database.close()
    click.echo(f"Flask hello world      {max(flask):9.0f} requests/s")
    click.echo(f"durable clicks         {max(clicks):9.0f} clicks/s ({database.dialect})")
    click.echo(f"ratio                  {max(clicks) / max(flask):9.2f}")
    click.echo(f"stored                 {stored:9d} clicks in {rounds} x {seconds} s")


@contextmanager
def flask_hello() -> Iterator[str]:
    """Run the hello world and give its address."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--no-ws", "--no-log", "tests.bench.links:hello"),
    ]
    running = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ)  # noqa: S603 - our own program
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the hello world did not start")


def rate(address: str, seconds: int, peers: int) -> float:
    """Return how many requests a second are answered as they should be."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return asyncio.run(_rate_of_ours(address, seconds, peers))
    command = [wrk, "-t1", f"-c{peers}", f"-d{seconds}s", "-H", f"User-Agent: {CHROME}", address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - wrk
    assert "Non-2xx or 3xx" not in done.stdout, done.stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


async def _rate_of_ours(address: str, seconds: int, peers: int) -> float:
    """Do what ``wrk`` does, more slowly."""
    _, _, rest = address.partition("://")
    authority, _, path = rest.partition("/")
    host, port = authority.split(":")
    request = f"GET /{path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {CHROME}\r\n\r\n".encode()
    until = time.monotonic() + seconds

    async def peer() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        answered = 0
        while time.monotonic() < until:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            assert head.split()[1] in {b"200", b"302"}, head
            length = re.search(rb"content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            answered += 1
        writer.close()
        return answered

    return sum(await asyncio.gather(*(peer() for _ in range(peers)))) / seconds


if __name__ == "__main__":
    main()
