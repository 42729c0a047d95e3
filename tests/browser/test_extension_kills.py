"""A real Chromium whose worker is stopped, and which is closed: every share arrives once.

The server of these tests counts by the event's id, as the real one does.
"""

import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser


class Browser:
    """A browser in which Ada has signed in, a page of the shop, and the worker."""

    def __init__(self, context: BrowserContext, server: fake_server.State) -> None:
        """Open the shop."""
        self.context, self.server = context, server
        self.shop, self.own = context.new_page(), context.new_page()
        self.own.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
        self.worker = kit.Worker(context, self.own)

    def popup(self) -> Page:
        """Press the button on the offer's page."""
        self.shop.goto(f"{self.server.address}/boots")
        return kit.open_popup(self.context, self.shop)

    def sign_in(self, popup: Page) -> None:
        """Sign in from the popup."""
        with self.context.expect_page() as window:
            popup.click("#sign-in")
        kit.allow(window.value)
        popup.wait_for_selector("[data-view=offer]")

    def states(self) -> list[str]:
        """Return how the events in the queue stand."""
        read = "chrome.storage.local.get('queue').then(({ queue = [] }) => queue)"
        return [event["state"] for event in self.own.evaluate(read)]

    def wait_until_asked(self) -> None:
        """Wait until a share has reached the server."""
        for _ in range(1000):
            if self.server.reached.is_set():
                return
            self.own.wait_for_timeout(10)
        raise AssertionError("nothing was sent")


@contextmanager
def running(playwright: Playwright, profile: Path, server: fake_server.State) -> Iterator[Browser]:
    context = kit.launch(playwright, profile)
    context.set_default_timeout(10_000)
    yield Browser(context, server)
    context.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with kit.playwright_with_popups() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def ready(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("profile")
    with fake_server.running() as server, running(playwright, profile, server) as browser:
        kit.choose_server(browser.context, server.address)
        yield browser


@pytest.fixture
def ada(ready: Browser) -> Browser:
    server = ready.server
    server.failing, server.is_gone, server.has_revoked = None, False, False
    server.may_answer.set()
    popup = ready.popup()
    popup.wait_for_selector("[data-view]:not([data-view=looking])")
    if popup.locator("#sign-in").count():
        ready.sign_in(popup)
    popup.close()
    ready.own.evaluate("chrome.storage.local.remove('queue')")
    server.sent.clear()
    server.reached.clear()
    return ready


def shares(server: fake_server.State) -> list[str]:
    """Return the ids of the shares that were sent, each as often as it was."""
    return [body["event_id"] for path, body in server.sent if path == "/shares"]


def test_a_worker_that_is_stopped_while_it_sends_sends_the_same_again(ada: Browser) -> None:
    ada.server.may_answer.clear()
    popup = ada.popup()
    popup.click("#agree", no_wait_after=True)
    ada.wait_until_asked()
    ada.worker.stop()
    ada.server.may_answer.set()
    popup.wait_for_selector("[data-view=share-result]")
    popup.close()
    assert len(shares(ada.server)) == 2
    assert len(set(shares(ada.server))) == 1
    assert ada.states() == []


@pytest.mark.parametrize("answer_ms", [0, 4, 10, 25])
def test_a_worker_that_is_stopped_when_the_answer_comes_counts_it_once(
    ada: Browser, answer_ms: int
) -> None:
    ada.server.may_answer.clear()
    popup = ada.popup()
    popup.click("#agree", no_wait_after=True)
    ada.wait_until_asked()
    popup.close()
    threading.Timer(answer_ms / 1000, ada.server.may_answer.set).start()
    ada.worker.stop()

    popup = ada.popup()
    popup.wait_for_selector("[data-settled=acknowledged]")
    popup.close()
    assert len(set(shares(ada.server))) == 1
    assert ada.states() == ["acknowledged"]


def test_what_waits_outlives_the_worker_and_the_browser(
    playwright: Playwright, tmp_path: Path
) -> None:
    with fake_server.running() as server:
        with running(playwright, tmp_path, server) as browser:
            kit.choose_server(browser.context, server.address)
            popup = browser.popup()
            browser.sign_in(popup)
            server.is_gone = True
            for _ in range(3):
                popup.close()
                popup = browser.popup()
                popup.click("#agree")
                popup.wait_for_selector("[data-view=share-waiting]")
                browser.worker.stop()
        assert shares(server) == []

        with running(playwright, tmp_path, server) as browser:
            popup = browser.popup()
            popup.get_by_text("3 things wait to be sent.").wait_for()
            assert browser.own.evaluate("chrome.action.getBadgeText({})") == "3"
            popup.close()
            server.is_gone = False
            popup = browser.popup()
            popup.locator("[data-settled=acknowledged]").nth(2).wait_for()
            assert browser.states() == ["acknowledged"] * 3
        assert len(shares(server)) == len(set(shares(server))) == 3


def test_a_stolen_refresh_token_ends_the_sign_in_and_loses_nothing(ada: Browser) -> None:
    stored = ada.own.evaluate("chrome.storage.local.get('refresh')")
    form = {"grant_type": "refresh_token", "refresh_token": stored["refresh"]["token"]}
    assert status_of(f"{ada.server.address}/oauth/token", form) == 200
    ada.server.is_gone = True
    popup = ada.popup()
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-waiting]")
    popup.close()
    ada.server.is_gone = False

    ada.own.evaluate("chrome.storage.session.remove('access')")
    popup = ada.popup()
    popup.get_by_text("Please sign in again").wait_for()
    assert "to keep somebody else out" in popup.inner_text("[data-view=signed-out]")
    popup.get_by_text("1 thing waits to be sent.").wait_for()
    ada.server.has_revoked = False
    ada.sign_in(popup)
    popup.wait_for_selector("[data-settled=acknowledged]")
    popup.close()
    assert len(shares(ada.server)) == 1


def status_of(address: str, form: dict[str, str]) -> int:
    """Post a form as somebody who is not the extension."""
    body = urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.urlopen(address, body, timeout=5) as answer:  # noqa: S310 - our own
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_server_that_is_away_signs_nobody_out(ada: Browser) -> None:
    ada.own.evaluate("chrome.storage.session.remove('access')")
    ada.server.failing = 503
    popup = ada.popup()
    popup.wait_for_selector("[data-note=old]")
    assert "The server has trouble at the moment." in popup.inner_text("[data-note=old]")
    assert popup.locator("#agree").count() == 1
    popup.close()


def test_a_window_that_is_closed_leaves_everything_as_it_was(ada: Browser) -> None:
    ada.own.evaluate("chrome.storage.local.remove('refresh')")
    popup = ada.popup()
    with ada.context.expect_page() as window:
        popup.click("#sign-in")
    window.value.wait_for_selector("#allow")
    window.value.close()
    popup.get_by_text("The sign-in was not finished.").wait_for()
    ada.sign_in(popup)
    popup.close()
