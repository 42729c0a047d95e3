"""``fanfare.js`` on a brand's page, in a real Chromium, against the real process."""

import gzip
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from server.settings import CHECKOUT
from tests.server.links.process import CHROME, Process
from tests.server.links.world import World

PAGE = """<!doctype html><html lang="en"><title>Boots</title>
<body style="height:3000px"><h1>Boots</h1><script src="{script}"></script></body></html>"""


def test_is_at_most_a_kilobyte_on_the_wire_and_sets_no_cookie():
    source = (CHECKOUT / "static" / "fanfare.js").read_bytes()
    assert len(gzip.compress(source, 9)) <= 1000
    assert b"cookie =" not in source
    assert b"document.cookie" not in source
    assert b"localStorage" not in source


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a browser without history, which says it is an ordinary one."""
    context = chromium.new_context(user_agent=CHROME)
    yield context
    context.close()


@pytest.fixture
def shop(links: Process) -> Iterator[str]:
    """Serve a brand's pages, each with the script, and return their host."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = "http://127.0.0.1:9" if "nolinks" in self.path else links.address
            body = PAGE.format(script=f"{script}/fanfare.js").encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def boots(shop: str, another_world: Callable[..., World]) -> World:
    """Return an offer whose page is in the shop."""
    return another_world(host=shop, path="/boots?size=40")


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """Return a page whose scripts must not fail."""
    page = visitor.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


def arrive(page: Page, links: Process, world: World) -> str:
    """Follow a new link and return the visit's token once the page has its nonce."""
    with page.expect_response("**/b/open") as opening:
        page.goto(f"{links.address}/r/{world.share()}")
    assert opening.value.status == 200
    assert page.url.startswith(f"{world.page_url}&ff=")
    return str(page.evaluate("fanfare.visit()"))


def is_verified(world: World, token: str) -> bool:
    [visit] = [row for row in world.visits() if row["token"] == token]
    return visit["verified_at"] is not None


def report(action: Callable[[], object], page: Page) -> tuple[int, dict[str, Any]]:
    """Do something that makes the page report; return the status and what was reported."""
    with page.expect_response("**/b/seen", timeout=15_000) as seen:
        action()
    return seen.value.status, json.loads(seen.value.request.post_data or "{}")


@pytest.mark.browser
class TestAPage:
    def test_reports_an_interaction(self, page: Page, links: Process, boots: World):
        token = arrive(page, links, boots)
        page.wait_for_timeout(1_050)  # what happens in the first second does not count

        def click() -> None:
            page.mouse.click(50, 50)

        status, body = report(click, page)
        assert status == 204
        assert (body["token"], body["interacted"], body["pages"]) == (token, True, 1)
        assert is_verified(boots, token)

    def test_does_not_take_a_jump_in_the_first_second_for_an_interaction(
        self, page: Page, links: Process, boots: World
    ):
        page.clock.install()
        for _ in range(10):  # until this machine was quick enough to click in the first second
            token = arrive(page, links, boots)
            page.mouse.click(50, 50)
            if page.evaluate("performance.now()") < 900:
                break
        page.clock.run_for(5_000)
        page.mouse.click(50, 50)
        links.later(seconds=6)
        status, body = report(lambda: page.clock.run_for(300), page)
        assert (status, body["interacted"]) == (204, True)
        assert body["visible_ms"] >= 5_000, "the first click was not enough"
        assert is_verified(boots, token)

    def test_reports_ten_seconds_in_view_and_not_before(
        self, page: Page, links: Process, boots: World
    ):
        page.clock.install()
        token = arrive(page, links, boots)
        early: list[str] = []
        page.on("request", lambda request: early.append(request.url))
        page.clock.run_for(9_500)
        assert [url for url in early if "/b/seen" in url] == []
        links.later(seconds=11)
        status, body = report(lambda: page.clock.run_for(1_000), page)
        assert status == 204
        assert body["interacted"] is False
        assert 10_000 <= body["visible_ms"] <= 10_500
        assert is_verified(boots, token)

    def test_does_not_count_time_in_the_background(self, page: Page, links: Process, boots: World):
        page.clock.install()
        page.add_init_script(
            "Object.defineProperty(document, 'visibilityState',"
            " {get: () => window.shown || 'hidden'})"
        )
        arrive(page, links, boots)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.clock.run_for(60_000)
        assert [url for url in sent if "/b/seen" in url] == []
        page.evaluate("window.shown = 'visible'")
        links.later(seconds=60)
        status, body = report(lambda: page.clock.run_for(11_000), page)
        assert (status, body["visible_ms"] < 11_000) == (204, True)

    def test_reports_a_second_page_and_keeps_the_token_for_the_checkout(
        self, page: Page, links: Process, boots: World, shop: str
    ):
        token = arrive(page, links, boots)
        status, body = report(lambda: page.goto(f"http://{shop}/checkout"), page)
        assert (status, body["pages"]) == (204, 2)
        assert is_verified(boots, token)
        assert page.evaluate("fanfare.visit()") == token

        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://{shop}/thanks")
        assert page.evaluate("fanfare.visit()") == token
        assert [url for url in asked if "/b/" in url] == [], "a verified visit is at rest"

    def test_remembers_an_interaction_that_led_to_the_second_page(
        self, page: Page, links: Process, boots: World, shop: str
    ):
        """Or who reads and clicks on would look like a robot that loads two pages."""
        page.clock.install()
        token = arrive(page, links, boots)
        page.clock.run_for(1_050)
        page.mouse.click(50, 50)
        with page.expect_response("**/b/open"):
            page.goto(f"http://{shop}/socks")
        links.later(seconds=2)
        status, body = report(lambda: page.clock.run_for(1_300), page)
        assert (status, body["pages"], body["interacted"]) == (204, 2, True)
        [visit] = [row for row in boots.visits() if row["token"] == token]
        assert visit["engaged"]

    def test_a_second_page_without_any_interaction_says_so(
        self, page: Page, links: Process, boots: World, shop: str
    ):
        token = arrive(page, links, boots)
        status, body = report(lambda: page.goto(f"http://{shop}/socks"), page)
        assert (status, body["pages"], body["interacted"]) == (204, 2, False)
        [visit] = [row for row in boots.visits() if row["token"] == token]
        assert visit["verified_at"] is not None
        assert not visit["engaged"]

    def test_a_new_link_in_the_same_tab_is_a_new_visit(
        self, page: Page, links: Process, boots: World
    ):
        first = arrive(page, links, boots)
        second = arrive(page, links, boots)
        assert first != second
        assert page.evaluate("fanfare.visit()") == second

    def test_ignores_events_that_a_script_made(self, page: Page, links: Process, boots: World):
        token = arrive(page, links, boots)
        page.wait_for_timeout(1_050)
        page.evaluate("dispatchEvent(new KeyboardEvent('keydown'))")
        page.wait_for_timeout(600)
        assert not is_verified(boots, token)

    def test_without_a_link_does_nothing(self, page: Page, visitor: BrowserContext, shop: str):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://{shop}/boots")
        assert page.evaluate("fanfare.visit()") is None
        assert [url for url in asked if "/b/" in url] == []
        assert visitor.cookies() == []

    def test_works_for_one_page_without_storage(self, page: Page, links: Process, boots: World):
        page.add_init_script(
            "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('no') }})"
        )
        token = arrive(page, links, boots)
        page.wait_for_timeout(1_050)
        status, _ = report(lambda: page.keyboard.press("a"), page)
        assert status == 204
        assert is_verified(boots, token)

    def test_bears_rubbish_in_the_storage(self, page: Page, links: Process, boots: World):
        page.add_init_script("sessionStorage.fanfare = '{broken'")
        assert arrive(page, links, boots)

    def test_bears_a_server_that_is_away(self, page: Page, shop: str):
        page.route("**/b/open", lambda route: route.abort())
        page.goto(f"http://{shop}/boots?ff=token")
        assert page.evaluate("fanfare.visit()") == "token"
        page.goto(f"http://{shop}/nolinks")
        assert page.evaluate("window.fanfare?.visit() ?? null") is None

    def test_leaves_no_cookie(
        self, page: Page, visitor: BrowserContext, links: Process, boots: World
    ):
        arrive(page, links, boots)
        assert visitor.cookies() == []
