"""What docs/PRIVACY.md promises by hand: which cookies there are, and what brands are told."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from server import clock
from server.links.mutes import COOKIE_SECONDS
from server.services import events
from server.settings import Settings
from server.web.languages import CHOICE_SECONDS
from server.web.partner import codes, conversions, offers, redemptions, reservations
from tests.house.code import MODULES, ROOT

PAGE = (ROOT / "docs" / "PRIVACY.md").read_text()
DAY = 24 * 3600
LIVES = {
    "fanfare_session": ("14 days", 14 * DAY),
    "fanfare_language": ("1 year", CHOICE_SECONDS),
    "fanfare_muted": ("1 year", COOKIE_SECONDS),
}
NAMES_SOMEBODY = re.compile(
    "member|participant|visitor|sharer|friend|subject|issuer|shown_as|buyer|person|address"
)


def described(name: str) -> str:
    """Return the line of the page about a cookie."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    return line


class TestCookies:
    def test_every_one_is_described_and_nothing_else(self):
        sets_cookies = [path for path in MODULES if sets_a_cookie(path)]
        named = {
            found[1]
            for path in sets_cookies
            for found in re.finditer(r'"(?:__Host-)?(fanfare_[a-z]+)"', path.read_text())
        }
        assert named == set(LIVES)
        for name, (life, seconds) in LIVES.items():
            assert life in described(name)
            assert seconds in {14 * DAY, 365 * DAY}

    def test_live_as_long_as_the_page_says(self, client: FlaskClient, sign_in, settings: Settings):
        sign_in(client, "ada")
        clock.travel(settings.clock_file, timedelta(hours=2))
        answers = [client.get("/wallet"), client.get("/language/de")]

        told = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
        assert len(told) == len(answers), "each answer sets its own"
        for cookie in told:
            name = cookie.partition("=")[0].removeprefix("__Host-")
            assert f"Max-Age={LIVES[name][1]};" in cookie
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie

    def test_are_not_set_for_somebody_who_only_looks(self, client: FlaskClient):
        for path in ("/", "/problems", "/healthz"):
            assert client.get(path).headers.getlist("Set-Cookie") == []


def sets_a_cookie(path: Path) -> bool:
    text = path.read_text().lower()
    return "demo" not in path.parts and ("set_cookie" in text or "set-cookie" in text)


class TestBrandsAndPartners:
    def test_events_name_nobody(self):
        for event in events.ALL.values():
            names = {one.name for one in fields(event)}
            assert not [name for name in names if NAMES_SOMEBODY.search(name)], event

    @pytest.mark.parametrize(
        "module", [codes, conversions, offers, redemptions, reservations], ids=lambda m: m.__name__
    )
    def test_answers_name_nobody(self, module: object):
        shapes = [
            shape
            for name, shape in vars(module).items()
            if name.endswith("Out") and issubclass(shape, BaseModel)
        ]
        assert shapes
        for shape in shapes:
            assert not [name for name in shape.model_fields if NAMES_SOMEBODY.search(name)], shape
