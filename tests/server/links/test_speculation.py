"""Pages that a real Chromium loads before anybody clicks, and what happens when somebody does."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server.links.process import CHROME, Process
from tests.server.links.world import World

PAGE = """<!doctype html><html lang="en"><title>{title}</title>{head}
<a href="{link}">look</a><script src="{script}"></script></html>"""
SPECULATIONS = {
    "a hint": '<link rel="prefetch" href="{link}">',
    "a prefetch": '<script type="speculationrules">{{"prefetch": {rules}}}</script>',
    "a prerendering": '<script type="speculationrules">{{"prerender": {rules}}}</script>',
    "nothing": "",
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(user_agent=CHROME)
    yield context.new_page()
    context.close()


@pytest.fixture
def pages(links: Process) -> Iterator[str]:
    """Serve pages that link somewhere and let browsers speculate on it; return their host."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            link, how = asked.get("link", ["/"])[0], asked.get("how", ["nothing"])[0]
            rules = json.dumps([{"urls": [link], "eagerness": "immediate"}])
            head = SPECULATIONS[how].format(link=link, rules=rules)
            purpose = self.headers.get("sec-purpose", "clicked")
            body = PAGE.format(
                title=purpose, head=head, link=link, script=f"{links.address}/fanfare.js"
            )
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def forum(host: str, how: str, link: str) -> str:
    """Return the address of a page that lets browsers speculate on a link."""
    return f"http://{host}/forum?how={quote(how)}&link={quote(link, safe='')}"


@pytest.mark.browser
@pytest.mark.parametrize("how", ["a hint", "a prefetch", "a prerendering"])
def test_a_link_that_was_loaded_before_the_click_still_leaves_its_visit(
    page: Page, links: Process, pages: str, another_world: Callable[..., World], how: str
):
    world = another_world(host=pages, path="/boots")
    link = f"{links.address}/r/{world.share()}"
    with page.context.expect_event("request", lambda request: request.url == link):
        page.goto(forum(pages, how, link))
    for _ in range(200):  # until the browser has asked
        if world.counts():
            break
        page.wait_for_timeout(50)
    assert (world.visits(), world.counts()) == ([], {"speculative": 1})

    page.get_by_role("link").click()
    page.wait_for_url("**/boots?ff=*")

    expect(page).to_have_title("clicked")
    [visit] = world.visits()
    assert page.url.endswith(f"?ff={visit['token']}")
    assert world.counts() == {"speculative": 1}


@pytest.mark.browser
def test_a_page_of_the_brand_that_nobody_looked_at_is_no_second_page(
    page: Page, links: Process, pages: str, another_world: Callable[..., World]
):
    """A driven Chromium prerenders no scripts, so the page says so itself until it is shown."""
    world = another_world(host=pages, path="/boots")
    with page.expect_response("**/b/open"):
        page.goto(f"{links.address}/r/{world.share()}")
    page.add_init_script(
        "Object.defineProperty(document, 'prerendering', { get: () => !window.isShown })"
    )
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.url))
    page.goto(f"http://{pages}/socks")
    page.wait_for_timeout(2_000)  # a second page reports after 1.1 s
    assert [url for url in opened if "/b/" in url] == []
    [visit] = world.visits()
    assert visit["verified_at"] is None

    with page.expect_response("**/b/seen", timeout=15_000) as seen:
        page.evaluate(
            "window.isShown = true; document.dispatchEvent(new Event('prerenderingchange'))"
        )
    assert seen.value.status == 204, "now somebody looks at it"
    assert json.loads(seen.value.request.post_data or "{}")["pages"] == 2
