"""Two people meet, in two real browsers, in front of the real site.

Ada's extension makes a code while the site cannot be reached; Bela opens it, both confirm, and
Ada's share has the friend.  A code works once, and not for long; the key that signs never leaves
the browser that made it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from sqlmodel import select

from server import clock
from server.demo.provider import create_provider
from server.demo.shop import Credentials, create_shop
from server.services import clients
from server.settings import Settings
from server.store.connection import Database
from server.store.meetings import Meeting
from server.store.referrals import Referral
from server.store.shares import Share
from server.store.visits import Visit
from tests import machine, make
from tests.browser import extension_kit as kit
from tests.browser.test_loop import served, sign_in_as
from tests.ports import free_port
from tests.programs import Program

pytestmark = pytest.mark.browser

NOTE_MADE = """() => {
  const send = chrome.runtime.sendMessage.bind(chrome.runtime);
  chrome.runtime.sendMessage = async (message) => {
    const reply = await send(message);
    if (message.name === 'in-person.make') window.made = reply.answer;
    return reply;
  };
}"""
KEPT_KEYS = """async () => {
  const open = indexedDB.open('fanfare');
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const asked = database.transaction('device_keys').objectStore('device_keys').getAll();
  const keys = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  database.close();
  return Promise.all(keys.map(async ({ kid, pair }) => ({
    kid,
    extractable: pair.privateKey.extractable,
    usages: pair.privateKey.usages,
    given: await Promise.all(['jwk', 'pkcs8', 'raw', 'spki'].map((form) =>
      crypto.subtle.exportKey(form, pair.privateKey).then(() => 'given', ({ name }) => name))),
  })));
}"""


@dataclass
class Stage:
    """One installation and its people."""

    folder: Path
    database: Database
    site: str
    shop: str
    program: Program

    def time_passes(self, **step: float) -> None:
        clock.travel(self.folder / "clock-offset-seconds", timedelta(**step))

    def all_of(self, kind: Any) -> list[Any]:
        with self.database.reading() as db:
            return list(db.exec(select(kind)).all())


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    machine.chromium()
    site, provider, shop = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    environment = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "SITE_URL": site,
        "SITE_BIND": site.removeprefix("http://"),
        "DEMO": "1",
        "IDENTITY_PROVIDERS": (
            f'[{{"name": "demo", "title": "the demo people", "issuer": "{provider}", '
            '"client_id": "fanfare", "client_secret": "a-secret-of-the-demo"}]'
        ),
    }
    settings = Settings(
        fanfare_data=tmp_path, site_url=site, database_url=environment["DATABASE_URL"]
    )
    with database.transaction() as db:
        now = clock.now()
        brand_id = make.brand(db, hosts=(shop.removeprefix("http://"),))
        make.offer(db, brand_id, now=now, page_url=f"{shop}/boots")
        clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
    people = create_provider(provider, {"fanfare": "a-secret-of-the-demo"}, site)
    boots = create_shop(settings, Credentials("shop", "secret"))
    program = Program("site", tmp_path, environment, f"{site}/healthz")
    with served(people, provider), served(boots, shop):
        program.start()
        yield Stage(tmp_path, database, site, shop, program)
        if program.running:
            program.kill()


@pytest.fixture(autouse=True)
def segno_fills_as_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let segno fill up to a whole byte only; tests/extension/test_in_person.py says more."""
    monkeypatch.setattr(
        segno.encoder,
        "write_padding_bits",
        lambda buff, _version, length: buff.extend([0] * (-length % 8)),
    )


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    with kit.playwright_with_popups() as started:
        yield started


@pytest.fixture
def friends(playwright: Playwright) -> Iterator[Browser]:
    """Return another browser, on other people's devices."""
    browser = playwright.chromium.launch(
        executable_path=machine.chromium(), args=list(machine.CHROMIUM_FLAGS)
    )
    yield browser
    browser.close()


def popup_of(stage: Stage, ada: BrowserContext) -> Page:
    page = ada.new_page()
    page.goto(f"{stage.shop}/boots?{len(ada.pages)}")
    popup = kit.open_popup(ada, page)
    popup.evaluate(NOTE_MADE)
    return popup


def sign_in(popup: Page) -> None:
    with popup.context.expect_page() as opened:
        popup.click("#sign-in")
    window = opened.value
    window.locator('a[href^="/sign-in/demo"], button[value=allow]').first.wait_for()
    if window.locator('a[href^="/sign-in/demo"]').count():
        sign_in_as(window, "ada")
    window.click("button[value=allow]")
    popup.wait_for_selector("[data-view=offer]")


def ada_shares_in_person(stage: Stage, ada: BrowserContext) -> None:
    """Sign Ada in and make the share that her codes are for."""
    kit.welcome(ada)
    kit.choose_server(ada, stage.site)
    popup = popup_of(stage, ada)
    sign_in(popup)
    popup.locator("input[value=qr]").check(force=True)
    popup.fill("#shown-as", "Ada")
    popup.click("#agree")
    popup.wait_for_selector("[data-meet=shown]")
    popup.click("#tab-wallet")
    popup.wait_for_selector("[data-share]")
    popup.close()


def a_code_from_the_wallet(popup: Page) -> str:
    """Return the address that the picture on the screen stands for."""
    popup.click("#tab-wallet")
    popup.get_by_role("button", name="Code for a friend").click()
    popup.wait_for_selector("[data-meet=shown]")
    address = str(popup.evaluate("window.made.address"))
    drawn = popup.get_attribute(".one-time path", "d") or ""
    assert drawn in {picture_of(address, mask) for mask in range(8)}
    return address


def picture_of(address: str, mask: int) -> str:
    """Return the same code as somebody else's program draws it."""
    theirs = segno.make_qr(address, error="m", mode="byte", mask=mask, boost_error=False)
    return "".join(
        f"M{column + 4} {row + 4}h1v1h-1z"
        for row, modules in enumerate(theirs.matrix)
        for column, module in enumerate(modules)
        if module
    )


def opens(friends: Browser, stage: Stage, address: str, subject: str) -> Page:
    """Let somebody scan a code and sign in for it."""
    page = friends.new_context(user_agent=kit.PERSON).new_page()
    page.goto(address)
    sign_in = page.get_by_role("link", name="Sign in and confirm")
    if sign_in.count():
        sign_in.click()
        sign_in_as(page, subject)
        page.wait_for_url(address)
    return page


def test_a_code_made_without_a_connection_counts_when_both_confirm(
    stage: Stage, playwright: Playwright, friends: Browser, tmp_path: Path
):
    ada = kit.launch(playwright, tmp_path / "ada")
    ada_shares_in_person(stage, ada)

    stage.program.kill()
    popup = popup_of(stage, ada)
    address = a_code_from_the_wallet(popup)
    popup.locator("[data-spoken=unheard]").wait_for()
    assert address.startswith(f"{stage.site}/p/")
    assert stage.all_of(Meeting) == []

    stage.program.start()
    bela = opens(friends, stage, address, "bela")
    expect(bela.locator("h1")).to_contain_text("Ada told you of")
    bela.get_by_role("button", name="Yes, I agree").click()
    expect(bela.locator("h1")).to_have_text("Almost done")
    assert stage.all_of(Referral) == []

    popup.wait_for_selector("[data-meet=taken]", timeout=30_000)
    popup.get_by_role("button", name="Yes, I was").click()
    popup.get_by_text("Confirmed. It counts from now on.").first.wait_for()
    [referral], [visit], [share] = map(stage.all_of, (Referral, Visit, Share))
    assert referral.share_id == visit.share_id == share.id
    assert visit.friend_id == referral.friend_id != share.member_id
    bela.reload()
    expect(bela.locator("h1")).to_have_text("Both of you confirmed it")
    popup.close()

    popup = popup_of(stage, ada)
    popup.click("#tab-wallet")
    popup.wait_for_selector("[data-share]")
    assert popup.locator("#meetings").is_hidden()

    cleo = opens(friends, stage, address, "cleo")
    expect(cleo.locator("main")).to_contain_text("Each code is for one person. Ask for a new one.")
    expect(cleo.get_by_role("button", name="Yes, I agree")).to_have_count(0)
    assert len(stage.all_of(Meeting)) == 1
    ada.close()


def test_a_code_that_has_run_out_is_refused_and_a_spoken_one_is_taken(
    stage: Stage, playwright: Playwright, friends: Browser, tmp_path: Path
):
    ada = kit.launch(playwright, tmp_path / "ada")
    ada_shares_in_person(stage, ada)
    popup = popup_of(stage, ada)
    address = a_code_from_the_wallet(popup)
    popup.locator("[data-spoken=heard]").wait_for()
    said = popup.locator(".spoken .hidden").inner_text()
    typed = re.sub("[^0-9A-Z]", "", said).lower()

    bela = friends.new_context(user_agent=kit.PERSON).new_page()
    bela.goto(f"{stage.site}/sign-in")
    sign_in_as(bela, "bela")
    bela.goto(f"{stage.site}/p")
    bela.get_by_role("textbox").fill(f"{typed[:4]} {typed[4:]}")
    bela.keyboard.press("Enter")
    expect(bela.locator("h1")).to_contain_text("Ada told you of")

    stage.time_passes(minutes=18)
    bela.get_by_role("button", name="Yes, I agree").click()
    expect(bela.locator("main")).to_contain_text("This code has run out; ask for a new one.")
    cleo = opens(friends, stage, address, "cleo")
    expect(cleo.locator("main")).to_contain_text("This code has run out; ask for a new one.")
    assert stage.all_of(Meeting) == []
    ada.close()


def kept_keys(context: BrowserContext) -> list[dict[str, Any]]:
    """Return the keys as a page of the extension finds them: it may use them, not take them."""
    page = context.new_page()
    page.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
    keys = page.evaluate(KEPT_KEYS)
    page.close()
    return list(keys)


def stop_worker(context: BrowserContext) -> None:
    """Stop the worker as the browser does when it has nothing to do."""
    page = context.new_page()
    page.goto(f"chrome-extension://{kit.extension_id(context)}/options/options.html")
    session = context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    session.detach()
    page.close()


def test_the_key_stays_in_the_browser_that_made_it(
    stage: Stage, playwright: Playwright, tmp_path: Path
):
    ada = kit.launch(playwright, tmp_path / "ada")
    ada_shares_in_person(stage, ada)
    [key] = kept_keys(ada)
    assert (key["extractable"], key["usages"]) == (False, ["sign"])
    assert "given" not in key["given"]

    ada.service_workers[0].evaluate("globalThis.isFirst = true")
    stop_worker(ada)
    popup = popup_of(stage, ada)
    [worker] = ada.service_workers
    assert worker.evaluate("globalThis.isFirst") is None, "it is another worker"
    first = a_code_from_the_wallet(popup)
    assert kept_keys(ada) == [key]
    popup.close()
    ada.close()

    ada = kit.launch(playwright, tmp_path / "ada")
    kit.extension_id(ada)
    popup = popup_of(stage, ada)
    second = a_code_from_the_wallet(popup)
    assert kept_keys(ada) == [key]
    assert kid_of(first) == kid_of(second)
    popup.close()

    page = ada.new_page()
    page.goto(f"chrome-extension://{kit.extension_id(ada)}/options/options.html")
    page.click("#sign-out")
    page.get_by_text("You are signed out.").first.wait_for()
    refused = page.evaluate(
        "chrome.runtime.sendMessage({ name: 'in-person.make', ask: { code: '4vKqTn8ZpL' } })"
    )
    assert refused["trouble"]["slug"] == "signed-out"
    assert kept_keys(ada) == [key]

    popup = popup_of(stage, ada)
    sign_in(popup)
    assert kid_of(a_code_from_the_wallet(popup)) == kid_of(first)
    assert kept_keys(ada) == [key]
    ada.close()


def kid_of(address: str) -> str:
    """Return the part of a code that names its key."""
    return address.rpartition("/")[2][2:22]
