"""The extension in a real Firefox: its package is installed, somebody signs in and shares.

A picture of every step is kept in ``test-artefacts/firefox/``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from extension.store import pack
from server import clock
from server.app import create_app
from server.demo.provider import create_provider
from server.demo.shop import Credentials, create_shop
from server.services import clients
from server.settings import IdentityProvider, Settings
from server.store.connection import Database
from server.store.shares import Share
from tests import machine, make
from tests.browser import firefox_kit as kit
from tests.browser.firefox_kit import Firefox
from tests.ports import free_port
from tests.server import live

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-artefacts" / "firefox"
ID = "fanfare@fanfare.example"
SECRET = "a-secret-of-the-demo"


@dataclass
class Town:
    """A site, its demo people and a shop, on addresses of this machine."""

    database: Database
    site: str
    shop: str

    def shares(self) -> list[Share]:
        with self.database.reading() as db:
            return list(db.exec(select(Share)))


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[Town]:
    machine.firefox()
    ports = [free_port() for _ in range(3)]
    site, provider, shop = (f"http://127.0.0.1:{port}" for port in ports)
    settings = Settings(
        fanfare_data=tmp_path,
        database_url=database.engine.url.render_as_string(hide_password=False),
        site_url=site,
        demo=True,
        identity_providers=[
            IdentityProvider(
                name="demo",
                title="the demo people",
                issuer=provider,
                client_id="fanfare",
                client_secret=SECRET,
            )
        ],
    )
    with database.transaction() as db:
        now = clock.now()
        brand_id = make.brand(db, hosts=(shop.removeprefix("http://"),))
        make.offer(db, brand_id, now=now, page_url=f"{shop}/boots")
        made = make.partner(db, brand_id, title="The demo shop", now=now)
        clients.ensure_extension(db, redirect_uris=settings.extension_redirect_uris, now=now)
    people = create_provider(provider, {"fanfare": SECRET}, site)
    boots = create_shop(settings, Credentials(made.client_id, made.client_secret))
    with (
        live.serving(create_app(settings, database), ports[0]),
        live.serving(people, ports[1]),
        live.serving(boots, ports[2]),
    ):
        yield Town(database, site, shop)
    clock.follow(None)


@pytest.fixture
def firefox(town: Town, tmp_path: Path) -> Iterator[Firefox]:
    """Start a Firefox into which somebody installed the package for this town."""
    package = tmp_path / "fanfare.zip"
    package.write_bytes(pack.package(pack.files("firefox", server=town.site)))
    with kit.running(tmp_path / "profile") as firefox:
        assert firefox.install(package) == ID
        yield firefox


def press_the_button(firefox: Firefox, town: Town) -> None:
    """Open the popup on the shop's page."""
    firefox.tab_of(f"{town.shop}/boots")
    firefox.close_popup()
    firefox.press_the_shortcut()


def test_somebody_signs_in_and_shares(town: Town, firefox: Firefox):
    PICTURES.mkdir(parents=True, exist_ok=True)
    firefox.tab_of("/welcome/welcome.html")
    firefox.wait(lambda: town.site in firefox.run("return document.body.innerText"), "the welcome")
    assert "affiliate links" in firefox.run("return document.body.innerText")
    firefox.picture(PICTURES / "1-welcome.png")
    firefox.goto(f"{town.shop}/boots")

    press_the_button(firefox, town)
    firefox.popup_shows("[data-view=signed-out]")
    firefox.picture_of_popup(PICTURES / "2-popup-signed-out.png")
    before = firefox.windows()
    firefox.press_in_popup("#sign-in")
    firefox.tab_of(f"{town.site}/sign-in")
    firefox.picture(PICTURES / "3-sign-in.png")
    firefox.click('a[href^="/sign-in/demo"]')
    firefox.click('button[name=subject][value="ada"]')
    firefox.click("button[value=allow]")

    firefox.wait(lambda: firefox.windows() == before, "the end of the window")
    press_the_button(firefox, town)
    firefox.popup_shows("[data-view=offer]")
    firefox.picture_of_popup(PICTURES / "4-popup-offer.png")
    firefox.press_in_popup("input[name=channel][value=copy]")
    firefox.popup_shows("#agree")
    firefox.picture_of_popup(PICTURES / "5-popup-consent.png")
    assert town.shares() == []
    firefox.press_in_popup("#agree")
    firefox.popup_shows("[data-view=share-result]")
    firefox.picture_of_popup(PICTURES / "6-popup-shared.png")

    (share,) = town.shares()
    link = firefox.in_popup("return document.querySelector('#link').innerText")
    assert link.endswith(f"/r/{share.code}")


def test_it_stays_out_of_private_windows(firefox: Firefox):
    allowed = "return WebExtensionPolicy.getByID(arguments[0]).privateBrowsingAllowed"
    assert firefox.run_in_the_browser(allowed, ID) is False


def test_it_may_read_no_page(firefox: Firefox):
    """Firefox itself says what it granted: the permissions that were asked for, and no host."""
    granted = """
      const { extension } = WebExtensionPolicy.getByID(arguments[0]);
      const hosts = extension.allowedOrigins.patterns.map(({ pattern }) => pattern);
      return [[...extension.permissions], hosts];
    """
    permissions, hosts = firefox.run_in_the_browser(granted, ID)
    assert {"activeTab", "alarms", "identity", "storage"} <= set(permissions)
    assert [host for host in hosts if not host.startswith("moz-extension://")] == []
