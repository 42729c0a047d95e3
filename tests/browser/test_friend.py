"""A friend in a real browser: the card, the brand's page, forget me and mute, on real processes.

Site and links are different origins here, so that the security policy of the card, the origin of
its beacons and the cookie of the links are what a browser makes of them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlmodel import select

from server import clock
from server.demo.shop import Credentials, create_shop
from server.settings import Settings
from server.store import visits
from server.store.connection import Database
from server.store.visits import Visit
from tests import machine, make
from tests.browser import extension_kit as kit
from tests.browser.test_loop import served
from tests.ports import free_port
from tests.programs import Program

pytestmark = pytest.mark.browser


@dataclass
class Town:
    """A site, links and a shop, and Ada's link."""

    database: Database
    site: str
    links: str
    shop: str
    link: str

    def visit(self, token: str) -> Visit | None:
        with self.database.reading() as db:
            return visits.find_by_token(db, token)


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    """Start the site, the links and the demo shop; Ada shares an offer with a card."""
    site, links, shop = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    with database.transaction() as db:
        now = clock.now()
        brand_id = make.brand(db, hosts=(shop.removeprefix("http://"),))
        offer = make.offer(db, brand_id, now=now, page_url=f"{shop}/boots", landing="card")
        code = make.share(db, make.member(db), offer, now=now, shown_as="Ada").code
    address = database.engine.url.render_as_string(hide_password=False)
    environment = {
        "FANFARE_DATA": str(tmp_path),
        "DATABASE_URL": address,
        "SITE_URL": site,
        "SITE_BIND": site.removeprefix("http://"),
        "LINK_URL": links,
        "LINK_BIND": links.removeprefix("http://"),
    }
    settings = Settings(fanfare_data=tmp_path, site_url=site, link_url=links, database_url=address)
    programs = [
        Program("site", tmp_path, environment, f"{site}/healthz"),
        Program("links", tmp_path, environment, f"{links}/healthz"),
    ]
    with served(create_shop(settings, Credentials("none", "none")), shop):
        for program in programs:
            program.start()
        yield Town(database, site, links, shop, f"{links}/r/{code}")
        for program in programs:
            program.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=machine.chromium(), args=list(machine.CHROMIUM_FLAGS)
        )
        yield browser
        browser.close()


def context(chromium: Browser, **options: object) -> BrowserContext:
    return chromium.new_context(user_agent=kit.PERSON, locale="en", **options)


def opens(page: Page, town: Town) -> str:
    """Open Ada's link; return the token in the address of the card."""
    page.goto(town.link)
    assert page.url.startswith(f"{town.site}/f/"), page.url
    return page.url.rpartition("/")[2]


def test_a_visit_is_seen_on_the_card_and_goes_on_to_the_shop(town: Town, chromium: Browser):
    bela = context(chromium)
    page, said = bela.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    with page.expect_response("**/b/open") as opened:
        token = opens(page, town)
    nonce = opened.value.json()["nonce"]
    first = page.locator("main > *").first
    expect(first).to_have_text("Ad: Ada gets a reward if you buy.")

    page.wait_for_timeout(1_100)  # what happens in the first second does not count
    with page.expect_response("**/b/seen", timeout=15_000) as seen:
        page.mouse.click(40, 300)
    assert seen.value.status == 204
    visit = town.visit(token)
    assert visit is not None
    assert visit.verified_at is not None

    body = json.loads(seen.value.request.post_data or "")
    again = bela.request.post(f"{town.links}/b/seen", data=json.dumps({**body, "nonce": nonce}))
    assert again.status == 409, "a nonce works once"

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert said == [], "the policy of the page lets through what it needs"
    page.get_by_role("link", name="Go to Berta's Boots").click()
    page.wait_for_url(f"{town.shop}/**")
    assert page.evaluate("fanfare.visit()") == token
    assert [url for url in asked if "/b/seen" in url] == [], "it is seen already"
    page.get_by_role("link", name="Who sent me here?").click()
    page.wait_for_url(f"{town.site}/f/{token}")
    assert bela.cookies() == []
    bela.close()


@pytest.mark.parametrize("has_script", [True, False])
def test_forget_me_and_mute_this_person(town: Town, chromium: Browser, has_script: bool):
    bela = context(chromium, java_script_enabled=has_script)
    page = bela.new_page()
    token = opens(page, town)
    page.get_by_role("button", name="Forget me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are forgotten")
    assert town.visit(token) is None
    page.goto(f"{town.site}/f/{token}")
    expect(page.get_by_role("heading", level=1)).to_have_text("We know nothing about this visit")

    token = opens(page, town)
    page.get_by_role("button", name="Mute this person").click()
    page.wait_for_url(f"{town.site}/f/muted/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("This person is muted")
    assert town.visit(token) is None
    (cookie,) = bela.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "fanfare_muted", True, "Lax",
    )  # fmt: skip
    page.goto(town.link)
    assert page.url == f"{town.shop}/boots"

    page.goto(f"{town.links}/m")
    expect(page.locator("main")).to_contain_text("People whose links you muted: 1.")
    page.get_by_role("button", name="Unmute everybody").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is muted")
    opens(page, town)
    page.get_by_role("button", name="Mute this person").click()
    page.get_by_role("button", name="Unmute this person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This person is no longer muted")
    assert bela.cookies() == []
    opens(page, town)
    bela.close()


def test_who_asks_for_privacy_sees_the_card_and_leaves_nothing(town: Town, chromium: Browser):
    private = context(chromium, extra_http_headers={"Sec-GPC": "1"})
    page = private.new_page()
    page.goto(town.link)
    assert page.url.startswith(f"{town.site}/f/share/")
    expect(page.locator("main")).to_contain_text("Nothing: no token, no hash, no time.")
    page.get_by_role("link", name="Go to Berta's Boots").click()
    page.wait_for_url(f"{town.shop}/boots")
    assert page.evaluate("fanfare.about()") is None
    assert private.cookies() == []
    with town.database.reading() as db:
        assert list(db.exec(select(Visit))) == []
    private.close()
