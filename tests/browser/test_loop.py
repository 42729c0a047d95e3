"""The whole loop in real browsers, on both databases, against every real process.

Ada shares with the extension, a friend comes and buys, time passes, Ada takes a code with its why,
the shop redeems it, and a refund of another order leaves everything as it was.  A picture of every
step is kept in ``test-artefacts/loop/``.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import select
from werkzeug.serving import make_server

from server import clock
from server.demo.provider import create_provider
from server.demo.shop import Credentials, create_shop
from server.services import clients, wallets
from server.settings import Settings
from server.store import visits
from server.store.connection import Database
from server.store.shares import Share
from tests import machine, make
from tests.browser import extension_kit as kit
from tests.ports import free_port
from tests.programs import Program

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-artefacts" / "loop"
PATIENCE_SECONDS = 60


@dataclass
class Stage:
    """Every process of one installation, and the people in front of it."""

    folder: Path
    database: Database
    site: str
    links: str
    shop: str
    offer_id: str
    pictures: Path
    taken: int = 0
    programs: list[Program] = field(default_factory=list)

    def picture(self, page: Page, name: str) -> None:
        """Keep what a person sees now."""
        self.taken += 1
        path = self.pictures / f"{self.taken:02}-{name}.png"
        page.screenshot(path=path, full_page=not name.startswith("popup"))

    def time_passes(self, **step: float) -> None:
        """Move the clock of every process."""
        clock.travel(self.folder / "clock-offset-seconds", timedelta(**step))

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for the worker."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            logs = "\n".join(program.log.read_text()[-2000:] for program in self.programs)
            assert time.monotonic() < deadline, f"{what} did not happen\n{logs}"
            time.sleep(0.1)

    def place(self) -> wallets.Place:
        """Return what the only customer who shared has."""
        with self.database.reading() as db:
            (who,) = db.exec(select(Share.member_id).distinct())
            (place,) = wallets.of_member(db, member_id=who).places
            return place


@pytest.fixture
def stage(database: Database, dialect: str, tmp_path: Path) -> Iterator[Stage]:
    """Start the site, the links, the worker, the demo provider and the demo shop."""
    machine.chromium()
    site, links, provider, shop = (f"http://127.0.0.1:{free_port()}" for _ in range(4))
    pictures = PICTURES / dialect
    pictures.mkdir(parents=True, exist_ok=True)
    with database.transaction() as db:
        now = clock.now()
        brand_id = make.brand(db, hosts=(shop.removeprefix("http://"),))
        offer = make.offer(db, brand_id, now=now, page_url=f"{shop}/boots")
        made = make.partner(db, brand_id, title="The demo shop", now=now)
    environment = {
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "SITE_URL": site,
        "SITE_BIND": site.removeprefix("http://"),
        "LINK_URL": links,
        "LINK_BIND": links.removeprefix("http://"),
        "DEMO": "1",
        "JOBS_EVERY_SECONDS": "1",
        "IDENTITY_PROVIDERS": (
            f'[{{"name": "demo", "title": "the demo people", "issuer": "{provider}", '
            '"client_id": "fanfare", "client_secret": "a-secret-of-the-demo"}]'
        ),
    }
    settings = Settings(
        fanfare_data=tmp_path,
        site_url=site,
        link_url=links,
        database_url=environment["DATABASE_URL"],
    )
    with database.transaction() as db:
        clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
    people = create_provider(provider, {"fanfare": "a-secret-of-the-demo"}, site)
    boots = create_shop(settings, Credentials(made.client_id, made.client_secret))
    programs = [
        Program("site", tmp_path, environment, f"{site}/healthz"),
        Program("links", tmp_path, environment, f"{links}/healthz"),
        Program("work", tmp_path, environment),
    ]
    with served(people, provider), served(boots, shop):
        for program in programs:
            program.start()
        yield Stage(
            tmp_path, database, site, links, shop, offer.public_id, pictures, programs=programs
        )
        for program in programs:
            program.kill()


class served:  # noqa: N801 - reads as a word of the story
    """Serve a Flask app on an address of this machine for as long as the block lasts."""

    def __init__(self, app: Flask, address: str) -> None:
        port = int(address.rsplit(":", 1)[1])
        self.server = make_server("127.0.0.1", port, app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def sign_in_as(page: Page, subject: str) -> None:
    """Choose a person at the demo provider, from the site's sign-in page."""
    page.click('a[href^="/sign-in/demo"]')
    page.click(f'button[name=subject][value="{subject}"]')


def ada_signs_in_and_shares(stage: Stage, ada: BrowserContext) -> str:
    """Return the link of Ada's share."""
    welcome = kit.welcome(ada)
    stage.picture(welcome, "welcome")
    kit.choose_server(ada, stage.site)
    page = ada.new_page()
    page.goto(f"{stage.shop}/boots")
    stage.picture(page, "the-shop")
    popup = kit.open_popup(ada, page)
    popup.wait_for_selector("[data-view=signed-out]")
    stage.picture(popup, "popup-signed-out")
    with ada.expect_page() as opened:
        popup.click("#sign-in")
    window = opened.value
    window.wait_for_selector('a[href^="/sign-in/demo"]')
    stage.picture(window, "sign-in")
    sign_in_as(window, "ada")
    window.wait_for_selector("button[value=allow]")
    stage.picture(window, "allow-the-extension")
    window.click("button[value=allow]")
    popup.wait_for_selector("[data-view=offer]")
    stage.picture(popup, "popup-offer")
    popup.get_by_text("Copy the link").click()
    popup.fill("#shown-as", "Ada")
    popup.click("summary")
    expect(popup.locator("#consent-text")).to_contain_text("withdraw")
    stage.picture(popup, "popup-consent")
    popup.click("#agree")
    popup.wait_for_selector("[data-view=share-result]")
    stage.picture(popup, "popup-shared")
    link = str(popup.locator("#link").inner_text())
    assert link.startswith(f"{stage.links}/r/")
    popup.close()
    page.close()
    return link


def a_friend_comes(stage: Stage, friend: BrowserContext, link: str) -> Page:
    """Return the friend's page, once their visit was verified."""
    page = friend.new_page()
    page.goto(link)
    assert page.url.startswith(f"{stage.shop}/boots?ff=")
    token = page.url.split("ff=")[1]
    page.wait_for_timeout(1200)
    page.mouse.wheel(0, 200)
    page.mouse.click(200, 200)

    def verified() -> bool:
        with stage.database.reading() as db:
            visit = visits.find_by_token(db, token)
            return visit is not None and visit.outcome == "counted"

    stage.wait_until(verified, "the verified visit")
    stage.picture(page, "friend-at-the-shop")
    return page


def order(stage: Stage, page: Page, amount: str, code: str = "") -> None:
    """Let the person at the shop order."""
    page.fill("input[name=total]", amount)
    page.fill("input[name=code]", code)
    page.click("text=Order now")
    page.wait_for_url(re.compile("/orders"))


def test_the_whole_loop(stage: Stage, tmp_path: Path):
    with kit.playwright_with_popups() as playwright:
        ada = kit.launch(playwright, tmp_path / "ada")
        browser = playwright.chromium.launch(
            executable_path=machine.chromium(), args=list(machine.CHROMIUM_FLAGS)
        )
        bela = browser.new_context(user_agent=kit.PERSON)
        link = ada_signs_in_and_shares(stage, ada)
        shop = a_friend_comes(stage, bela, link)
        stage.time_passes(minutes=5)
        order(stage, shop, "120.00")
        expect(shop.locator("article").first).to_contain_text("counts with 120.00 EUR")
        stage.picture(shop, "the-order-is-reported")
        assert stage.place().pending_minor == 6_01

        stage.time_passes(days=15)
        stage.wait_until(lambda: stage.place().payable_minor == 6_01, "the vesting")
        wallet = ada.new_page()
        wallet.goto(f"{stage.site}/wallet")
        sign_in_as(wallet, "ada")
        wallet.wait_for_url(re.compile("/wallet"))
        expect(wallet.locator("main")).to_contain_text("6.01")
        expect(wallet.get_by_text(re.compile(r"counting 120\.30")).first).to_be_visible()
        stage.picture(wallet, "wallet-payable-with-its-why")
        wallet.locator("form[action$='/codes'] button").first.click()
        code = str(
            wallet.locator("text=/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/").first.inner_text()
        ).strip()
        stage.picture(wallet, "wallet-code")

        before = stage.place()
        till = bela.new_page()
        till.goto(f"{stage.shop}/boots")
        order(stage, till, "80.00", code)
        expect(till.locator("article").first).to_contain_text("discount 6.01 EUR")
        stage.picture(till, "the-code-is-redeemed")
        assert stage.place().codes[0].state == "redeemed"

        cleo = browser.new_context(user_agent=kit.PERSON)
        other = a_friend_comes(stage, cleo, link)
        stage.time_passes(minutes=5)
        visited = stage.place()
        order(stage, other, "999.99")
        assert stage.place().pending_minor > before.pending_minor
        stage.picture(other, "another-order")
        other.click("text=Refund all of it")
        expect(other.locator("article").first).to_contain_text("refunded 999.99 EUR")
        stage.picture(other, "and-its-refund")
        assert stage.place().why == visited.why
        popup_shows_the_wallet(stage, ada, code)
        browser.close()
        ada.close()


def popup_shows_the_wallet(stage: Stage, ada: BrowserContext, code: str) -> None:
    """Look at the wallet in the extension: its access token ended long ago and is refreshed."""
    page = ada.new_page()
    page.goto(f"{stage.shop}/boots?again")
    popup = kit.open_popup(ada, page)
    popup.click("#tab-wallet")
    popup.wait_for_selector("[data-amount=payable]")
    expect(popup.locator("[data-view=wallet]")).to_contain_text(code)
    stage.picture(popup, "popup-wallet")
