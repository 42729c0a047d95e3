"""What the stores are told is what the extension says and does."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from extension.store import pack, texts
from server.demo import run as demo
from server.demo.provider import PEOPLE
from server.services import channels
from server.settings import Settings

STORE = texts.STORE
LISTING = json.loads((STORE / "listing.json").read_text())
MANIFEST = json.loads((pack.EXTENSION / "manifest.json").read_text())
GECKO = MANIFEST["browser_specific_settings"]["gecko"]
LANGUAGES = texts.languages()
SUMMARY_LONGEST, DESCRIPTION_LONGEST, NAME_LONGEST = 132, 16_000, 50
"""The tightest limit of the two stores."""


def messages(language: str) -> dict[str, str]:
    path = texts.LOCALES / language / "messages.json"
    return {key: entry["message"] for key, entry in json.loads(path.read_text()).items()}


def page(name: str) -> str:
    """Return a page of the folder with its lines run together."""
    return re.sub(r"\s+", " ", (STORE / f"{name}.md").read_text())


def scripts(folder: str) -> str:
    return "".join(path.read_text() for path in (pack.EXTENSION / folder).glob("*.js"))


@pytest.mark.parametrize("language", LANGUAGES)
class TestADescription:
    def test_is_put_together_from_what_the_extension_says(self, language: str) -> None:
        assert texts.written(language).read_text() == texts.description(language)

    def test_says_every_sentence_of_the_welcome_page(self, language: str) -> None:
        """So whoever reads only one of them has read the same about rewards and data."""
        welcome = (pack.EXTENSION / "welcome/welcome.html").read_text()
        said = texts.written(language).read_text()
        own = {"signIn", "openOptions", "welcomeDone"}  # buttons, and what comes after
        for key in set(re.findall(r'data-say="(\w+)"', welcome)) - own:
            assert messages(language)[key] in said, key

    def test_discloses_the_reward_before_anything_else(self, language: str) -> None:
        paragraphs = texts.written(language).read_text().split("\n\n")
        assert messages(language)["disclosure"] in paragraphs[1]

    def test_fits_into_the_stores(self, language: str) -> None:
        words = messages(language)
        assert len(words["name"]) <= NAME_LONGEST
        assert len(words["description"]) <= SUMMARY_LONGEST
        assert len(texts.written(language).read_text()) <= DESCRIPTION_LONGEST

    def test_names_every_channel(self, language: str) -> None:
        said = " ".join(LISTING["features"][language])
        own_names = {"copy", "qr", "sheet", "email"}
        titles = [c.title for key, c in channels.CHANNELS.items() if key not in own_names]
        assert len(titles) > 8
        for title in titles:
            assert title in said, title


class TestTheReward:
    def test_is_disclosed_with_the_same_sentence_everywhere(self) -> None:
        said = messages("en")["disclosure"]
        assert LISTING["disclosure"] == said
        assert f"> {said}" in (STORE / "LISTING.md").read_text()
        assert said in (STORE / "description.en.txt").read_text()
        assert 'data-say="disclosure"' in (pack.EXTENSION / "welcome/welcome.html").read_text()
        assert scripts("popup").count("say('disclosure')") >= 2

    def test_is_told_in_the_popup_by_sentences_of_the_welcome_page(self) -> None:
        told = set(re.findall(r"say\('(recorded\w+)'", scripts("popup")))
        assert told
        assert told <= {*texts.RECORDED, *texts.NOT_RECORDED}


class TestTheListing:
    def test_has_one_purpose(self) -> None:
        assert LISTING["single_purpose"] == messages("en")["description"]
        assert f"## Single purpose {LISTING['single_purpose']}" in page("LISTING")

    def test_gives_each_permission_its_reason(self) -> None:
        rows = re.findall(
            r"^\| `(\w+)` \| (.+) \|$", (STORE / "LISTING.md").read_text(), re.MULTILINE
        )
        permissions = {name: why for name, why in rows if name in LISTING["permissions"]}
        assert permissions == LISTING["permissions"]
        assert set(permissions) == set(MANIFEST["permissions"])

    def test_says_that_no_code_comes_from_elsewhere(self) -> None:
        assert LISTING["remote_code"] in page("LISTING")

    def test_pictures_are_taken_by_the_command_it_names(self) -> None:
        assert "make store-pictures" in page("LISTING")
        assert "\nstore-pictures: " in (pack.EXTENSION.parent / "Makefile").read_text()


class TestTheAnswersAboutData:
    ROWS = re.compile(r"^\| `(\w+)`, required \| [\w ]+ \| (.+) \|$", re.MULTILINE)

    def test_are_those_of_the_manifest(self) -> None:
        rows = dict(self.ROWS.findall((STORE / "PRIVACY.md").read_text()))
        assert rows == LISTING["data_collection"]
        assert set(rows) == set(GECKO["data_collection_permissions"]["required"])

    def test_list_every_request_that_the_extension_can_make(self) -> None:
        code = scripts("lib")
        paths = {
            re.sub(r"\$\{[^}]*\}", "…", path).split("?")[0]
            for path in re.findall(r"[`'](?:\$\{[\w (.)]+\})?(/[a-z][^`' ]*)[`']", code)
        } - {"/api/extension/v1"}
        listed = set(re.findall(r"`(/[^`]+)`", (STORE / "PRIVACY.md").read_text()))
        assert len(paths) >= 10
        assert listed == paths - {"/oauth/authorize"}  # that one is opened in a window


class TestTheReviewersGuide:
    GUIDE = (STORE / "REVIEWERS.md").read_text()

    def test_names_the_addresses_of_the_demo(self) -> None:
        assert f"<{demo.SHOP_URL}/boots>" in self.GUIDE
        assert f"<{Settings().site_url}>" in self.GUIDE
        server = (pack.EXTENSION / "lib/server.js").read_text()
        assert f"DEFAULT_SERVER = '{Settings().site_url}'" in server

    def test_names_somebody_to_sign_in_as(self) -> None:
        assert f"*{PEOPLE['ada'][0]}*" in self.GUIDE
        assert f"*{json.loads(demo.environment()['IDENTITY_PROVIDERS'])[0]['title']}*" in self.GUIDE

    def test_names_buttons_as_they_are_named(self) -> None:
        buttons = set(re.findall(r"\*\*([^*]+)\*\*", self.GUIDE)) - {"Firefox", "Chromium"}
        assert len(buttons) >= 6
        assert buttons <= set(messages("en").values())

    def test_knows_the_ids_that_a_sign_in_returns_to(self) -> None:
        key = base64.b64decode(MANIFEST["key"])
        chromium = (
            hashlib.sha256(key)
            .hexdigest()[:32]
            .translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
        )
        firefox = hashlib.sha1(GECKO["id"].encode(), usedforsecurity=False).hexdigest()
        assert f"`{chromium}`" in self.GUIDE
        assert f"`{GECKO['id']}`" in self.GUIDE
        assert Settings().extension_redirect_uris == [
            f"https://{chromium}.chromiumapp.org/",
            f"https://{firefox}.extensions.allizom.org/",
        ]

    def test_gives_the_command_that_builds(self) -> None:
        assert "python3 extension/store/pack.py" in self.GUIDE
        assert Path(pack.__file__).name == "pack.py"
