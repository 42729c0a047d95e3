"""The extension in a real Chromium, against a server with fixed answers: every view opens.

Pictures of each view, light and dark, are left in ``test-artefacts/extension/``.
"""

import sys

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser

EXTENSION_ID = "nhkejdlliocfijdgkkkheopjhoelildm"
OPENED_MS = """() => {
  const useful = performance.getEntriesByName('useful')[0].startTime;
  return [useful, useful - performance.getEntriesByType('navigation')[0].domInteractive];
}"""
NOTE_OPENED = "() => { chrome.tabs.create = ({ url }) => { window.opened = url; }; }"
NOTE_COPIED = """() => {
  navigator.clipboard.writeText = async (text) => { window.copied = text; };
}"""


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
    kit.picture(popup, "offer")
    popup.get_by_text("Your consent in full").click()
    kit.picture(popup, "offer-consent")
    popup.get_by_text("Copy the link", exact=True).click()
    popup.get_by_label("Your name for friends").fill("Ada")
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")
    kit.picture(popup, "share-result")

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
    popup = shared(popup_on("/boots"), "QR code, in person")
    popup.click("#ordinary summary")
    assert popup.locator("#qr").evaluate("(it) => it.decode()") is None


def shared(popup: Page, channel: str) -> Page:
    """Agree to share through a channel and wait for the link."""
    popup.get_by_text(channel, exact=True).click()
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")
    return popup


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("X", "https://x.com/intent/post?text=Ad%3A%20I%20get%20a%20reward"),
        ("WhatsApp", "https://wa.me/?text=Ad%3A%20I%20get%20a%20reward"),
        ("Telegram", "https://t.me/share/url?url=http%3A%2F%2F127.0.0.1%3A8001%2Fr%2F4vKq"),
        ("Bluesky", "https://bsky.app/intent/compose?text=Ad%3A%20I%20get%20a%20reward"),
        ("Reddit", "https://www.reddit.com/submit?url=http%3A%2F%2F127.0.0.1%3A8001"),
        ("Pinterest", "https://www.pinterest.com/pin/create/button/?url=http%3A"),
        ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url=http%3A"),
        ("Facebook", "https://www.facebook.com/"),
    ],
)
def test_a_network_opens_with_what_it_takes(
    popup_on, ada: BrowserContext, channel: str, address: str
) -> None:
    popup = shared(popup_on("/boots"), channel)
    kit.picture(popup, f"share-{channel.lower()}")
    host = address.split("/")[2]
    ada.route(f"https://{host}/**", lambda it: it.fulfill(body="there", content_type="text/html"))
    with ada.expect_page() as opened:
        popup.click("#open-network")
    opened.value.wait_for_url(f"https://{host}/**", wait_until="commit")
    assert opened.value.url.startswith(address)
    opened.value.close()


def test_on_facebook_nothing_is_filled_in_and_the_link_is_copied(
    popup_on, ada: BrowserContext
) -> None:
    popup = shared(popup_on("/boots"), "Facebook")
    popup.evaluate(NOTE_COPIED)
    popup.evaluate(NOTE_OPENED)
    popup.click("#open-network")
    popup.wait_for_function("window.opened")
    assert popup.evaluate("[window.copied, window.opened]") == [
        "http://127.0.0.1:8001/r/4vKqTn8ZpL",
        "https://www.facebook.com/",
    ]


def test_mastodon_opens_on_the_own_server_which_is_remembered(
    popup_on, ada: BrowserContext
) -> None:
    popup = shared(popup_on("/boots"), "Mastodon")
    popup.fill("#own-server", "not a server")
    popup.click("#open-network")
    popup.get_by_text("This is not the name of a server.").first.wait_for()
    kit.picture(popup, "share-mastodon-wrong")
    popup.evaluate(NOTE_OPENED)
    popup.fill("#own-server", "mastodon.example")
    popup.click("#open-network")
    popup.wait_for_function("window.opened")
    opened = popup.evaluate("window.opened")
    assert opened.startswith("https://mastodon.example/share?text=Ad%3A%20I%20get%20a%20reward")
    popup.close()

    popup = popup_on("/boots")
    assert popup.get_by_label("Mastodon", exact=True).is_checked()
    shared(popup, "Mastodon")
    assert popup.input_value("#own-server") == "mastodon.example"


def test_e_mail_is_written_in_the_own_app(popup_on) -> None:
    popup = shared(popup_on("/boots"), "E-mail")
    popup.evaluate(NOTE_OPENED)
    popup.click("#open-network")
    popup.wait_for_function("window.opened")
    assert popup.evaluate("window.opened").startswith("mailto:?body=Ad%3A%20I%20get%20a%20reward")


def test_the_share_menu_of_the_system_is_offered_where_there_is_one(popup_on) -> None:
    popup = popup_on("/boots")
    assert popup.get_by_label("Another app").count() == popup.evaluate("+('share' in navigator)")


def test_the_disclosure_cannot_be_deleted_and_own_words_stay(popup_on) -> None:
    popup = shared(popup_on("/boots"), "X")
    text = popup.locator("#share-text")
    disclosure = "Ad: I get a reward if you buy."
    assert text.input_value().startswith(disclosure)
    text.fill("Warm feet!")
    assert text.input_value() == f"{disclosure} Warm feet!"
    assert "has to stay at the beginning" in popup.inner_text("#text-kept")
    kit.picture(popup, "share-text-kept")
    popup.evaluate("document.getElementById('share-text').setSelectionRange(3, 3)")
    text.focus()
    popup.keyboard.press("Delete")
    assert text.input_value() == f"{disclosure} Warm feet!"

    text.fill(f"{disclosure} Warm feet, too!")
    assert popup.locator("#text-kept").is_hidden()


def test_characters_are_counted_while_somebody_writes(popup_on) -> None:
    popup = shared(popup_on("/boots"), "X")
    disclosure = "Ad: I get a reward if you buy."
    popup.locator("#share-text").fill(f"{disclosure} Warm")
    assert popup.inner_text("#text-count") == "59 of 280 characters, link included"
    popup.locator("#share-text").fill(f"{disclosure} {'so ' * 90}warm")
    assert "characters too many for X" in popup.inner_text("#text-count")
    kit.picture(popup, "share-text-long")


def test_a_share_waits_for_the_server_and_arrives_once(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    server.failing = 503
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-waiting]")
    popup.wait_for_selector("[data-waiting]")
    kit.picture(popup, "share-waiting")
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
    kit.picture(popup, "arrived")
    popup.get_by_role("button", name="Show link").click()
    popup.wait_for_selector("[data-view=share-result]")
    popup.locator("#waiting").wait_for(state="hidden")
    assert len({body["event_id"] for _, body in server.sent}) == 1


def test_a_refusal_is_said_and_not_sent_again(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    server.refusal = {"type": "/problems/invalid", "detail": "This offer has just ended."}
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-refused]")
    kit.picture(popup, "share-refused")
    assert "This offer has just ended." in popup.inner_text("[data-view=share-refused]")
    popup.close()
    popup_on("/boots").wait_for_selector("[data-view=offer]")
    assert len(server.sent) == 1


def test_without_a_connection_the_offers_are_still_there(
    popup_on, server: fake_server.State
) -> None:
    popup_on("/boots").wait_for_selector("[data-view=offer]")
    server.failing = 503
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-view=offer]")
    popup.wait_for_selector("[data-note=old]")
    assert "What you see was kept on this device." in popup.inner_text("[data-note=old]")
    kit.picture(popup, "offer-old")


def test_without_anything_kept_the_trouble_is_said(
    popup_on, ada: BrowserContext, server: fake_server.State
) -> None:
    ada.service_workers[0].evaluate("chrome.storage.local.remove('offers')")
    server.failing = 503
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-view=trouble]")
    kit.picture(popup, "trouble")
    server.failing = None
    popup.get_by_role("button", name="Try again").click()
    popup.wait_for_selector("[data-view=offer]")


def test_where_the_person_stands_is_drawn_and_said(popup_on) -> None:
    popup = popup_on("/boots")
    popup.wait_for_selector(".steps")
    popup.get_by_text("You are at 7%. When €1,318 more count").wait_for()
    assert popup.locator(".steps rect.behind").count() == 2


def test_a_spent_budget_is_said_before_anybody_shares(popup_on, server: fake_server.State) -> None:
    server.is_spent = True
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-note=spent]")
    assert popup.locator("#agree").count() == 0
    kit.picture(popup, "offer-spent")


def test_an_offer_that_has_ended_says_what_stays(
    popup_on, ada: BrowserContext, server: fake_server.State
) -> None:
    server.has_ended = True
    kit.a_while_passes(ada)
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-view=ended]")
    kit.picture(popup, "ended")
    assert "€18.40" in popup.inner_text("[data-view=ended]")


def test_a_consent_that_was_taken_back_is_said(
    popup_on, ada: BrowserContext, server: fake_server.State
) -> None:
    server.withdrawn = True
    kit.a_while_passes(ada)
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-note=taken-back]")
    kit.picture(popup, "offer-taken-back")


def test_the_first_view_waits_for_nothing_but_storage(
    popup_on, ada: BrowserContext, server: fake_server.State, capsys
) -> None:
    """The background never answers here; what is kept is shown all the same."""
    popup_on("/boots").close()
    page = ada.new_page()
    page.add_init_script("chrome.runtime.sendMessage = () => new Promise(() => undefined)")
    page.goto(f"chrome-extension://{EXTENSION_ID}/popup/popup.html")
    page.wait_for_selector("[data-view=no-offer]")
    page.close()

    took = []
    for _ in range(5):
        popup = popup_on("/boots")
        took.append(popup.evaluate(OPENED_MS))
        popup.close()
    whole, own = sorted(took)[2]
    with capsys.disabled():
        sys.stdout.write(f"\npopup: useful {whole:.0f} ms after opening, {own:.0f} of them ours\n")


def test_a_friend_confirms_who_brought_them(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots?ff=visit-token-0001")
    popup.wait_for_selector("[data-view=claim]")
    kit.picture(popup, "claim")
    assert server.sent == []
    popup.click("#agree")
    popup.wait_for_selector("[data-view=claim-acknowledged]")
    kit.picture(popup, "claim-acknowledged")
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
    new_words = popup.get_by_text("I share this offer, in other words.")
    new_words.wait_for(state="attached")
    popup.get_by_text("Your consent in full").click()
    new_words.wait_for()
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


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        ("page", "ArrowRight", "wallet"),
        ("page", "ArrowLeft", "wallet"),
        ("page", "End", "wallet"),
        ("wallet", "ArrowRight", "page"),
        ("wallet", "Home", "page"),
    ],
)
def test_tabs_work_by_keyboard(popup_on, start: str, key: str, end: str) -> None:
    popup = popup_on("/boots")
    popup.click(f"#tab-{start}")
    popup.keyboard.press(key)
    popup.wait_for_selector(f"#panel-{end} [data-view]")
    assert popup.evaluate("document.activeElement.id") == f"tab-{end}"
    assert popup.locator("[role=tab][tabindex='-1']").count() == 1


def test_everything_is_reached_by_keyboard_in_the_order_of_reading(popup_on) -> None:
    popup = popup_on("/boots")
    popup.focus("#tab-page")
    stops = []
    for _ in range(6):
        popup.keyboard.press("Tab")
        stops.append(
            popup.evaluate(
                "document.activeElement.name || document.activeElement.id || "
                "document.activeElement.localName"
            )
        )
    assert stops == ["channel", "shown_as", "summary", "agree", "open-options", "open-welcome"]


def test_escape_folds_before_it_closes(popup_on) -> None:
    popup = popup_on("/boots")
    popup.get_by_text("Your consent in full").click()
    popup.keyboard.press("Escape")
    assert popup.locator("details[open]").count() == 0
    assert popup.evaluate("document.activeElement.localName") == "summary"


def test_a_page_without_an_offer_says_so(shop: Page, ada: BrowserContext) -> None:
    shop.goto("data:text/html,<title>Elsewhere</title>")
    popup = kit.open_popup(ada, shop)
    popup.wait_for_selector("[data-view=no-offer]")
    kit.picture(popup, "no-offer")
    popup.close()


def test_it_stands_down_for_another_affiliate_until_the_browser_closes(popup_on, ada) -> None:
    popup = popup_on("/boots?awc=12_34")
    popup.wait_for_selector("[data-view=stand-down]")
    kit.picture(popup, "stand-down")
    popup.close()
    popup_on("/boots").wait_for_selector("[data-view=stand-down]")
    ada.service_workers[0].evaluate("chrome.storage.session.remove('stood_down')")


def test_a_sign_in_that_the_server_ended_is_said_and_loses_nothing(
    popup_on, ada: BrowserContext, server: fake_server.State
) -> None:
    popup = popup_on("/boots")
    popup.wait_for_selector("[data-view=offer]")
    server.failing = 503
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-waiting]")
    popup.close()
    server.failing = None
    server.has_revoked = True
    ada.service_workers[0].evaluate("chrome.storage.session.remove('access')")
    popup = popup_on("/boots")
    popup.get_by_text("Please sign in again").wait_for()
    kit.picture(popup, "sign-in-ended")
    assert server.sent == []

    server.has_revoked = False
    with ada.expect_page() as opened:
        popup.click("#sign-in")
    kit.allow(opened.value)
    popup.wait_for_selector("[data-view=offer]")


def test_signing_out_forgets_the_person_here_and_there(
    ada: BrowserContext, server: fake_server.State
) -> None:
    page = ada.new_page()
    page.goto(f"chrome-extension://{EXTENSION_ID}/options/options.html")
    page.get_by_text("You are signed in").wait_for()
    kit.picture(page, "options")
    page.click("#sign-out")
    page.get_by_text("You are signed out.").first.wait_for()
    assert server.forms[-1]["token_type_hint"] == "refresh_token"
    worker = ada.service_workers[0]
    assert list(worker.evaluate("chrome.storage.local.get()")) == ["server"]
    assert worker.evaluate("chrome.storage.session.get()") == {}
    page.close()
