"""The popup's tab "Wallet" in a real Chromium: why, what is open, codes, and links taken back."""

from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error

from tests.browser import extension_kit as kit
from tests.browser import fake_server

pytestmark = pytest.mark.browser


def test_the_wallet_says_why_and_takes_a_link_back(popup_on, server: fake_server.State) -> None:
    popup = popup_on("/boots")
    popup.get_by_role("tab", name="Wallet").click()
    popup.wait_for_selector("[data-view=wallet]")
    popup.get_by_text("Why this much").click()
    kit.picture(popup, "wallet")
    assert popup.inner_text("[data-amount=payable]") == "€18.40"
    assert "Your links brought 3 orders" in popup.inner_text("#panel-wallet details")

    popup.get_by_role("button", name="Take back").click()
    assert server.sent == []
    popup.get_by_role("button", name="Really?").click()
    popup.get_by_text("You have made no links yet.").wait_for()
    assert server.sent == [("/shares/4vKqTn8ZpL/withdrawal", {})]
    assert popup.locator("#panel-wallet details[open]").count() == 1, "what is unfolded stays so"


def test_the_wallet_lists_what_is_open_and_what_is_missing(
    ada: BrowserContext, popup_on, server: fake_server.State
) -> None:
    server.failing = 503
    popup = popup_on("/boots")
    popup.get_by_role("tab", name="Wallet").click()
    popup.wait_for_selector("#panel-wallet [data-note=old]")
    popup.locator("[data-content=soles]").scroll_into_view_if_needed()
    assert popup.inner_text("[data-content=making-of] p") == "File · open since 10 real visits"
    assert popup.locator("[data-content=soles] p").all_inner_texts() == [
        "Next: The first soles",
        "Real visits through you and the people you brought: 31 of 50. Still missing: 19.",
    ]
    assert popup.locator("[data-content=soles] a").count() == 0
    kit.picture(popup, "wallet-content")

    with ada.expect_page() as opened, suppress(Error):  # the popup closes while it is clicked
        popup.get_by_role("link", name="How boots are made").click()
    assert opened.value.url == f"{server.address}/content/making-of"
    opened.value.close()


def test_a_code_is_shown_for_a_till_to_read(popup_on) -> None:
    popup = popup_on("/boots")
    popup.get_by_role("tab", name="Wallet").click()
    popup.locator("#panel-wallet:has([data-share])").get_by_text("Show as QR code").click()
    popup.get_by_role("img", name="QR code of BOOT-7K2M-Q9").wait_for()
    kit.picture(popup, "wallet-code")


def test_the_wallet_shows_what_was_kept_without_a_connection(
    popup_on, server: fake_server.State
) -> None:
    server.failing = 503
    popup = popup_on("/boots")
    popup.get_by_role("tab", name="Wallet").click()
    popup.wait_for_selector("#panel-wallet [data-note=old]")
    assert popup.inner_text("[data-amount=payable]") == "€18.40"
    kit.picture(popup, "wallet-old")
