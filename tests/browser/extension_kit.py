"""Real Chromium with the real extension, and its popup as a person opens it.

The popup is opened by running the extension's toolbar action on a tab over the debugging protocol
(``Extensions.triggerAction``).  That is what a click on the button does: the extension gets the
address of that tab (``activeTab``) and of no other, so the code under test has no path of its own
for tests.  ``chrome.action.openPopup()`` would not do, because it does not grant ``activeTab``.

Playwright shows such popups only when ``PW_CHROMIUM_ATTACH_TO_OTHER`` is set before its driver
starts, so start Playwright with ``playwright_with_popups()``.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests import machine

EXTENSION = Path(__file__).parents[2] / "extension"
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
"""What a person's browser calls itself; links rightly take ``HeadlessChrome`` for a crawler."""
ATTACH = "PW_CHROMIUM_ATTACH_TO_OTHER"
PICTURES = Path(__file__).parents[2] / "test-artefacts" / "extension"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@contextmanager
def playwright_with_popups() -> Iterator[Playwright]:
    """Start Playwright so that it shows the popups of extensions as pages."""
    before = os.environ.get(ATTACH)
    os.environ[ATTACH] = "1"
    try:
        with sync_playwright() as playwright:
            yield playwright
    finally:
        if before is None:
            del os.environ[ATTACH]
        else:
            os.environ[ATTACH] = before


def launch(
    playwright: Playwright,
    profile: Path,
    *,
    extension: Path = EXTENSION,
    language: str = "en",
    **options: Any,
) -> BrowserContext:
    """Start a browser with the extension, a profile of its own, and its menus in a language.

    ``options`` go to Playwright; a popup keeps its own size only without a viewport.
    """
    return playwright.chromium.launch_persistent_context(
        profile,
        executable_path=machine.chromium(),
        headless=False,  # the old headless mode has no extensions; --headless=new has
        ignore_default_args=["--disable-extensions"],
        args=[
            *machine.CHROMIUM_FLAGS,
            "--window-size=1280,900",
            f"--lang={language}",
            f"--user-agent={PERSON}",
            "--enable-unsafe-extension-debugging",
            f"--load-extension={extension}",
            f"--disable-extensions-except={extension}",
        ],
        env={**os.environ, "LANGUAGE": language},
        **{"no_viewport": True, **options},
    )


def speaking(language: str, folder: Path) -> Path:
    """Return a copy of the extension that speaks a language whatever the browser speaks.

    Browsers come without the languages that nobody installed beside them.
    """
    copy = folder / f"extension-{language}"
    shutil.copytree(EXTENSION, copy)
    words = (copy / f"_locales/{language}/messages.json").read_bytes()
    (copy / "_locales/en/messages.json").write_bytes(words)
    return copy


def extension_id(context: BrowserContext) -> str:
    """Return the id of the extension, once its service worker runs."""
    workers = context.service_workers or [context.wait_for_event("serviceworker")]
    return workers[0].url.split("/")[2]


def welcome(context: BrowserContext) -> Page:
    """Return the page that the extension opens after installing."""
    address = f"chrome-extension://{extension_id(context)}/welcome/welcome.html"
    open_now = [page for page in context.pages if page.url == address]
    return open_now[0] if open_now else context.wait_for_event("page", lambda p: p.url == address)


def choose_server(context: BrowserContext, address: str) -> None:
    """Let the extension talk to a server, as a person does in the options."""
    page = context.new_page()
    page.goto(f"chrome-extension://{extension_id(context)}/options/options.html")
    page.locator("#account:not(:empty)").wait_for()
    page.fill("#server", address)
    page.click("#server-save")
    page.get_by_text(f"The server is {address} now").wait_for(state="attached")
    page.close()


def sign_in(context: BrowserContext, popup: Page) -> None:
    """Sign in from a popup on a page with an offer, as far as seeing it, and close the popup."""
    with context.expect_page() as opened:
        popup.click("#sign-in")
    allow(opened.value)
    popup.wait_for_selector("[data-view=offer]")
    popup.close()


def allow(window: Page) -> None:
    """Allow the extension in the window of a sign-in, which closes by that, maybe at once."""
    window.wait_for_selector("#allow")
    with window.expect_event("close"):
        window.evaluate("setTimeout(() => document.getElementById('allow').click())")


def open_popup(context: BrowserContext, page: Page) -> Page:
    """Press the toolbar button on a tab and return the popup when it shows something."""
    popup = press(context, page)
    popup.wait_for_selector("#panel-page:not([aria-busy])")
    return popup


def press(context: BrowserContext, page: Page, path: str = "popup/popup.html") -> Page:
    """Press the toolbar button on a tab and return what opens, at once."""
    page.bring_to_front()
    browser = context.browser
    assert browser is not None
    session = browser.new_browser_cdp_session()
    with context.expect_page(lambda candidate: candidate.url.endswith(f"/{path}")) as opened:
        session.send(
            "Extensions.triggerAction",
            {"id": extension_id(context), "targetId": _tab_of(session, context, page)},
        )
    session.detach()
    return opened.value


def _tab_of(session: Any, context: BrowserContext, page: Page) -> str:
    """Return the id of the tab that shows a page: the tab of the page's own target."""
    own = context.new_cdp_session(page)
    target = own.send("Target.getTargetInfo")["targetInfo"]
    own.detach()
    tabs = session.send("Target.getTargets", {"filter": [{"type": "tab"}]})["targetInfos"]
    found = [tab for tab in tabs if tab["url"] == target["url"]]
    assert len(found) == 1, f"{len(found)} tabs show {target['url']}"
    return str(found[0]["targetId"])


def a_while_passes(context: BrowserContext) -> None:
    """Let the wallet that is kept be older than a quarter of an hour."""
    context.service_workers[0].evaluate("chrome.storage.session.remove('wallet_ms')")


class Worker:
    """The extension's service worker, stopped as the browser stops it: without a word."""

    def __init__(self, context: BrowserContext, own: Page) -> None:
        """Watch the worker from a page of the extension."""
        self._own = own
        self._states: list[str] = []
        self._session = context.new_cdp_session(own)
        self._session.on("ServiceWorker.workerVersionUpdated", self._note)
        self._session.send("ServiceWorker.enable")

    def stop(self) -> None:
        """Stop the worker, whatever it is about."""
        self._states.clear()
        self._session.send("ServiceWorker.stopAllWorkers")
        deadline = time.monotonic() + 10
        while "stopped" not in self._states:  # it may be running again
            assert time.monotonic() < deadline, self._states
            self._own.wait_for_timeout(5)

    def wake(self) -> None:
        """Ask the worker something, which starts it."""
        self._own.evaluate("chrome.runtime.sendMessage({ name: 'standing.get', ask: null })")

    def _note(self, event: dict[str, Any]) -> None:
        self._states.extend(version["runningStatus"] for version in event["versions"])


def picture(page: Page, name: str) -> None:
    """Take a picture in both themes, and hold the view to the accessibility rules in both."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=PICTURES / f"{name}-{theme}.png")
        if page.evaluate("scrollTo(0, 1e6), scrollY > 0"):
            page.screenshot(path=PICTURES / f"{name}-{theme}-end.png")
            page.evaluate("scrollTo(0, 0)")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme=None)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
