"""The real click process on a port of its own, and a browser that follows no redirects."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from server import clock
from server.settings import CHECKOUT
from server.store.connection import Database

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
SITE = "http://127.0.0.1:8000"
PROGRAM = "from server.links.app import serve_links; from server.settings import Settings; "
START_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """What the browser got."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def token(self) -> str | None:
        """The visit's token in the address to which we are sent."""
        found = parse_qs(urlsplit(self.location).query).get("ff")
        return found[0] if found else None


@dataclass
class Process:
    """One running click process."""

    database: Database
    folder: Path
    port: int
    trusted_proxies: int = 1
    settings: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock-offset-seconds"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> datetime:
        """What time it is for the process."""
        offset = int(self.clock_file.read_text()) if self.clock_file.exists() else 0
        return datetime.now(UTC) + timedelta(seconds=offset)

    def later(self, **step: float) -> None:
        """Move the process's clock forward."""
        clock.travel(self.clock_file, timedelta(**step))

    def start(self) -> None:
        environment = {
            **os.environ,
            "FANFARE_DATA": str(self.folder),
            "DATABASE_URL": self.database.engine.url.render_as_string(hide_password=False),
            "SITE_URL": SITE,
            "LINK_URL": self.address,
            "LINK_BIND": f"127.0.0.1:{self.port}",
            "TRUSTED_PROXIES": str(self.trusted_proxies),
            "DEMO": "true",
            **self.settings,
        }
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-W", "error", "-c", f"{PROGRAM}serve_links(Settings())"],
                env=environment,
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
            )
        self.wait_until_up()

    @property
    def log(self) -> Path:
        return self.folder / "links.log"

    def wait_until_up(self) -> None:
        assert self.running is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.running.poll() is None, self.log.read_text()
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the process did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> int:
        """Ask the process to end and return its exit status."""
        return self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> int:
        assert self.running is not None
        self.running.send_signal(number)
        status = self.running.wait(timeout=30)
        self.running = None
        return status

    def click(self, code: str, **options: object) -> Reply:
        return self.get(f"/r/{code}", **options)

    def get(self, path: str, **options: object) -> Reply:
        return self.ask("GET", path, **options)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Iterator[bytes] | None = None,
        user_agent: str | None = CHROME,
        address: str = "203.0.113.7",
        **headers: str,
    ) -> Reply:
        """Send one request as a browser behind a proxy; ``sec_gpc="1"`` becomes ``sec-gpc: 1``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if user_agent is not None:
            sent["user-agent"] = user_agent
        sent.setdefault("x-forwarded-for", address)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            text = response.read().decode()
            lowered = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, lowered, text)
        finally:
            connection.close()
