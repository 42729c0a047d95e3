"""The popup in Ada's browser, against a server with fixed answers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import extension_kit as kit
from tests.browser import fake_server


@pytest.fixture(scope="module")
def server() -> Iterator[fake_server.State]:
    with fake_server.running() as state:
        yield state


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with kit.playwright_with_popups() as playwright:
        context = kit.launch(playwright, tmp_path_factory.mktemp("profile"))
        context.set_default_timeout(10_000)
        yield context
        context.close()


@pytest.fixture(scope="module")
def ada(context: BrowserContext, server: fake_server.State) -> BrowserContext:
    """Return a browser in which Ada has signed in from the popup."""
    page = kit.welcome(context)
    page.locator("#server:not(:empty)").wait_for()
    kit.picture(page, "welcome")
    kit.choose_server(context, server.address)

    page = context.new_page()
    page.goto(f"{server.address}/boots")
    popup = kit.open_popup(context, page)
    kit.picture(popup, "signed-out")
    kit.sign_in(context, popup)
    page.close()
    return context


@pytest.fixture
def shop(ada: BrowserContext, server: fake_server.State) -> Iterator[Page]:
    """Return a tab for the shop, and a server that has forgotten the test before."""
    server.failing = server.refusal = None
    server.withdrawn = server.is_spent = server.has_ended = False
    server.sent.clear()
    page = ada.new_page()
    yield page
    page.close()


@pytest.fixture
def popup_on(ada: BrowserContext, server: fake_server.State, shop: Page):
    """Return a function that opens the popup on a page of the shop."""
    opened: list[Page] = []

    def open_on(path: str) -> Page:
        shop.goto(server.address + path)
        opened.append(kit.open_popup(ada, shop))
        return opened[-1]

    yield open_on
    for popup in opened:
        if not popup.is_closed():
            popup.close()
