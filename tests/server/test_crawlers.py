"""Crawlers and makers of previews are known, and no ordinary browser is taken for one."""

from collections.abc import Callable

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given
from hypothesis import strategies as st

from rewards.evidence import NotHuman
from server.services import crawlers, people
from tests.server.user_agents import BROWSERS, PREVIEWS


def verdict(agent: str) -> NotHuman | None:
    return people.not_human("GET", {"user-agent": agent})


def test_what_the_package_knows_is_found(record_property: Callable[[str, object], None]):
    """Each entry of the package brings agents that were seen; they are the measure."""
    seen = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry["instances"]]
    found = sum(verdict(agent) is NotHuman.CRAWLER for agent in seen)
    record_property("told", f"Crawlers: {found} of {len(seen)} agents of the package are found.")
    assert len(seen) > 2_000
    assert found >= 0.99 * len(seen)


@pytest.mark.parametrize("name", PREVIEWS)
def test_makers_of_previews_are_found(name: str):
    assert verdict(PREVIEWS[name]) is NotHuman.CRAWLER


@pytest.mark.parametrize("name", BROWSERS)
def test_an_ordinary_browser_is_a_person(name: str):
    assert crawlers.named_in(BROWSERS[name]) is None
    assert verdict(BROWSERS[name]) is None


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Ezooms/1.0; help@moz.com)",
        "Mozilla/5.0 (Windows NT 6.1; rv:6.0) Gecko/20110814 Firefox/6.0 Google favicon",
        "UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/",
        "Mozilla/5.0 (compatible; not on Windows server; + http://tab.search.daum.net/x.html)",
        "Mozilla/5.0 (compatible; BeetleBot; )",
        "Liferea/1.8.3 (Linux; en_GB.UTF-8; http://liferea.sf.net/)",
        "LiveJournal.com (webmaster@livejournal.com; for http://www.livejournal.com/; 8 readers)",
        "Dalvik/1.6.0 (Linux; U; Android 4.1.2; GT-S5282 Build/JZO54K)",
        "Newsify/120 CFNetwork/672.0.8 Darwin/14.0.0",
        "Digg Feed Fetcher 1.0 (Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_1) AppleWebKit/534.48)",
        "Mozilla/5.0 (X11; U; Linux x86_64; rv:1.9.0.19; aggregator:Spinn3r (Spinn3r 3.1)) Gecko",
        "Mozilla/5.0 (compatible; Google Desktop/5.9.1005.12335; http://desktop.google.com/)",
        "fetch libfetch/2.0",
        "portscout/0.8.1",
        "eZ Publish Link Validator",
    ],
)
def test_what_the_package_does_not_know_is_found_too(agent: str):
    assert verdict(agent) is NotHuman.CRAWLER


def test_what_we_change_of_the_package_is_still_in_it():
    listed = {entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA}
    changed = {*crawlers.PEOPLE_TOO, *crawlers.NARROWED}
    assert changed <= listed
    assert listed.isdisjoint(crawlers.NOT_LISTED), "what the package has is not ours to add"


@given(agent=st.text(max_size=600))
def test_the_name_that_is_found_is_a_part_of_the_agent(agent: str):
    name = crawlers.named_in(agent)
    assert name is None or name in agent
