"""What a friend's own browser remembers: whom it muted, and what clicks then leave behind."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from server import clock
from server.links.mutes import SHARERS_MAX, Mutes
from server.services import mutes
from server.services.mutes import Wish
from server.settings import Settings
from tests.server.links.process import CHROME, SITE, Process, Reply
from tests.server.links.world import World


class Browser:
    """A browser that keeps one cookie, and follows what the site signed."""

    def __init__(self, links: Process) -> None:
        self.links, self.cookie = links, ""
        self.key = (links.folder / "keys" / "secret-key").read_text()

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        if self.cookie:
            headers["cookie"] = f"other=1; {self.cookie}; more=2"
        reply = self.links.ask(method, path, **headers)
        if "set-cookie" in reply.headers:
            kept, *self.attributes = reply.headers["set-cookie"].split("; ")
            self.cookie = "" if "Max-Age=0" in self.attributes else kept
        return reply

    def signed(self, world: World, code: str, wish: Wish = Wish.MUTE, **ago: float) -> str:
        """Return what the site signs for the sharer of a link."""
        (row,) = world.rows("SELECT member_id FROM share WHERE code = :code", code=code)
        name = mutes.name_of(self.key, row["member_id"])
        return mutes.sign(self.key, wish, sharer=name, now=self.links.now() - timedelta(**ago))

    def mutes(self, world: World, code: str) -> Reply:
        return self.get(f"/m/{self.signed(world, code)}")

    def unmutes(self, world: World, code: str) -> Reply:
        return self.get(f"/m/{self.signed(world, code, Wish.UNMUTE)}")

    def clicks(self, code: str, **headers: str) -> Reply:
        return self.get(f"/r/{code}", **headers)


@pytest.fixture
def browser(links: Process) -> Browser:
    return Browser(links)


class TestMuting:
    def test_keeps_a_short_hash_of_the_sharer_and_nothing_else(
        self, browser: Browser, world: World
    ):
        code = world.share()
        reply = browser.mutes(world, code)
        assert reply.status == 303
        assert reply.location.startswith(f"{SITE}/f/muted/mute.")
        name, value = browser.cookie.split("=")
        assert name == "fanfare_muted"
        assert mutes.is_name(value)
        assert browser.attributes == ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Lax"]

    def test_leaves_no_visit_and_leads_straight_to_the_page(self, browser: Browser, world: World):
        code, another = world.share("ada"), world.share("ada")
        browser.mutes(world, code)
        for one in (code, another):
            reply = browser.clicks(one)
            assert (reply.status, reply.location) == (302, world.page_url)
            assert "set-cookie" not in reply.headers
        assert world.visits() == []
        assert world.counts() == {"muted": 2}

    def test_mutes_nobody_else(self, browser: Browser, world: World):
        browser.mutes(world, world.share())
        assert browser.clicks(world.share()).token
        assert len(world.visits()) == 1

    def test_is_this_browsers_alone(self, browser: Browser, links: Process, world: World):
        code = world.share()
        browser.mutes(world, code)
        assert links.click(code).token

    def test_is_taken_back_one_by_one(self, browser: Browser, world: World):
        first, second = world.share(), world.share()
        browser.mutes(world, first)
        browser.mutes(world, second)
        browser.unmutes(world, first)
        assert browser.clicks(first).token
        assert browser.clicks(second).token is None
        browser.unmutes(world, second)
        assert browser.cookie == ""

    def test_twice_is_once(self, browser: Browser, world: World):
        code = world.share()
        browser.mutes(world, code)
        cookie = browser.cookie
        browser.mutes(world, code)
        assert browser.cookie == cookie

    def test_keeps_the_latest_when_there_are_too_many(self, browser: Browser, world: World):
        names = [mutes.name_of("somebody", number) for number in range(SHARERS_MAX)]
        browser.cookie = f"fanfare_muted={'.'.join(names)}"
        code = world.share()
        browser.mutes(world, code)
        kept = browser.cookie.split("=")[1].split(".")
        assert len(kept) == SHARERS_MAX
        assert kept[1:] == names[:-1]
        assert browser.clicks(code).token is None
        assert len(browser.cookie) < 1_000

    def test_wins_over_the_card(self, browser: Browser, another_world):
        world = another_world(landing="card")
        code = world.share()
        browser.mutes(world, code)
        assert browser.clicks(code).location == world.page_url
        assert browser.clicks(code, sec_gpc="1").location == world.page_url
        assert world.counts() == {"muted": 2}


class TestWhatNobodySigned:
    @pytest.mark.parametrize("change", ["sharer", "seal", "wish", "time", "garbage"])
    def test_sets_nothing(self, browser: Browser, world: World, change):
        code = world.share()
        wish, name, at, seal = browser.signed(world, code).split(".")
        other = mutes.name_of(browser.key, 10_000_000)
        signed = {
            "sharer": f"{wish}.{other}.{at}.{seal}",
            "seal": f"{wish}.{name}.{at}.{'A' * 22}",
            "wish": f"unmute.{name}.{at}.{seal}",
            "time": f"{wish}.{name}.{int(at) - 1}.{seal}",
            "garbage": "mute",
        }[change]
        reply = browser.get(f"/m/{signed}")
        assert (reply.status, browser.cookie) == (403, "")
        assert "set-cookie" not in reply.headers

    def test_is_what_was_signed_too_long_ago(self, browser: Browser, world: World):
        code = world.share()
        assert browser.get(f"/m/{browser.signed(world, code, minutes=3)}").status == 403
        assert browser.get(f"/m/{browser.signed(world, code, minutes=-3)}").status == 403
        assert browser.get(f"/m/{browser.signed(world, code, minutes=1)}").status == 303

    def test_is_what_a_machine_opens(self, browser: Browser, world: World):
        signed = browser.signed(world, world.share())
        assert browser.get(f"/m/{signed}", method="HEAD").status == 403
        assert browser.get(f"/m/{signed}", sec_purpose="prefetch").status == 403
        assert browser.cookie == ""

    def test_is_a_cookie_of_garbage(self, browser: Browser, world: World):
        code = world.share()
        for cookie in ("fanfare_muted=", "fanfare_muted=x.y..z", "fanfare_muted", "=;;=", "a=b"):
            browser.cookie = cookie
            assert browser.clicks(code).token, cookie


class TestThePage:
    def test_says_how_many_are_muted_and_ends_all_of_it(self, browser: Browser, world: World):
        assert "Nobody is muted" in browser.get("/m").text
        codes = [world.share(), world.share()]
        for code in codes:
            browser.mutes(world, code)
        page = browser.get("/m")
        assert "People whose links you muted: 2." in page.text
        german = browser.get("/m", accept_language="de").text
        assert "stummgeschaltet haben: 2." in german
        action = re.search(r'<form method="post" action="(/m/[^"]+)">', page.text)
        assert action is not None
        reply = browser.get(action[1], method="POST")
        assert (reply.status, reply.location, browser.cookie) == (303, "/m", "")
        assert all(browser.clicks(code).token for code in codes)

    def test_ends_nothing_for_a_form_that_it_did_not_write(self, browser: Browser, world: World):
        browser.mutes(world, world.share())
        cookie = browser.cookie
        for path in ("/m", "/m/x", f"/m/{mutes.proof('other', cookie)}"):
            assert browser.get(path, method="POST").status == 403
        assert browser.cookie == cookie

    def test_is_kept_by_nobody(self, browser: Browser, world: World):
        browser.mutes(world, world.share())
        headers = browser.get("/m").headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"


class TestACardOffer:
    def test_leads_to_the_friends_page(self, links: Process, another_world):
        world = another_world(landing="card")
        reply = links.click(world.share())
        (visit,) = world.visits()
        assert (reply.status, reply.location) == (302, f"{SITE}/f/{visit['token']}")
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"

    def test_leads_who_asks_for_privacy_to_the_card_without_a_visit(
        self, links: Process, another_world
    ):
        world = another_world(landing="card")
        code = world.share()
        assert links.click(code, sec_gpc="1").location == f"{SITE}/f/share/{code}"
        assert world.visits() == []
        assert world.counts() == {"gpc": 1}

    def test_leads_previews_to_the_page_that_they_show(self, links: Process, another_world):
        world = another_world(landing="card")
        assert links.click(world.share(), user_agent="Slackbot").location == world.page_url

    def test_takes_the_sites_beacons_only_there(self, links: Process, world: World, another_world):
        card = another_world(landing="card")
        for where, status in ((card, 200), (world, 403)):
            where_token = links.click(where.share()).location.rpartition("/")[2]
            token = where_token.rpartition("ff=")[2].partition("#")[0]
            body = f'{{"token": "{token}"}}'.encode()
            reply = links.ask("POST", "/b/open", body=body, origin=SITE)
            assert reply.status == status
            assert reply.headers.get("access-control-allow-origin") == (
                SITE if status == 200 else None
            )
        assert links.ask("OPTIONS", "/b/open", origin=SITE).status == 204


class TestPrivacy:
    def test_beacons_of_who_asks_for_it_are_refused(self, links: Process, world: World):
        token = links.click(world.share()).token
        body = f'{{"token": "{token}"}}'.encode()
        refused = links.ask("POST", "/b/open", body=body, sec_gpc="1")
        assert refused.status == 403
        assert '"key": "privacy_control"' in refused.text
        (visit,) = world.visits()
        assert visit["nonce"] is None

    def test_is_announced(self, links: Process):
        reply = links.get("/.well-known/gpc.json")
        assert reply.headers["content-type"] == "application/json"
        assert '"gpc": true' in reply.text

    def test_the_friends_page_is_found_from_here(self, links: Process):
        reply = links.get("/f/a-token-of-22-letters_")
        assert (reply.status, reply.location) == (302, f"{SITE}/f/a-token-of-22-letters_")
        for path in ("/f/", "/f/a/b", "/f/a%2F..%2Fb", "/f/%0d%0aset-cookie:x", "/f/" + "a" * 33):
            assert links.get(path).status == 404
        assert urlsplit(reply.location).netloc == urlsplit(SITE).netloc


def test_the_cookie_is_sent_to_our_host_alone_where_there_is_https(tmp_path: Path):
    settings = Settings(
        fanfare_data=tmp_path, site_url="https://site.example", link_url="https://l.example"
    )
    signed = mutes.sign(
        settings.secret_key, Wish.MUTE, sharer=mutes.name_of("", 1), now=clock.now()
    )
    asked = SimpleNamespace(method="GET", headers=SimpleHeaders({"user-agent": CHROME}))
    answer = Mutes(settings).answer(asked, signed)
    cookie = dict(answer.headers)["set-cookie"]
    assert cookie.startswith("__Host-fanfare_muted=")
    assert cookie.endswith("; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure")
    assert dict(answer.headers)["location"] == f"https://site.example/f/muted/{signed}"


class SimpleHeaders(dict[str, str]):
    """Headers as the click process gets them."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if name in self else []
