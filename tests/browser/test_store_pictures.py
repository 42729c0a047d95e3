"""The stores' pictures, taken of the running extension at the sizes that the stores want.

They are left in ``test-artefacts/store/``; ``make store-pictures`` takes them alone.  The words
beside a popup are sentences of the extension or its listing: no picture promises anything else.
"""

import base64
import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from extension.store import pack, texts
from server.demo.shop import Credentials, create_shop
from server.settings import Settings
from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-artefacts" / "store"
SCREENSHOT, TILE = (1280, 800), (440, 280)
RGB = 2
WORDS = {
    key: entry["message"]
    for key, entry in json.loads((texts.LOCALES / "en/messages.json").read_text()).items()
}
FEATURES = json.loads((texts.STORE / "listing.json").read_text())["features"]["en"]
LOOK = (
    (pack.EXTENSION / "look/tokens.css").read_text()
    + """
  * { box-sizing: border-box; margin: 0; }
  body { height: 100vh; overflow: hidden; font: 16px/1.5 var(--sans); color: var(--on-stage);
    background: var(--stage); }
  .beside { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 80px;
    height: 100%; padding: 40px 110px; }
  .words { display: grid; gap: 20px; }
  .words h1 { font-size: 46px; line-height: 1.15; }
  .words p { font-size: 21px; color: var(--on-stage-soft); }
  .bar { width: 72px; height: 8px; border-radius: 4px; background: var(--brass); }
  .popup { display: block; max-height: 720px; border-radius: 12px; box-shadow: 0 20px 60px #0008; }
  .page { position: absolute; inset: 0; width: 1280px; height: 800px; }
  .over { position: absolute; top: 14px; right: 24px; box-shadow: 0 12px 44px #0007; }
  .tile { display: grid; place-content: center; justify-items: center; gap: 10px; height: 100%;
    text-align: center; }
  .tile h1 { font-size: 40px; line-height: 1; }
  .tile p { font-size: 19px; color: var(--on-stage-soft); }
"""
)


@pytest.fixture(scope="module")
def server() -> Iterator[fake_server.State]:
    with fake_server.running() as state:
        yield state


@pytest.fixture(scope="module")
def shop(server: fake_server.State, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Return a tab with the shop's page, in a browser in which Ada has signed in."""
    boots = create_shop(Settings(), Credentials("shop", "secret")).test_client().get("/boots").text
    with kit.playwright_with_popups() as playwright:
        ada = kit.launch(playwright, tmp_path_factory.mktemp("profile"))
        ada.set_default_timeout(10_000)
        kit.welcome(ada)
        kit.choose_server(ada, server.address)
        ada.route(
            f"{server.address}/boots", lambda it: it.fulfill(body=boots, content_type="text/html")
        )
        page = ada.new_page()
        page.set_viewport_size({"width": SCREENSHOT[0], "height": SCREENSHOT[1]})
        page.goto(f"{server.address}/boots")
        popup = kit.open_popup(ada, page)
        kit.sign_in(ada, popup)
        yield page
        ada.close()


@pytest.fixture
def popup(shop: Page) -> Iterator[Page]:
    popup = kit.open_popup(shop.context, shop)
    yield popup
    popup.close()


def source(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def twice_as_sharp(popup: Page) -> str:
    """Return a picture of all that the popup shows, in twice the size."""
    session = popup.context.new_cdp_session(popup)
    width, height = popup.evaluate("[innerWidth, innerHeight]")
    clip = {"x": 0, "y": popup.evaluate("scrollY"), "width": width, "height": height, "scale": 2}
    taken = session.send("Page.captureScreenshot", {"format": "png", "clip": clip})
    session.detach()
    return f"data:image/png;base64,{taken['data']}"


def keep(context: BrowserContext, name: str, body: str, size: tuple[int, int] = SCREENSHOT) -> None:
    """Draw a page in exactly this size and keep its picture."""
    page = context.new_page()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_content(f"<style>{LOOK}</style>{body}")
    page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    keep_page(page, name, size)
    page.close()


def keep_page(page: Page, name: str, size: tuple[int, int] = SCREENSHOT) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = page.screenshot(path=PICTURES / f"{name}.png", scale="css")
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == size
    assert picture[24] == 8  # bits for each colour
    assert picture[25] == RGB  # the stores take no transparency


def keep_beside(popup: Page, name: str, title: str, text: str) -> None:
    """Keep a popup with words at its side."""
    words = f"<span class=bar></span><h1>{escape(title)}</h1><p>{escape(text)}</p>"
    shown = f'<img class="popup" width="430" src="{twice_as_sharp(popup)}">'
    keep(popup.context, name, f'<div class="beside"><div class="words">{words}</div>{shown}</div>')


def test_of_the_popup_on_a_page(popup: Page, shop: Page) -> None:
    beneath = source(shop.screenshot(scale="css"))
    shown = f'<img class="popup over" width="380" src="{twice_as_sharp(popup)}">'
    keep(shop.context, "1-on-a-page", f'<img class="page" src="{beneath}">{shown}')


def test_of_what_is_recorded(popup: Page) -> None:
    popup.get_by_text("Your consent in full").scroll_into_view_if_needed()
    popup.evaluate("scrollTo(0, 1e6)")
    keep_beside(popup, "2-what-is-recorded", WORDS["recorded"], WORDS["recordedShare"])


def test_of_the_link(popup: Page) -> None:
    popup.get_by_text("X", exact=True).click()
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")
    keep_beside(popup, "3-your-link", WORDS["resultTitle"], WORDS["resultHint"])


def test_of_the_wallet(popup: Page) -> None:
    popup.click("#tab-wallet")
    popup.wait_for_selector("[data-amount=payable]")
    keep_beside(popup, "4-wallet", WORDS["why"], FEATURES[1])


def test_of_the_welcome_page(shop: Page) -> None:
    page = shop.context.new_page()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": SCREENSHOT[0], "height": SCREENSHOT[1]})
    page.goto(f"chrome-extension://{kit.extension_id(shop.context)}/welcome/welcome.html")
    page.get_by_text(WORDS["disclosure"]).wait_for()
    keep_page(page, "5-welcome")
    page.close()


def test_of_the_tile(shop: Page) -> None:
    mark = (pack.EXTENSION / "icons/mark.svg").read_text()
    mark = mark.replace('width="32" height="32"', 'width="96" height="96"', 1)
    name, claim = WORDS["name"].split(": ")
    words = f"<h1>{escape(name)}</h1><p>{escape(claim.capitalize())}</p>"
    body = f'<div class="tile">{mark}{words}</div>'
    keep(shop.context, "tile-440x280", body, TILE)
