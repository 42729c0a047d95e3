"""Share links as visitors, crawlers and previews meet them, on the real process."""

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from server.store import visits
from tests.server.links.process import Process
from tests.server.links.world import World
from tests.server.user_agents import BROWSERS, PHONES, PREVIEWS


class TestAPerson:
    def test_is_led_to_the_page_with_a_token_of_a_stored_visit(self, links: Process, world: World):
        code = world.share()
        world.share()  # noise: another link of the offer

        reply = links.click(code)

        assert reply.status == 302
        assert reply.location == f"https://{world.host}/boots?size=40&ff={reply.token}#shop"
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in reply.headers
        [visit] = world.rows(
            "SELECT visit.*, share.code FROM visit JOIN share ON share.id = visit.share_id"
            " WHERE visit.offer_id = :offer",
            offer=world.offer_id,
        )
        assert (visit["token"], visit["code"]) == (reply.token, code)
        assert len(visit["visitor_key"]) == 8
        assert visit["verified_at"] is visit["nonce"] is visit["outcome"] is None
        assert world.counts() == {}

    def test_leaves_the_moment_of_the_click_as_the_rest_of_the_server_reads_it(
        self, links: Process, world: World
    ):
        before = links.now()
        reply = links.click(world.share())
        with world.database.reading() as db:
            visit = visits.find_by_token(db, reply.token)
        assert before - timedelta(seconds=1) <= visit.clicked_at <= links.now()
        assert visit.credited is False

    def test_has_a_key_that_is_the_same_only_for_the_same_visitor_and_offer(
        self, links: Process, world: World, another_world: Callable[[], World]
    ):
        code, other = world.share(), another_world()
        links.click(code)
        links.click(world.share())
        links.click(code, address="203.0.113.8")
        links.click(code, user_agent=PHONES["Safari"])
        links.click(other.share())

        first, again, elsewhere, phone = (row["visitor_key"] for row in world.visits())
        [foreign] = (row["visitor_key"] for row in other.visits())
        assert first == again
        assert len({bytes(key) for key in (first, elsewhere, phone, foreign)}) == 4

    def test_has_another_key_on_another_day(self, links: Process, world: World):
        code = world.share()
        links.click(code)
        links.later(days=1)
        links.click(code)
        first, second = (bytes(row["visitor_key"]) for row in world.visits())
        assert first != second

    @pytest.mark.parametrize("name", BROWSERS)
    def test_may_come_with_any_browser(self, links: Process, world: World, name: str):
        assert links.click(world.share(), user_agent=BROWSERS[name]).token
        assert len(world.visits()) == 1

    def test_whose_browser_sends_an_endless_name_is_still_a_person(
        self, links: Process, world: World
    ):
        assert links.click(world.share(), user_agent="Mozilla/5.0 " + "x" * 6000).token


class TestNobodyWhoWantsToSeeThePage:
    """The request is led on, without a token, and leaves a count at most."""

    @pytest.mark.parametrize("name", PREVIEWS)
    def test_previews_and_crawlers_are_counted_apart(self, links: Process, world: World, name: str):
        reply = links.click(world.share(), user_agent=PREVIEWS[name])
        assert (reply.status, reply.location) == (302, world.page_url)
        assert world.visits() == []
        assert world.counts() == {"crawler": 1}

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("sec_purpose", "prefetch"),
            ("sec_purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x_moz", "prefetch"),
        ],
    )
    def test_pages_fetched_in_advance_are_refused_and_counted_apart(
        self, links: Process, world: World, header: str, value: str
    ):
        """What a browser keeps, it shows to whoever clicks; nobody would know of that visit."""
        reply = links.click(world.share(), **{header: value})
        assert reply.status == 503
        assert "location" not in reply.headers
        assert reply.headers["cache-control"] == "no-store"
        assert "retry-after" not in reply.headers, "it would keep the browser from the click, too"
        assert (world.visits(), world.counts()) == ([], {"speculative": 1})

    def test_previews_that_a_browser_shows_are_counted_apart(self, links: Process, world: World):
        assert links.click(world.share(), x_purpose="preview").location == world.page_url
        assert (world.visits(), world.counts()) == ([], {"speculative": 1})

    @pytest.mark.parametrize("agent", [None, "", "   "])
    def test_an_empty_user_agent_is_counted_apart(
        self, links: Process, world: World, agent: str | None
    ):
        assert links.click(world.share(), user_agent=agent).location == world.page_url
        assert (world.visits(), world.counts()) == ([], {"no_user_agent": 1})

    def test_head_answers_the_same_and_records_nothing(self, links: Process, world: World):
        reply = links.ask("HEAD", f"/r/{world.share()}")
        assert (reply.status, reply.location, reply.text) == (302, world.page_url, "")
        assert reply.headers["cache-control"] == "no-store"
        assert (world.visits(), world.counts()) == ([], {})

    def test_global_privacy_control_leaves_no_key_and_no_token(self, links: Process, world: World):
        reply = links.click(world.share(), sec_gpc="1")
        assert (reply.status, reply.location) == (302, world.page_url)
        assert (world.visits(), world.counts()) == ([], {"gpc": 1})

    def test_privacy_control_must_be_switched_on(self, links: Process, world: World):
        assert links.click(world.share(), sec_gpc="0").token

    def test_counts_grow_by_share_day_and_reason(self, links: Process, world: World):
        ada, bela = world.share(), world.share()
        for code in (ada, ada, bela):
            links.click(code, user_agent=PREVIEWS["Slack"])
        links.click(ada, sec_gpc="1")
        first_day = links.now().date()
        links.later(days=1)
        links.click(ada, user_agent=PREVIEWS["Slack"])

        rows = world.rows(
            "SELECT share.code, day, reason, clicks FROM click_count"
            " JOIN share ON share.id = click_count.share_id WHERE share.offer_id = :offer",
            offer=world.offer_id,
        )
        found = {(row["code"], str(row["day"]), row["reason"]): row["clicks"] for row in rows}
        assert found == {
            (ada, str(first_day), "crawler"): 2,
            (bela, str(first_day), "crawler"): 1,
            (ada, str(first_day), "gpc"): 1,
            (ada, str(first_day + timedelta(days=1)), "crawler"): 1,
        }


class TestALinkThatLeadsNowhere:
    @pytest.mark.parametrize(
        "code",
        [
            "AAAAAAAAAA",
            "",
            "short",
            "0OIl0OIl0O",
            "AAAAAAAAAAA",
            "../healthz",
            "%2e%2e%2fhealthz",
            "AAAAAAAAA%00",
            "AAAAAAAAA%0d%0aLocation:%20https://evil.example",
            "AAAAAAAAA'",
            "x" * 3000,
            "%ff%fe",
            "ÄÖÜäöüßñéà".encode().hex(),
        ],
    )
    def test_is_not_found_in_a_friendly_way(self, links: Process, code: str):
        reply = links.click(code)
        assert reply.status == 404
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert "This link leads nowhere" in reply.text
        assert "location" not in reply.headers

    def test_works_as_soon_as_its_share_exists(self, links: Process, world: World):
        """Even if somebody tried the code before, and the process never hears of the share."""
        code = world.share()
        world.run("UPDATE share SET code = 'zzzzzzzzzz' WHERE code = :code", code=code)
        assert links.click(code).status == 404
        world.run("UPDATE share SET code = :code WHERE code = 'zzzzzzzzzz'", code=code)
        assert links.click(code).status == 302

    def test_is_gone_for_people_as_soon_as_it_is_withdrawn(self, links: Process, world: World):
        code, other = world.share(), world.share()
        assert links.click(code).status == 302
        world.withdraw(code)
        reply = links.click(code)
        assert reply.status == 410
        assert "This link was withdrawn" in reply.text
        assert links.click(other).status == 302
        assert len(world.visits()) == 2

    def test_is_gone_as_soon_as_its_share_alone_is_marked(self, links: Process, world: World):
        code = world.share()
        assert links.click(code).status == 302
        world.run("UPDATE share SET withdrawn_at = CURRENT_TIMESTAMP WHERE code = :code", code=code)
        assert links.click(code).status == 410

    def test_is_gone_as_soon_as_its_consent_is_withdrawn(self, links: Process, world: World):
        code = world.share()
        assert links.click(code).status == 302
        world.run(
            "UPDATE consent SET withdrawn_at = CURRENT_TIMESTAMP"
            " WHERE id = (SELECT consent_id FROM share WHERE code = :code)",
            code=code,
        )
        assert links.click(code).status == 410

    def test_is_gone_for_previews_within_a_second(self, links: Process, world: World):
        code = world.share()
        assert links.ask("HEAD", f"/r/{code}").status == 302
        world.withdraw(code)
        deadline = time.monotonic() + 3
        while links.ask("HEAD", f"/r/{code}").status == 302:
            assert time.monotonic() < deadline, "the process still leads previews on"
        assert links.click(code, user_agent=PREVIEWS["Slack"]).status == 410

    def test_is_gone_when_the_offer_has_ended(self, links: Process, world: World):
        code = world.share()
        assert links.click(code).status == 302
        world.end()
        reply = links.click(code)
        assert reply.status == 410
        assert "This offer has ended" in reply.text
        assert len(world.visits()) == 1

    @pytest.mark.parametrize(
        ("accepted", "language", "words"),
        [
            ("de-CH,en;q=0.5", "de", "Diese Aktion ist beendet"),
            ("fr", "fr", "Cette offre est terminée"),
            ("ja", "en", "This offer has ended"),
        ],
    )
    def test_says_so_in_the_visitors_language(
        self, links: Process, world: World, accepted: str, language: str, words: str
    ):
        code = world.share()
        world.end()
        reply = links.click(code, accept_language=accepted)
        assert words in reply.text
        assert f'<html lang="{language}">' in reply.text
        assert reply.headers["content-language"] == language
        assert reply.headers["vary"] == "Accept-Language"

    def test_escapes_what_brands_and_people_wrote(
        self, links: Process, another_world: Callable[..., World]
    ):
        world = another_world(title="<script>alert(1)</script>")
        world.lead_to(f'https://{world.host}/?a="><b>')
        code = world.share()
        world.end()
        page = links.click(code).text
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert '"><b>' not in page

    def test_page_needs_nothing_from_elsewhere_and_may_run_nothing(self, links: Process):
        reply = links.click("AAAAAAAAAA")
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "src=" not in reply.text
        assert "color-scheme:light dark" in reply.text
        assert reply.headers["x-robots-tag"] == "noindex"


class TestNeverAnOpenRedirect:
    @pytest.mark.parametrize(
        "query",
        [
            "?url=https://evil.example",
            "?ff=mine&next=//evil.example",
            "?https://evil.example",
            "/https://evil.example",
            "//evil.example",
            "@evil.example",
            "%2f..%2f..//evil.example",
        ],
    )
    def test_the_request_has_no_say_in_the_target(self, links: Process, world: World, query: str):
        reply = links.click(
            world.share() + query, host="evil.example", x_forwarded_host="evil.example"
        )
        if reply.status == 302:
            assert urlsplit(reply.location).netloc == world.host
            assert "evil" not in reply.location
        else:
            assert reply.status == 404
            assert "evil" not in reply.text

    @pytest.mark.parametrize(
        "page_url",
        [
            "https://evil.example/",
            "javascript:alert(1)",
            "//evil.example/",
            "https://{host}@evil.example/",
            "https://{host}.evil.example/",
            "https://{host}:8443/",
        ],
    )
    def test_a_page_outside_the_brand_is_never_a_target(
        self, links: Process, world: World, page_url: str
    ):
        world.lead_to(page_url.format(host=world.host))
        reply = links.click(world.share())
        assert reply.status == 410
        assert world.visits() == []
        assert "javascript:" not in reply.text

    def test_a_page_address_cannot_add_headers(self, links: Process, world: World):
        world.lead_to(f"https://{world.host}/a\r\nSet-Cookie: a=b")
        reply = links.click(world.share())
        assert reply.status == 302
        assert "set-cookie" not in reply.headers

    def test_a_page_address_beyond_ascii_arrives(self, links: Process, world: World):
        world.lead_to(f"https://{world.host}/größe?für=Zoë")
        reply = links.click(world.share())
        assert "/gr%C3%B6%C3%9Fe?f%C3%BCr=Zo%C3%AB&ff=" in reply.location


class TestOtherAddresses:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    def test_links_can_only_be_opened(self, links: Process, world: World, method: str):
        reply = links.ask(method, f"/r/{world.share()}", body=b"")
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
        assert world.visits() == []

    def test_health(self, links: Process):
        assert (links.get("/healthz").status, links.get("/healthz").text) == (200, "ok")

    @pytest.mark.parametrize("path", ["/", "/r", "/favicon.ico", "/b", "/b/", "/fanfare.js/x"])
    def test_nothing_else_is_here(self, links: Process, path: str):
        assert links.get(path).status == 404

    def test_the_script_is_cached_and_asked_for_by_etag(self, links: Process):
        first = links.get("/fanfare.js")
        assert first.status == 200
        assert first.headers["content-type"] == "text/javascript; charset=utf-8"
        assert first.headers["cache-control"].startswith("public, max-age=3600")
        assert "fanfare" in first.text
        again = links.get("/fanfare.js", if_none_match=f'"other", W/{first.headers["etag"]}')
        assert (again.status, again.text) == (304, "")
        assert links.get("/fanfare.js", if_none_match='"other"').status == 200
