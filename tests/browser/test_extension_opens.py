"""The extension in a real Chromium, against a server with fixed answers: every view opens.

Pictures of each view, light and dark, are left in ``test-artefacts/extension/``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-artefacts" / "extension"
EXTENSION_ID = "nhkejdlliocfijdgkkkheopjhoelildm"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


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
    picture(page, "welcome")
    kit.choose_server(context, server.address)

    page = context.new_page()
    page.goto(f"{server.address}/boots")
    popup = kit.open_popup(context, page)
    picture(popup, "signed-out")
    with context.expect_page() as opened:
        popup.click("#sign-in")
    opened.value.click("#allow")
    popup.wait_for_selector("[data-view=offer]")
    popup.close()
    page.close()
    return context


@pytest.fixture
def shop(ada: BrowserContext, server: fake_server.State) -> Iterator[Page]:
    """Return a tab for the shop, and a server that has forgotten the test before."""
    server.failing = server.refusal = None
    server.withdrawn = False
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


def test_the_id_is_the_one_that_the_server_knows(context: BrowserContext) -> None:
    assert kit.extension_id(context) == EXTENSION_ID


def test_signing_in_proves_the_request_and_asks_no_host_permission(
    ada: BrowserContext, server: fake_server.State
) -> None:
    form = server.forms[0]
    assert form["grant_type"] == "authorization_code"
    assert form["redirect_uri"] == f"https://{EXTENSION_ID}.chromiumapp.org/"
    assert len(form["code_verifier"]) == 43
    permissions = ada.service_workers[0].evaluate("chrome.permissions.getAll()")
    assert permissions["origins"] == []
    assert server.origins == {f"chrome-extension://{EXTENSION_ID}"}


def test_sharing_sends_what_was_said_and_shows_the_link(
    popup_on, server: fake_server.State
) -> None:
    popup = popup_on("/boots")
    picture(popup, "offer")
    popup.get_by_label("Your name for friends").fill("Ada")
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")
    picture(popup, "share-result")

    assert popup.inner_text("#link") == "http://127.0.0.1:8001/r/4vKqTn8ZpL"
    [(path, body)] = server.sent
    assert path == "/shares"
    assert {name: body[name] for name in body.keys() - {"event_id", "created_at"}} == {
        "offer_id": "boots",
        "channel": "copy",
        "shown_as": "Ada",
        "consent_hash": "c" * 64,
        "language": "en",
    }
    assert not popup.is_visible("#waiting")


def test_the_qr_code_is_the_servers_picture(popup_on) -> None:
    popup = popup_on("/boots")
    popup.get_by_text("QR code").click()
    popup.click("#agree")
    popup.wait_for_selector("#qr")
    assert popup.evaluate("document.getElementById('qr').decode()") is None
    picture(popup, "share-qr")


def test_x_opens_with_the_disclosure_first(popup_on, ada: BrowserContext) -> None:
    popup = popup_on("/boots")
    popup.get_by_text("Post on X").click()
    popup.click("#agree")
    popup.wait_for_selector("#open-x")
    picture(popup, "share-x")
    ada.route("https://x.com/**", lambda route: route.fulfill(body="X", content_type="text/html"))
    with ada.expect_page() as opened:
        popup.click("#open-x")
    opened.value.wait_for_url("https://x.com/**", wait_until="commit")
    assert opened.value.url.startswith("https://x.com/intent/post?text=Ad%3A+I+get+a+reward")
    opened.value.close()


def test_a_share_waits_for_the_server_and_arrives_once(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    server.failing = 503
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-waiting]")
    popup.wait_for_selector("[data-waiting]")
    picture(popup, "share-waiting")
    assert server.sent == []

    server.failing = None
    popup.get_by_role("button", name="Try again").click()
    popup.wait_for_selector("[data-view=share-result]")
    assert len(server.sent) == 1


def test_a_share_that_waited_alone_can_be_picked_up_later(
    popup_on, server: fake_server.State
) -> None:
    popup = popup_on("/boots")
    server.failing = 503
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-waiting]")
    popup.close()

    server.failing = None
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-settled=acknowledged]")
    picture(popup, "arrived")
    popup.get_by_role("button", name="Show link").click()
    popup.wait_for_selector("[data-view=share-result]")
    popup.locator("#waiting").wait_for(state="hidden")
    assert len({body["event_id"] for _, body in server.sent}) == 1


def test_a_refusal_is_said_and_not_sent_again(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    server.refusal = {"type": "/problems/invalid", "detail": "This offer has just ended."}
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-refused]")
    picture(popup, "share-refused")
    assert "This offer has just ended." in popup.inner_text("[data-view=share-refused]")
    popup.close()
    popup_on("/boots").wait_for_selector("[data-view=offer]")
    assert len(server.sent) == 1


def test_without_a_connection_the_offers_are_still_there(
    popup_on, server: fake_server.State
) -> None:
    server.failing = 503
    popup_on("/boots").wait_for_selector("[data-view=offer]")


def test_a_friend_confirms_who_brought_them(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots?ff=visit-token-0001")
    popup.wait_for_selector("[data-view=claim]")
    picture(popup, "claim")
    assert server.sent == []
    popup.click("#agree")
    popup.wait_for_selector("[data-view=claim-acknowledged]")
    picture(popup, "claim-acknowledged")
    assert "Ada brought you" in popup.inner_text("h1")
    [(path, body)] = server.sent
    assert (path, body["visit_token"]) == ("/referral-claims", "visit-token-0001")
    popup.close()
    popup_on("/boots?ff=visit-token-0001").wait_for_selector("[data-view=offer]")


def test_a_friend_who_confirms_nothing_sends_nothing(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots?ff=visit-token-0002")
    popup.click("#not-now")
    popup.wait_for_selector("[data-view=offer]")
    assert server.sent == []


CHANGED = {"type": "/problems/consent-missing", "detail": "The text has changed.", "status": 403}


def test_a_share_with_old_words_is_asked_for_with_the_new_ones(
    popup_on, server: fake_server.State
) -> None:
    popup = popup_on("/boots")
    server.refusal, server.words = CHANGED, "I share this offer, in other words."
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-refused]")
    assert "The text that you agreed to has changed" in popup.inner_text(
        "[data-view=share-refused]"
    )

    server.refusal = None
    popup.get_by_role("button", name="Start again").click()
    popup.wait_for_selector("[data-view=offer]")
    assert popup.inner_text("#consent-text") == "I share this offer, in other words."
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")


@pytest.mark.parametrize("is_offline", [False, True], ids=["at once", "while it waited"])
def test_a_claim_with_old_words_is_asked_again_until_it_is_decided(
    popup_on, server: fake_server.State, is_offline: bool
) -> None:
    page = f"/boots?ff=visit-token-{'0003' if is_offline else '0004'}"
    popup = popup_on(page)
    popup.wait_for_selector("[data-view=claim]")
    server.failing = 503 if is_offline else None
    server.refusal = CHANGED
    popup.click("#agree")
    popup.wait_for_selector(f"[data-view=claim-{'waiting' if is_offline else 'refused'}]")
    popup.close()
    server.failing = None
    if is_offline:
        popup_on("/boots").wait_for_selector("[data-settled=refused]")

    server.refusal = None
    popup = popup_on(page)
    popup.wait_for_selector("[data-view=claim]")
    popup.click("#agree")
    popup.wait_for_selector("[data-view=claim-acknowledged]")
    popup.close()
    popup_on(page).wait_for_selector("[data-view=offer]")


def test_the_wallet_says_why_and_takes_a_link_back(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    popup.get_by_role("tab", name="Wallet").click()
    popup.wait_for_selector("[data-view=wallet]")
    popup.get_by_text("Why this much").click()
    picture(popup, "wallet")
    assert popup.inner_text("[data-amount=payable]") == "€18.40"
    assert "Your links brought 3 orders" in popup.inner_text("details")

    popup.get_by_role("button", name="Take back").click()
    assert server.sent == []
    popup.get_by_role("button", name="Really?").click()
    popup.get_by_text("You have made no links yet.").wait_for()
    assert server.sent == [("/shares/4vKqTn8ZpL/withdrawal", {})]


def test_tabs_work_by_keyboard(popup_on) -> None:
    popup = popup_on("/boots")
    popup.focus("#tab-page")
    popup.keyboard.press("ArrowRight")
    popup.wait_for_selector("[data-view=wallet]")
    assert popup.evaluate("document.activeElement.id") == "tab-wallet"


def test_a_page_without_an_offer_says_so(shop: Page, ada: BrowserContext) -> None:
    shop.goto("data:text/html,<title>Elsewhere</title>")
    popup = kit.open_popup(ada, shop)
    popup.wait_for_selector("[data-view=no-offer]")
    picture(popup, "no-offer")
    popup.close()


def test_it_stands_down_for_another_affiliate_until_the_browser_closes(popup_on, ada) -> None:
    popup = popup_on("/boots?awc=12_34")
    popup.wait_for_selector("[data-view=stand-down]")
    picture(popup, "stand-down")
    popup.close()
    popup_on("/boots").wait_for_selector("[data-view=stand-down]")
    ada.service_workers[0].evaluate("chrome.storage.session.remove('stood_down')")


def test_signing_out_forgets_the_person_here_and_there(
    ada: BrowserContext, server: fake_server.State
) -> None:
    page = ada.new_page()
    page.goto(f"chrome-extension://{EXTENSION_ID}/options/options.html")
    page.get_by_text("You are signed in").wait_for()
    picture(page, "options")
    page.click("#sign-out")
    page.get_by_text("You are signed out.").first.wait_for()
    assert server.forms[-1]["token_type_hint"] == "refresh_token"
    worker = ada.service_workers[0]
    assert list(worker.evaluate("chrome.storage.local.get()")) == ["server"]
    assert worker.evaluate("chrome.storage.session.get()") == {}
    page.close()
