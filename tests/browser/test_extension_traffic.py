"""What leaves the browser while somebody looks at fifty pages: nothing but the offer document.

All traffic of the browser passes a proxy of this test, which notes every request; the extension and
the pages alike.  What was recorded is kept in ``test-artefacts/extension/traffic.txt``.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

TOLD = Path(__file__).parents[2] / "test-artefacts" / "extension" / "traffic.txt"
PAGES = 50
SECRET = "what-somebody-looks-for"
CHROMIUMS_OWN = ("accounts.google.com:443", "www.google.com:443")
"""What a Chromium without any extension asks for when it has just started."""


@dataclass
class Recorded:
    """One request as it left the browser."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Proxy:
    """Hands every request on to one server, whatever host it names, and notes it."""

    port: int = 0
    upstream: str = ""
    seen: list[Recorded] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.proxy.seen.append(Recorded(self.command, self.path, headers, body))
        if self.command == "CONNECT":
            self.send_error(502)
            return
        to = urlsplit(self.proxy.upstream).netloc
        upstream = HTTPConnection(to, timeout=10)
        asked = urlsplit(self.path)
        target = asked.path + (f"?{asked.query}" if asked.query else "")
        upstream.request(self.command, target, body, headers | {"host": asked.netloc})
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"date", "server", "content-length", "connection"}:
                self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        with suppress(ConnectionError):  # the page was left before its icon came
            self.end_headers()
            self.wfile.write(content)
        upstream.close()

    do_GET = do_POST = do_OPTIONS = do_CONNECT = _hand_on  # noqa: N815 - the server's names


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    handler = type("BoundHandler", (_Handler,), {"proxy": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_nothing_but_the_offers_is_asked_for_while_browsing(
    proxy: Proxy, tmp_path: Path, record_property
) -> None:
    with fake_server.running() as server, kit.playwright_with_popups() as playwright:
        proxy.upstream = server.address
        context = kit.launch(
            playwright,
            tmp_path / "profile",
            proxy={"server": f"http://127.0.0.1:{proxy.port}", "bypass": "<-loopback>"},
        )
        context.set_default_timeout(15_000)
        kit.choose_server(context, server.address)
        page = context.new_page()
        page.goto(f"{server.address}/boots")
        popup = kit.open_popup(context, page)
        with context.expect_page() as opened:
            popup.click("#sign-in")
        opened.value.click("#allow")
        popup.wait_for_selector("[data-view=offer]")
        popup.close()

        proxy.seen.clear()
        visited: set[str] = set()
        for number in range(PAGES):
            shop = f"http://shop-{number}.localhost/{SECRET}/{number}?q={SECRET}-{number}"
            on_offer = number % 10 == 0
            visited.add(f"{server.address}/boots?q={SECRET}-{number}" if on_offer else shop)
            page.goto(f"{server.address}/boots?q={SECRET}-{number}" if on_offer else shop)
            if number % 5 == 0:
                popup = kit.open_popup(context, page)
                popup.wait_for_selector(f"[data-view={'offer' if on_offer else 'no-offer'}]")
                popup.close()
        seen = list(proxy.seen)
        context.close()

    pages = [one for one in seen if one.address in visited]
    icons = [one for one in seen if urlsplit(one.address).path == "/favicon.ico"]
    own = [one for one in seen if one.method == "CONNECT" and one.address in CHROMIUMS_OWN]
    ours = [one for one in seen if one not in [*pages, *icons, *own]]
    told = Counter(f"{one.method} {one.address}" for one in ours)
    lines = [f"{count:3} x {line}" for line, count in sorted(told.items())]
    TOLD.parent.mkdir(parents=True, exist_ok=True)
    TOLD.write_text(
        "\n".join(
            [
                f"{PAGES} pages, the popup opened on {PAGES // 5} of them; the extension sent:",
                *lines,
                (
                    f"and the browser: {len(pages)} pages, {len(icons)} icons, "
                    f"{len(own)} connections to Google of its own."
                ),
                "",
                *(f"{one.method} {one.address} {one.headers} {one.body!r}" for one in ours),
            ]
        )
    )
    record_property("told", f"The extension's traffic on {PAGES} pages: {'; '.join(lines)}.")

    assert {one.address for one in pages} == visited
    assert len(visited) == PAGES
    assert len([one for one in ours if one.method == "GET"]) == PAGES // 5
    assert {urlsplit(line.split()[1]).path for line in told} == {"/api/extension/v1/offers"}
    assert {one.method for one in ours} <= {"GET", "OPTIONS"}
    assert len(ours) <= 2 * PAGES // 5
    for one in ours:
        assert one.address.partition("?")[0] == f"{server.address}/api/extension/v1/offers"
        assert one.body == b""
        assert "shop-" not in str(one.headers)
        assert SECRET not in str(one.headers)
        assert "referer" not in one.headers
        assert "cookie" not in one.headers
