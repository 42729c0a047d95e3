"""From a click to a verified visit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.evidence import (
    NotHuman,
    NotVerified,
    is_verified,
    not_human,
    not_verified,
    visitor_key,
)

CRAWLER = re.compile(r"Googlebot|facebookexternalhit")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
SALT = bytes(16)


class TestVisitorKey:
    def test_is_stable_and_short(self):
        key = visitor_key(SALT, "7", "192.0.2.1", BROWSER)
        assert key == visitor_key(SALT, "7", "192.0.2.1", BROWSER)
        assert key.hex() == "6455afd6cba6afc2"

    @pytest.mark.parametrize(
        "other",
        [
            (bytes(15) + b"1", "7", "192.0.2.1", BROWSER),
            (SALT, "8", "192.0.2.1", BROWSER),
            (SALT, "7", "192.0.2.2", BROWSER),
            (SALT, "7", "192.0.2.1", BROWSER + " "),
        ],
    )
    def test_differs_with_every_part(self, other):
        assert visitor_key(*other) != visitor_key(SALT, "7", "192.0.2.1", BROWSER)

    def test_parts_do_not_run_into_each_other(self):
        assert visitor_key(SALT, "1", "2|3", "") != visitor_key(SALT, "1|2", "3", "")

    @given(user_agent=st.text())
    def test_takes_any_user_agent(self, user_agent):
        assert len(visitor_key(SALT, "7", "2001:db8::1", user_agent + "\udcff")) == 8


class TestNotHuman:
    @pytest.mark.parametrize(
        ("method", "headers", "reason"),
        [
            ("GET", {}, None),
            ("HEAD", {}, NotHuman.HEAD),
            ("head", {}, NotHuman.HEAD),
            ("GET", {"sec-purpose": "prefetch"}, NotHuman.SPECULATIVE),
            ("GET", {"sec-purpose": "Prefetch;Prerender"}, NotHuman.SPECULATIVE),
            ("GET", {"purpose": "prefetch"}, NotHuman.SPECULATIVE),
            ("GET", {"x-purpose": "preview"}, NotHuman.SPECULATIVE),
            ("GET", {"x-moz": "prefetch"}, NotHuman.SPECULATIVE),
            ("GET", {"user-agent": ""}, NotHuman.NO_USER_AGENT),
            ("GET", {"user-agent": "  "}, NotHuman.NO_USER_AGENT),
            ("GET", {"user-agent": "Mozilla/5.0 Googlebot/2.1"}, NotHuman.CRAWLER),
            ("GET", {"user-agent": "facebookexternalhit/1.1"}, NotHuman.CRAWLER),
        ],
    )
    def test_says_why(self, method, headers, reason):
        assert not_human(method, {"user-agent": BROWSER} | headers, CRAWLER) == reason

    def test_a_missing_user_agent_is_an_empty_one(self):
        assert not_human("GET", {}, CRAWLER) == NotHuman.NO_USER_AGENT


@pytest.mark.parametrize(
    ("since_load_ms", "visible_ms", "interacted", "second_page", "reason"),
    [
        (10_000, 10_000, False, False, None),
        (10_000, 9_999, False, False, NotVerified.NOT_ENGAGED),
        (1_000, 0, True, False, None),
        (1_000, 0, False, True, None),
        (999, 999, True, True, NotVerified.TOO_SOON),
        (999, 10_000, False, False, NotVerified.TOO_SOON),
    ],
)
def test_a_visit_is_verified_by_staying_or_acting(
    since_load_ms, visible_ms, interacted, second_page, reason
):
    beacon = {
        "since_load_ms": since_load_ms,
        "visible_ms": visible_ms,
        "interacted": interacted,
        "second_page": second_page,
    }
    assert not_verified(**beacon) == reason
    assert is_verified(**beacon) == (reason is None)
