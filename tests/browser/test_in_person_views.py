"""Sharing in person in a real Chromium, against a server with fixed answers: how each view looks.

Pictures of each view, in each language, light and dark, are left in ``test-artefacts/in-person/``.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

LATER = "(ms) => { const now = Date.now; Date.now = () => now() + ms; }"
NOTE_SAID = """() => {
  window.said = [];
  new MutationObserver(() => window.said.push(document.getElementById('status').textContent))
    .observe(document.getElementById('status'), { childList: true });
}"""
NOTE_MADE = """() => {
  const send = chrome.runtime.sendMessage.bind(chrome.runtime);
  chrome.runtime.sendMessage = async (message) => {
    const reply = await send(message);
    if (message.name === 'in-person.make') window.made = reply.answer;
    return reply;
  };
}"""
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def server() -> Iterator[fake_server.State]:
    with fake_server.running() as state:
        yield state


@pytest.fixture(scope="module", params=["en", "de", "fr"], ids="in-{}".format)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def words(language: str) -> dict[str, str]:
    kept = json.loads((kit.EXTENSION / f"_locales/{language}/messages.json").read_text())
    return {key: entry["message"] for key, entry in kept.items()}


@pytest.fixture(scope="module")
def ada(
    server: fake_server.State, language: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Return a browser in Ada's language, in which she has signed in."""
    with kit.playwright_with_popups() as playwright:
        folder = tmp_path_factory.mktemp("ada")
        extension = kit.speaking(language, folder)
        context = kit.launch(playwright, folder / "profile", extension=extension)
        context.set_default_timeout(10_000)
        kit.welcome(context)
        choose_server(context, server.address)
        page = context.new_page()
        page.goto(f"{server.address}/boots")
        popup = kit.open_popup(context, page)
        kit.sign_in(context, popup)
        page.close()
        yield context
        context.close()


def choose_server(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
    page.locator("#account:not(:empty)").wait_for()
    page.fill("#server", address)
    page.click("#server-save")
    page.locator("#status").get_by_text(address).wait_for(state="attached")
    page.close()


@pytest.fixture
def popup_on(ada: BrowserContext, server: fake_server.State) -> Iterator[Any]:
    """Return a function that opens the popup; the server has forgotten the test before."""
    server.failing = server.refusal = None
    server.channel = "qr"
    server.meetings = []
    ada.service_workers[0].evaluate("chrome.storage.local.remove(['meetings', 'wallet'])")
    server.sent.clear()
    shop, opened = ada.new_page(), []

    def open_on(path: str = "/boots") -> Page:
        shop.goto(server.address + path)
        opened.append(kit.open_popup(ada, shop))
        opened[-1].evaluate(NOTE_SAID)
        opened[-1].evaluate(NOTE_MADE)
        return opened[-1]

    yield open_on
    for popup in opened:
        if not popup.is_closed():
            popup.close()
    shop.close()


def shows_a_code(popup: Page) -> Locator:
    """Agree to share in person and wait for the code."""
    popup.locator("input[value=qr]").check(force=True)
    popup.click("#agree")
    return state(popup, "shown")


def state(popup: Page, name: str) -> Locator:
    shown = popup.locator(f"[data-meet={name}]")
    shown.wait_for()
    return shown


def shows_a_code_from_the_wallet(popup: Page) -> None:
    popup.click("#tab-wallet")
    popup.locator("[data-share] button").first.click()


class TestTheCode:
    def test_is_drawn_said_and_counted_down(self, popup_on, words, language, server) -> None:
        popup = popup_on()
        code = shows_a_code(popup)
        popup.locator("[data-spoken=heard]").wait_for()
        assert code.get_by_role("img", name=words["meetQrAlt"]).bounding_box()["width"] > 250
        assert code.locator(".spoken .hidden").inner_text() == "7, K, Q, 0; 9, M, 2, X"
        assert words["meetDoubles"] in code.inner_text()
        assert words["meetReady"] in popup.evaluate("window.said")
        first = code.get_by_role("timer").inner_text()
        expect(code.get_by_role("timer")).not_to_have_text(first)
        assert popup.evaluate("window.said").count(words["meetReady"]) == 1
        kit.picture(popup, f"in-person-code-{language}")
        popup.locator("#ordinary summary").click()
        popup.locator("#qr").wait_for()
        kit.picture(popup, f"in-person-code-and-link-{language}")

    def test_is_asked_of_the_server_while_it_is_shown(self, popup_on, words, language, server):
        popup = popup_on()
        shows_a_code(popup)
        nonce = popup.evaluate("window.made.nonce")
        server.meetings = [fake_server.meeting("m1", datetime.now(UTC), nonce)]
        state(popup, "taken")
        assert words["meetAsk"] in popup.evaluate("window.said")
        popup.locator("[data-meeting=m1]").wait_for()
        kit.picture(popup, f"in-person-taken-{language}")

        popup.click("#meet-new")
        state(popup, "shown")
        assert popup.evaluate("window.made.nonce") != nonce
        assert popup.evaluate("document.activeElement.id") == "meet-new"

    def test_of_another_is_no_end_to_this_one(self, popup_on, server) -> None:
        popup = popup_on()
        shows_a_code(popup)
        server.meetings = [fake_server.meeting("m1", datetime.now(UTC), "another")]
        popup.locator("[data-meeting=m1]").wait_for()
        assert popup.locator("[data-meet=shown]").is_visible()

    def test_runs_out_and_says_so_twice(self, popup_on, words, language) -> None:
        popup = popup_on()
        shows_a_code(popup)
        popup.evaluate(LATER, 13 * MINUTE_MS + 1000)
        popup.wait_for_function("(it) => window.said.includes(it)", arg=words["meetSoon"])
        popup.evaluate(LATER, 2 * MINUTE_MS)
        state(popup, "over")
        assert popup.evaluate("window.said").count(words["meetSoon"]) == 1
        assert popup.evaluate("window.said").count(words["meetOver"]) == 1
        assert popup.locator(".one-time").count() == 0
        kit.picture(popup, f"in-person-over-{language}")

    def test_comes_from_the_wallet_without_a_connection(
        self, popup_on, words, language, server
    ) -> None:
        popup = popup_on()
        popup.click("#tab-wallet")
        popup.wait_for_selector("[data-share]")
        popup.close()

        server.failing = 503
        popup = popup_on()
        shows_a_code_from_the_wallet(popup)
        state(popup, "shown")
        popup.locator("[data-spoken=unheard]").wait_for()
        kit.picture(popup, f"in-person-code-offline-{language}")
        server.failing = None
        popup.locator("[data-spoken=heard]").wait_for()
        popup.get_by_role("button", name=words["backToWallet"]).click()
        popup.wait_for_selector("[data-view=wallet]")
        kit.picture(popup, f"in-person-wallet-{language}")

    def test_is_none_before_the_server_knows_the_device(
        self, popup_on, words, language, server, ada: BrowserContext
    ) -> None:
        popup = popup_on()
        popup.click("#tab-wallet")
        popup.wait_for_selector("[data-share]")
        ada.service_workers[0].evaluate("indexedDB.deleteDatabase('fanfare') && null")
        server.failing = 503
        popup.locator("[data-share] button").first.click()
        state(popup, "trouble")
        kit.picture(popup, f"in-person-unknown-device-{language}")
        server.failing = None
        popup.get_by_role("button", name=words["tryAgain"]).click()
        state(popup, "shown")

    def test_that_the_server_would_not_take_is_not_shown(
        self, popup_on, words, language, server
    ) -> None:
        popup = popup_on()
        popup.click("#tab-wallet")
        popup.wait_for_selector("[data-share]")
        server.refusal = {"type": "/problems/claim-refused", "key": "revoked_key", "detail": "No."}
        popup.locator("[data-share] button").first.click()
        assert words["meetEnded"] in state(popup, "refused").inner_text()
        kit.picture(popup, f"in-person-refused-{language}")


class TestWhoWaits:
    @pytest.fixture
    def asked(self, popup_on, server: fake_server.State, words: dict[str, str]) -> Page:
        """Return a popup in which two people wait for Ada's word."""
        now = datetime.now(UTC)
        server.meetings = [
            fake_server.meeting("m1", now - timedelta(days=2)),
            fake_server.meeting("m2", now),
        ]
        popup = popup_on()
        popup.click("#tab-wallet")
        popup.locator("[data-meeting=m2]").wait_for()
        popup.click("#tab-page")
        popup.wait_for_selector("[data-view=offer]")
        return popup

    def answer(self, popup: Page, name: str, words: str) -> None:
        button = popup.locator(f"[data-meeting={name}]").get_by_role("button", name=words)
        button.focus()
        popup.keyboard.press("Enter")

    def test_is_asked_about_one_by_one_by_keyboard(
        self, asked: Page, words, language, server, ada: BrowserContext
    ) -> None:
        kit.picture(asked, f"in-person-waiting-{language}")
        badge = "chrome.action.getBadgeText({})"
        assert ada.service_workers[0].evaluate(badge) == "2"
        self.answer(asked, "m1", words["metYes"])
        asked.locator("[data-meeting=m1]").wait_for(state="detached")
        assert asked.evaluate("document.activeElement.dataset.meeting") == "m2"
        assert words["metConfirmed"] in asked.evaluate("window.said")
        asked.keyboard.press("Tab")
        asked.keyboard.press("Tab")
        asked.keyboard.press("Enter")
        asked.get_by_text(words["metDeclined"]).first.wait_for()
        asked.locator("[data-meeting=m2]").wait_for(state="detached")
        assert asked.evaluate("document.activeElement.textContent") == words["metDeclined"]
        assert ada.service_workers[0].evaluate(badge) == ""
        told = [(path, body) for path, body in server.sent if path.endswith("/decision")]
        assert told == [
            ("/meetings/m1/decision", {"decision": "confirm"}),
            ("/meetings/m2/decision", {"decision": "decline"}),
        ]
        kit.picture(asked, f"in-person-answered-{language}")

    def test_stays_a_question_without_a_connection(
        self, asked: Page, words, language, server, popup_on
    ) -> None:
        server.failing = 503
        self.answer(asked, "m1", words["metYes"])
        asked.locator("[data-meeting=m1] .trouble").wait_for()
        assert asked.evaluate("document.activeElement.textContent") == words["metYes"]
        kit.picture(asked, f"in-person-not-sent-{language}")
        asked.close()

        popup = popup_on()
        self.answer(popup, "m1", words["metYes"])
        popup.locator("[data-meeting=m1] .trouble").wait_for()
        server.failing = None
        self.answer(popup, "m1", words["metYes"])
        popup.get_by_text(words["metConfirmed"]).first.wait_for()

    @pytest.mark.parametrize(
        ("refusal", "told"),
        [
            ({"type": "/problems/claim-refused", "key": "too_late"}, "metTooLate"),
            ({"type": "/problems/claim-refused", "key": "decided"}, "metDecided"),
            ({"type": "/problems/already-referred"}, "metAlready"),
            ({"type": "/problems/not-found"}, "metGone"),
        ],
    )
    def test_is_told_why_it_does_not_count(
        self, asked: Page, words, language, server, refusal: dict[str, str], told: str
    ) -> None:
        server.refusal = refusal
        server.meetings = server.meetings[1:]
        self.answer(asked, "m1", words["metYes"])
        asked.locator("[data-settled]").wait_for()
        assert asked.locator("#meetings").get_by_text(words[told]).is_visible()
        expect(asked.locator("[data-meeting]")).to_have_count(1)
        if told == "metTooLate":
            kit.picture(asked, f"in-person-too-late-{language}")

    def test_too_long_ago_is_said_without_a_connection(
        self, asked: Page, language, server, popup_on, ada: BrowserContext
    ) -> None:
        asked.close()
        server.failing = 503
        ada.service_workers[0].evaluate("""async () => {
          const { meetings } = await chrome.storage.local.get('meetings');
          meetings.meetings[0].decide_until = '2026-01-08T10:00:00Z';
          meetings.meetings[0].taken_at = '2026-01-01T10:00:00Z';
          await chrome.storage.local.set({ meetings });
        }""")
        popup = popup_on()
        over = popup.locator("[data-meeting=m1]")
        over.wait_for()
        assert over.get_by_role("button").count() == 0
        kit.picture(popup, f"in-person-over-and-waiting-{language}")


def test_opening_the_popup_asks_nobody_when_nobody_can_wait(popup_on, server) -> None:
    popup_on().close()
    server.looked_at.clear()
    popup = popup_on()
    for _ in range(2):  # what is asked after it is answered after it
        popup.evaluate("chrome.runtime.sendMessage({ name: 'wallet.get', ask: null })")
    assert server.looked_at.count("/wallet") >= 2
    assert "/meetings" not in server.looked_at
    shows_a_code(popup)
    popup.close()
    server.looked_at.clear()
    server.meetings = [fake_server.meeting("m1", datetime.now(UTC))]
    popup_on().locator("[data-meeting=m1]").wait_for()
