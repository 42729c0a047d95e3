"""The click process: a Granian RSGI application on one event loop.

One process with one loop serves it, embedded, so that ``kill`` means this process and nothing else
stays behind.  With PostgreSQL several of them may share an address; with SQLite one is best, since
only one can write at a time.
"""

import asyncio
import hashlib
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import structlog
from granian.server.embed import Server
from sqlalchemy import make_url

from rewards.explain import Language
from server import clock, logs
from server.errors import Unavailable
from server.links import answers
from server.links.answers import Answer, Headers
from server.links.beacons import Beacons
from server.links.clicks import Clicks
from server.links.mutes import Mutes
from server.links.postgres import PostgresStore
from server.links.records import Store
from server.links.rsgi import Exchange, Scope
from server.links.sqlite import SqliteStore
from server.links.words import PAGES, Page
from server.links.writer import Writer
from server.services import privacy
from server.services.datacentres import NetworksInvalid
from server.settings import CHECKOUT, Settings

SCRIPT = CHECKOUT / "static" / "fanfare.js"
BACKLOG = 1024
RETRY_AFTER_SECONDS = "2"

_READING = {"GET", "HEAD"}
_FRIEND = re.compile(r"/f/[A-Za-z0-9_-]{1,32}")
"""The friend's page, as ``fanfare.about()`` gives it: the script knows our address alone."""
_PLAIN = {
    "/healthz": Answer(200, [("content-type", "text/plain"), ("cache-control", "no-store")], b"ok"),
    privacy.PATH: Answer(
        200,
        [("content-type", "application/json"), ("cache-control", "public, max-age=86400")],
        privacy.WRITTEN,
    ),
}
"""Answers that are always the same."""

log = structlog.get_logger()


class Links:
    """The application."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Answer with what ``store`` knows."""
        self.store = store
        self.writer = Writer(store)
        self._mutes = Mutes(settings)
        self._clicks = Clicks(store, self.writer, self._mutes, settings)
        self._beacons = Beacons(store, self.writer, settings.site_url)
        self._script = _Script(SCRIPT)
        self._site_url, self._link_url = settings.site_url, settings.link_url
        self._always: Headers = []
        if settings.link_url.startswith("https://"):
            self._always.append(("strict-transport-security", "max-age=63072000"))

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request; whatever goes wrong, the visitor gets a sentence."""
        try:
            answer = await self._answer(scope, exchange)
        except Unavailable:
            answer = self._unavailable(scope)
        except Exception:
            log.exception("unexpected", method=scope.method)
            answer = answers.page(500, Page.FAILED, scope.headers)
        headers = [*answer.headers, *self._always]
        if scope.method == "HEAD" or not answer.body:
            exchange.response_empty(answer.status, headers)
        else:
            exchange.response_bytes(answer.status, headers, answer.body)

    async def _answer(self, scope: Scope, exchange: Exchange) -> Answer:
        path = scope.path
        if path in {"/b/open", "/b/seen"}:
            return await self._beacons.answer(scope, exchange, path.removeprefix("/b/"))
        if path == "/m" or path.startswith("/m/"):
            return self._mutes.answer(scope, path.removeprefix("/m").removeprefix("/"))
        if scope.method in _READING:
            return await self._reading(scope, path)
        page = answers.page(405, Page.NOT_SO, scope.headers)
        return answers.with_headers(page, ("allow", "GET, HEAD"))

    async def _reading(self, scope: Scope, path: str) -> Answer:
        if path.startswith("/r/"):
            return await self._clicks.answer(scope, path.removeprefix("/r/"))
        if path == "/fanfare.js":
            return self._script.answer(scope)
        if path in _PLAIN:
            return _PLAIN[path]
        if _FRIEND.fullmatch(path) and self._site_url != self._link_url:
            return answers.redirect(f"{self._site_url}{path}")
        return answers.page(404, Page.NOTHING_HERE, scope.headers)

    def _unavailable(self, scope: Scope) -> Answer:
        if scope.path.startswith("/b/"):
            _, words = PAGES[Language.ENGLISH][Page.BUSY]
            answer = answers.problem(self._site_url, "unavailable", 503, "Try again later", words)
        else:
            answer = answers.page(503, Page.BUSY, scope.headers)
        return answers.with_headers(answer, ("retry-after", RETRY_AFTER_SECONDS))


class _Script:
    """``fanfare.js`` as brands' pages load it."""

    def __init__(self, path: Path) -> None:
        self._body = path.read_bytes()
        self._etag = f'"{hashlib.sha256(self._body).hexdigest()[:16]}"'

    def answer(self, scope: Scope) -> Answer:
        """Return the script, or say that the browser's copy is good."""
        headers = [
            ("cache-control", "public, max-age=3600, stale-while-revalidate=86400"),
            ("etag", self._etag),
            ("cross-origin-resource-policy", "cross-origin"),
            ("access-control-allow-origin", "*"),
        ]
        known = scope.headers.get("if-none-match", "")
        if self._etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Answer(304, headers)
        headers += [
            ("content-type", "text/javascript; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
        ]
        return Answer(200, headers, self._body)


def create_links(settings: Settings) -> Links:
    """Build the application on the database that the settings name.

    Raises:
        NetworksInvalid: a line of ``settings.datacentre_networks`` is no network.
        OSError: that file cannot be read.

    """
    clock.follow(settings.clock_file)
    address = make_url(settings.database)
    if address.get_backend_name() == "sqlite":
        assert address.database, "a SQLite database of this product is a file"
        return Links(SqliteStore(Path(address.database)), settings)
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return Links(PostgresStore(plain), settings)


def serve_links(settings: Settings) -> NoReturn:
    """Serve links on ``settings.link_bind`` until SIGTERM or SIGINT, then end the process.

    The first signal stops taking requests, answers those that are there, and ends.  Without its
    database the process says why and ends with 1.
    """
    logs.configure(strict=settings.demo)
    asyncio.run(_serve(settings))
    # Granian's threads may still be letting go of Python objects.  If they meet an interpreter that
    # is being taken down they abort the process, so we leave like a child of multiprocessing does.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _serve(settings: Settings) -> None:
    try:
        links = create_links(settings)
        await links.store.check()
    except NetworksInvalid as error:
        sys.exit(f"DATACENTRE_NETWORKS, {settings.datacentre_networks}, {error}")
    except (Unavailable, OSError) as error:
        sys.exit(str(error))
    host, _, port = settings.link_bind.rpartition(":")
    server = Server(
        links,
        address=host.strip("[]"),
        port=int(port),
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )
    _on_signals(server.stop)
    log.info("links_started")
    await server.serve()
    await links.writer.drain()
    await links.store.close()
    log.info("links_stopped")


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
