"""Every state of the popup in three languages: seen whole, reached by keyboard, and named.

Pictures, light and dark, are left in ``test-artefacts/popup/``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

OFFER = "[data-view=offer]"

CUT_OFF = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility() && !one.closest('.hidden, svg, textarea, input, select'))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5
    || (getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth))
  .map((one) => `${one.localName}.${one.className}: ${one.textContent.slice(0, 60)}`)
"""
STOPS = """() => {
  const radios = new Set();
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
    .filter((one) => one.type !== 'radio' || (!radios.has(one.name) && radios.add(one.name)))
    .map((one) => one.name || one.id || one.textContent);
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  const shown = one.type === 'radio' ? one.parentElement : one;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  const top = document.querySelector('.top').getBoundingClientRect().bottom;
  return {
    name: one.name || one.id || one.textContent,
    isMarked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    isSeen: box.bottom > 0 && box.top < innerHeight
      && (box.bottom > top || one.closest('.top') !== null),
  };
}"""


@dataclass
class Stage:
    """A browser in one language, a tab of the shop, and the server."""

    context: BrowserContext
    server: fake_server.State
    language: str
    shop: Page
    opened: list[Page] = field(default_factory=list)

    def open_on(self, path: str = "/boots") -> Page:
        """Press the button on a page of the shop."""
        self.close()
        self.shop.goto(path if ":" in path else self.server.address + path)
        self.opened.append(kit.open_popup(self.context, self.shop))
        return self.opened[-1]

    def close(self) -> None:
        """Close the popup."""
        for popup in self.opened:
            if not popup.is_closed():
                popup.close()
        self.opened.clear()

    def forget(self, script: str) -> None:
        """Change what the extension has stored."""
        self.shop.context.service_workers[0].evaluate(script)

    def is_signed_in(self) -> bool:
        """Say whether the extension has somebody's tokens."""
        read = "chrome.storage.local.get('refresh').then(({ refresh }) => Boolean(refresh))"
        return bool(self.context.service_workers[0].evaluate(read))

    def sign_in(self, popup: Page) -> None:
        """Sign in from the popup."""
        with self.context.expect_page() as window:
            popup.click("#sign-in")
        kit.allow(window.value)
        popup.wait_for_selector(OFFER)


@pytest.fixture(scope="module", params=["en", "de", "fr"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with fake_server.running() as server, kit.playwright_with_popups() as playwright:
        profile = tmp_path_factory.mktemp("profile")
        context = kit.launch(playwright, profile, language=request.param)
        context.set_default_timeout(10_000)
        set_server(context, server.address)
        yield Stage(context, server, request.param, context.new_page())
        context.close()


def set_server(context: BrowserContext, address: str) -> None:
    """Let the extension talk to a server, whatever language its options speak."""
    page = context.new_page()
    page.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
    page.evaluate("(server) => chrome.storage.local.set({ server })", address)
    page.close()


def signed_out(stage: Stage) -> Page:
    return stage.open_on()


def sign_in_without_a_server(stage: Stage) -> Page:
    stage.server.is_gone = True
    return failed_sign_in(stage)


def sign_in_with_trouble_there(stage: Stage) -> Page:
    stage.server.failing = 503
    return failed_sign_in(stage)


def sign_in_denied(stage: Stage) -> Page:
    stage.server.denies = True
    popup = stage.open_on()
    with stage.context.expect_page() as window:
        popup.click("#sign-in")
    kit.allow(window.value)
    popup.wait_for_selector(".trouble")
    return popup


def failed_sign_in(stage: Stage) -> Page:
    popup = stage.open_on()
    popup.click("#sign-in")
    popup.wait_for_selector(".trouble")
    return popup


def wallet_signed_out(stage: Stage) -> Page:
    return wallet_of(stage.open_on(), "wallet-trouble")


def offer(stage: Stage) -> Page:
    popup = stage.open_on()
    popup.wait_for_selector(OFFER)
    return popup


def offer_opened(stage: Stage) -> Page:
    popup = offer(stage)
    popup.click("summary")
    return popup


def no_offer(stage: Stage) -> Page:
    popup = stage.open_on("data:text/html,<title>Elsewhere</title>")
    popup.wait_for_selector("[data-view=no-offer]")
    return popup


def stand_down(stage: Stage) -> Page:
    popup = stage.open_on("/boots?awc=12_34")
    popup.wait_for_selector("[data-view=stand-down]")
    stage.forget("chrome.storage.session.remove('stood_down')")
    return popup


def budget_spent(stage: Stage) -> Page:
    stage.server.is_spent = True
    popup = stage.open_on()
    popup.wait_for_selector("[data-note=spent]")
    return popup


def ended(stage: Stage) -> Page:
    stage.server.has_ended = True
    kit.a_while_passes(stage.context)
    popup = stage.open_on()
    popup.wait_for_selector("[data-view=ended]")
    return popup


def taken_back(stage: Stage) -> Page:
    stage.server.withdrawn = True
    kit.a_while_passes(stage.context)
    popup = stage.open_on()
    popup.wait_for_selector("[data-note=taken-back]")
    return popup


def kept_only(stage: Stage) -> Page:
    stage.server.is_gone = True
    popup = stage.open_on()
    popup.wait_for_selector("[data-note=old]")
    return popup


def trouble(stage: Stage) -> Page:
    stage.forget("chrome.storage.local.remove('offers')")
    stage.server.is_gone = True
    popup = stage.open_on()
    popup.wait_for_selector("[data-view=trouble]")
    return popup


def claim(stage: Stage) -> Page:
    popup = stage.open_on("/boots?ff=visit-token-0001")
    popup.wait_for_selector("[data-view=claim]")
    return popup


def claim_made(stage: Stage) -> Page:
    popup = claim(stage)
    popup.click("#agree")
    popup.wait_for_selector("[data-view=claim-acknowledged]")
    stage.forget("chrome.storage.session.remove('settled_visits')")
    return popup


def wallet(stage: Stage) -> Page:
    popup = wallet_of(stage.open_on(), "wallet")
    popup.locator("#panel-wallet summary").first.click()
    return popup


def wallet_empty(stage: Stage) -> Page:
    stage.server.is_empty = True
    popup = wallet_of(stage.open_on(), "wallet")
    popup.wait_for_selector("[data-view=wallet]:not(:has(article))")
    return popup


def wallet_in_trouble(stage: Stage) -> Page:
    stage.forget("chrome.storage.local.remove('wallet')")
    stage.server.is_gone = True
    return wallet_of(stage.open_on(), "wallet-trouble")


def wallet_of(popup: Page, view: str) -> Page:
    popup.click("#tab-wallet")
    popup.wait_for_selector(f"[data-view={view}]")
    return popup


def refused(stage: Stage) -> Page:
    stage.server.refusal = {"type": "/problems/invalid", "detail": "This offer has just ended."}
    popup = stage.open_on()
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-refused]")
    return popup


def waiting(stage: Stage) -> Page:
    stage.server.is_gone = True
    for _ in range(2):
        popup = stage.open_on()
        popup.click("#agree")
        popup.wait_for_selector("[data-view=share-waiting]")
    popup.wait_for_selector("[data-waiting]")
    return popup


def arrived(stage: Stage) -> Page:
    waiting(stage)
    stage.server.is_gone = False
    popup = stage.open_on()
    popup.locator("[data-settled=acknowledged]").nth(1).wait_for()
    return popup


def result_for(channel: str) -> Callable[[Stage], Page]:
    """Return the state after sharing through a channel."""

    def shared(stage: Stage) -> Page:
        popup = stage.open_on()
        popup.locator(f"input[value={channel}]").check(force=True)
        popup.click("#agree")
        popup.wait_for_selector("[data-view=share-result]")
        return popup

    return shared


def sign_in_ended(stage: Stage) -> Page:
    stage.forget("chrome.storage.session.remove('access')")
    stage.server.has_revoked = True
    popup = stage.open_on()
    popup.wait_for_selector("#sign-in")
    return popup


STATES: dict[str, Callable[[Stage], Page]] = {
    "signed-out": signed_out,
    "sign-in-no-server": sign_in_without_a_server,
    "sign-in-server-trouble": sign_in_with_trouble_there,
    "sign-in-denied": sign_in_denied,
    "wallet-signed-out": wallet_signed_out,
    "offer": offer,
    "offer-opened": offer_opened,
    "no-offer": no_offer,
    "stand-down": stand_down,
    "budget-spent": budget_spent,
    "ended": ended,
    "taken-back": taken_back,
    "kept-only": kept_only,
    "trouble": trouble,
    "claim": claim,
    "claim-made": claim_made,
    "wallet": wallet,
    "wallet-empty": wallet_empty,
    "wallet-trouble": wallet_in_trouble,
    "refused": refused,
    "waiting": waiting,
    "arrived": arrived,
    **{f"result-{key}": result_for(key) for key in ("copy", "x", "facebook", "reddit", "qr")},
    **{f"result-{key}": result_for(key) for key in ("mastodon", "email")},
    "sign-in-ended": sign_in_ended,
}
SIGNED_OUT = {
    "signed-out",
    "sign-in-no-server",
    "sign-in-server-trouble",
    "sign-in-denied",
    "wallet-signed-out",
}


@pytest.fixture
def calm(stage: Stage) -> Iterator[Stage]:
    """Let the server work, and have forgotten the state before."""
    server = stage.server
    server.failing = server.refusal = None
    server.is_gone = server.denies = server.withdrawn = server.is_spent = False
    server.has_ended = server.has_revoked = server.is_empty = False
    if stage.context.service_workers:
        kit.a_while_passes(stage.context)
    yield stage
    stage.close()
    stage.forget("chrome.storage.local.remove(['queue', 'channel'])")


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_seen_whole_reached_by_keyboard_and_named(calm: Stage, name: str) -> None:
    if name in SIGNED_OUT:
        calm.forget("chrome.storage.local.remove('refresh')")
    elif not calm.is_signed_in():
        calm.sign_in(calm.open_on())
    popup = STATES[name](calm)
    popup.wait_for_timeout(50)

    assert popup.evaluate("document.documentElement.lang") == calm.language
    assert popup.evaluate(CUT_OFF) == []
    kit.picture(popup, f"state-{name}-{calm.language}")
    for line in popup.locator("body").aria_snapshot().splitlines():
        assert not re.fullmatch(r"\s*- (button|tab|textbox|radio|combobox|img|link|group)", line)

    reached = stops_by_keyboard(popup)
    assert [stop["name"] for stop in reached] == popup.evaluate(STOPS)
    assert [stop for stop in reached if not (stop["isMarked"] and stop["isSeen"])] == []


def stops_by_keyboard(popup: Page) -> list[dict[str, object]]:
    """Go through the popup with the tabulator, from its beginning to its end."""
    popup.evaluate("document.body.tabIndex = -1, document.body.focus()")
    stops: list[dict[str, object]] = []
    for _ in popup.evaluate(STOPS):
        popup.keyboard.press("Tab")
        stops.append(popup.evaluate(FOCUSED))
    return stops


@pytest.mark.parametrize("stage", ["en"], indirect=True)
def test_the_focus_goes_along_when_a_view_takes_the_place_of_another(calm: Stage) -> None:
    if not calm.is_signed_in():
        calm.sign_in(calm.open_on())
    popup = offer(calm)
    popup.focus("#agree")
    popup.keyboard.press("Enter")
    popup.wait_for_selector("[data-view=share-result]")
    popup.wait_for_function("() => document.activeElement.textContent === 'Your link is ready'")

    popup = arrived(calm)
    dismiss = popup.get_by_role("button", name="Dismiss")
    assert "has arrived" in popup.locator(f"#{described(popup)}").inner_text()
    dismiss.first.focus()
    popup.keyboard.press("Enter")
    popup.locator("[data-settled]").nth(1).wait_for(state="detached")
    assert popup.evaluate("document.activeElement.textContent") == "Show link"
    dismiss.focus()
    popup.keyboard.press("Enter")
    popup.locator("#waiting").wait_for(state="hidden")
    assert popup.evaluate("document.activeElement.localName") == "h1"


def described(popup: Page) -> str:
    """Return what describes the first button of the list of what arrived."""
    return str(popup.locator("[data-settled] button").first.get_attribute("aria-describedby"))


@pytest.mark.parametrize("stage", ["en"], indirect=True)
def test_escape_folds_the_innermost_and_keeps_the_focus(calm: Stage) -> None:
    if not calm.is_signed_in():
        calm.sign_in(calm.open_on())
    popup = wallet(calm)
    popup.get_by_text("Show as QR code").click()
    popup.get_by_role("img", name="QR code of BOOT-7K2M-Q9").wait_for()
    folded = []
    for _ in range(2):
        popup.keyboard.press("Escape")
        folded.append(popup.evaluate("document.activeElement.textContent"))
    assert folded == ["Show as QR code", "Why this much"]
    assert popup.locator("details[open]").count() == 0
