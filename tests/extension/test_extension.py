"""What the extension's files promise, held by a machine; and its pure modules under node."""

import inspect
import json
import re
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter

from server.web import shapes
from server.web.extension import meetings, offers, referrals, shares, wallet
from tests import machine
from tests.browser import fake_server

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "extension"
HERE = Path(__file__).parent

MANIFEST = json.loads((EXTENSION / "manifest.json").read_text())
LISTING = json.loads((EXTENSION / "store/listing.json").read_text())
MESSAGES = {
    key: entry["message"]
    for key, entry in json.loads((EXTENSION / "_locales/en/messages.json").read_text()).items()
}
SCRIPTS = {str(p.relative_to(EXTENSION)): p.read_text() for p in EXTENSION.rglob("*.js")}
PAGES = {str(p.relative_to(EXTENSION)): p.read_text() for p in EXTENSION.rglob("*.html")}
CODE = "\n".join(SCRIPTS.values())

USES = {
    "activeTab": r"chrome\.tabs\.query\(\{ active: true, currentWindow: true \}\)",
    "alarms": r"chrome\.alarms\.create\(",
    "identity": r"chrome\.identity\s*\.launchWebAuthFlow\(",
    "storage": r"chrome\.storage\.(local|session)",
}
"""Each permission, and the call that needs it."""

PERMISSION_OF = {"alarms": "alarms", "identity": "identity", "storage": "storage"}
FREE = {"action", "i18n", "runtime", "tabs"}
"""Parts of the browser that need no permission; ``tabs`` as far as it is used here."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own


class TestModules:
    def test_pass_under_node(self) -> None:
        ran = run(machine.node(), "--test", *sorted(HERE.glob("*.test.js")))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        passed = re.search(r"^\S* ?pass (\d+)$", ran.stdout, re.MULTILINE)
        assert passed, ran.stdout
        assert int(passed[1]) >= 250

    def test_have_the_types_they_say(self) -> None:
        ran = run(machine.type_checker(), "-p", EXTENSION / "jsconfig.json")
        assert ran.returncode == 0, ran.stdout

    def test_tools_are_locked_without_addresses(self) -> None:
        """The only addresses are those where somebody may give to a package's people."""
        lock = json.loads((HERE / "package-lock.json").read_text())
        for package in lock["packages"].values():
            package.pop("funding", None)
        assert "://" not in json.dumps(lock)
        assert "resolved" not in json.dumps(lock)


class TestPermissions:
    def test_are_exactly_those_with_a_use_and_a_reason(self) -> None:
        asked = set(MANIFEST["permissions"])
        assert asked == set(USES) == set(LISTING["permissions"])

    @pytest.mark.parametrize("name", USES)
    def test_are_used(self, name: str) -> None:
        assert re.search(USES[name], CODE)

    def test_cover_every_part_of_the_browser_that_is_used(self) -> None:
        parts = set(re.findall(r"\bchrome\.(\w+)\.", CODE))
        assert parts - FREE == set(PERMISSION_OF)

    def test_are_never_widened(self) -> None:
        widening = {
            "host_permissions",
            "optional_host_permissions",
            "optional_permissions",
            "content_scripts",
            "web_accessible_resources",
            "externally_connectable",
        }
        assert not widening & set(MANIFEST)
        assert "chrome.permissions" not in CODE
        assert "chrome.scripting" not in CODE

    def test_stop_at_private_windows(self) -> None:
        assert MANIFEST["incognito"] == "not_allowed"

    def test_data_that_firefox_announces_has_its_reason(self) -> None:
        told = MANIFEST["browser_specific_settings"]["gecko"]["data_collection_permissions"]
        assert set(told) == {"required"}
        assert set(told["required"]) == set(LISTING["data_collection"])


class TestCode:
    FORBIDDEN = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment",
        r"\beval\(|new Function\(|setTimeout\(\s*['\"]|importScripts",
        r"\bimport\(",
        r"from '(?!\./|\.\./)",
        r"document\.cookie|localStorage|sessionStorage|sendBeacon|XMLHttpRequest|WebSocket",
    )

    @pytest.mark.parametrize("name", SCRIPTS)
    def test_reads_no_html_and_loads_nothing_from_elsewhere(self, name: str) -> None:
        for pattern in self.FORBIDDEN:
            assert not re.search(pattern, SCRIPTS[name]), pattern

    def test_names_no_address_but_its_servers(self) -> None:
        """Nor do styles and pictures: nothing is loaded, and nothing said, elsewhere."""
        named = set()
        for path in EXTENSION.rglob("*.*"):
            if path.suffix in {".js", ".html", ".css", ".svg"}:
                named |= set(re.findall(r"(?:https?:)?//[\w.]+[^\s'\"`)]*", path.read_text()))
        assert {name for name in named if ":" in name} == {
            "http://127.0.0.1:8000",
            "http://www.w3.org/2000/svg",  # the name of a language, not a place
        }
        styles = "".join(path.read_text() for path in EXTENSION.rglob("*.css"))
        assert not re.search(r"@import|\burl\(", styles)

    def test_fetches_in_one_place(self) -> None:
        assert [name for name, text in SCRIPTS.items() if "fetch(" in text] == ["lib/api.js"]

    def test_sends_no_address_of_a_page(self) -> None:
        """Only the popup sees the tab's address, to look for kept offers and choose the view."""
        assert [name for name, text in SCRIPTS.items() if "tab?.url" in text] == ["popup/page.js"]
        assert CODE.count("tab?.url") == 1
        uses = re.findall(r"^.*\baddress\b(?! of).*$", SCRIPTS["popup/page.js"], re.MULTILINE)
        assert [use.strip() for use in uses if not use.startswith(" *")] == [
            "const address = tab?.url;",
            "offers: { document: await keptFor(kept.offers, address), trouble: null },",
            "address,",
        ]
        assert not re.search(r"\btab\.url|tabs\.(get|onUpdated|onActivated)|webNavigation", CODE)

    def test_worker_sets_its_listeners_at_the_top_and_keeps_nothing(self) -> None:
        worker = SCRIPTS["background.js"]
        assert len(re.findall(r"^chrome\.\w+\.on\w+\.addListener\(", worker, re.MULTILINE)) == 3
        assert len(re.findall(r"^answerWith\(", worker, re.MULTILINE)) == 1
        assert not re.search(r"^(let|var) ", worker, re.MULTILINE)
        for name, text in SCRIPTS.items():
            if name.startswith("lib/"):
                assert not re.search(r"^(let|var) ", text, re.MULTILINE), name

    @pytest.mark.parametrize("name", PAGES)
    def test_pages_bring_only_their_own_files(self, name: str) -> None:
        found = _Found()
        found.feed(PAGES[name])
        for tag, attributes in found.tags:
            assert not any(key.startswith("on") or key == "style" for key in attributes), tag
            address = attributes.get("src") or attributes.get("href")
            if address:
                assert (EXTENSION / name).parent.joinpath(address).resolve().is_file(), address
        assert "<style" not in PAGES[name]
        assert not re.search(r"<script[^>]*>[^<]", PAGES[name])

    def test_policy_lets_in_no_code_from_elsewhere(self) -> None:
        policy = dict(
            part.strip().split(" ", 1)
            for part in MANIFEST["content_security_policy"]["extension_pages"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"] == "https: http://127.0.0.1:* http://localhost:*"

    def test_files_stay_readable(self) -> None:
        assert {name for name, text in SCRIPTS.items() if text.count("\n") > 300} == set()

    def test_manifest_names_files_that_exist(self) -> None:
        icons = [*MANIFEST["icons"].items(), *MANIFEST["action"]["default_icon"].items()]
        for size, path in icons:
            header = (EXTENSION / path).read_bytes()[:24]
            assert header.startswith(b"\x89PNG")
            assert int.from_bytes(header[16:20]) == int.from_bytes(header[20:24]) == int(size)
        assert (EXTENSION / MANIFEST["action"]["default_popup"]).is_file()
        assert (EXTENSION / MANIFEST["options_ui"]["page"]).is_file()
        assert [MANIFEST["background"]["service_worker"]] == MANIFEST["background"]["scripts"]


class TestWords:
    def test_that_are_used_exist_and_all_that_exist_are_used(self) -> None:
        used = set(re.findall(r"__MSG_(\w+)__", json.dumps(MANIFEST)))
        for page in PAGES.values():
            used |= set(re.findall(r'data-say(?:-label)?="(\w+)"', page))
        for name, text in SCRIPTS.items():
            for call in _calls(text, "say"):
                used |= set(re.findall(r"'(\w+)'", re.sub(r"=== '\w+'", "", call)))
            if name.startswith("popup/") or name == "lib/words.js":
                used |= set(re.findall(r"^  \['[\w-]+', '(\w+)'\],$", text, re.MULTILINE))
        assert used - set(MESSAGES) == set()
        assert set(MESSAGES) - used == set()

    def test_stand_nowhere_but_in_the_locale(self) -> None:
        for name, page in PAGES.items():
            found = _Found()
            found.feed(page)
            assert set(found.texts) == {"Fanfare"}, name

    def test_of_the_disclosure_are_the_same_everywhere(self) -> None:
        assert LISTING["disclosure"] == MESSAGES["disclosure"]
        assert LISTING["single_purpose"] == MESSAGES["description"]
        assert 'data-say="disclosure"' in PAGES["welcome/welcome.html"]
        assert "say('disclosure')" in SCRIPTS["popup/share.js"]
        assert "say('disclosure')" in SCRIPTS["popup/page.js"]

    def test_of_what_is_recorded_are_the_same_before_and_at_sharing(self) -> None:
        popup = SCRIPTS["popup/share.js"] + SCRIPTS["popup/claim.js"] + SCRIPTS["popup/consent.js"]
        for key in ("recordedShare", "recordedClaim", "recordedNever"):
            assert f'data-say="{key}"' in PAGES["welcome/welcome.html"]
            assert f"say('{key}')" in popup

    def test_name_each_value_that_is_sent(self) -> None:
        """What is recorded is said member by member; a new member needs a new sentence."""
        told = {
            "event_id": None,  # an id of the message itself
            "offer_id": "the offer",
            "channel": "the channel",
            "shown_as": "the name for friends",
            "consent_hash": "your consent",
            "language": "your consent",
            "created_at": "the time",
        }
        assert set(shares.ShareIn.model_fields) == set(told)
        assert all(words in MESSAGES["recordedShare"] for words in told.values() if words)


class TestShapes:
    SHAPES = tuple(
        shape
        for module in (offers, shares, referrals, meetings, wallet)
        for name, shape in inspect.getmembers(module, inspect.isclass)
        if name.endswith("Out") and shape.__module__ == module.__name__
    )

    @pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
    def test_of_answers_are_the_servers(self, shape: type[BaseModel]) -> None:
        server = {name: _js(field.annotation) for name, field in shape.model_fields.items()}
        assert _typedefs()[shape.__name__] == server

    def test_of_answers_have_no_others(self) -> None:
        ours = {name for name in _typedefs() if name.endswith("Out")}
        assert ours == {shape.__name__ for shape in self.SHAPES}

    def test_of_questions_are_the_servers(self) -> None:
        asks = _typedefs()
        share = set(asks["ShareAsk"]) | {"event_id", "created_at"}
        assert share == set(shares.ShareIn.model_fields)
        assert set(asks["ClaimAsk"]) | {"event_id"} == set(referrals.ClaimIn.model_fields)

    def test_of_the_fake_server_are_the_servers(self) -> None:
        state = fake_server.State(address="http://127.0.0.1:8000")
        made = fake_server.share_of(
            {"offer_id": "b", "channel": "qr", "created_at": "2026-11-22T10:00:00Z"}
        )
        for shape, answer in (
            (offers.OffersOut, state.offers),
            (wallet.WalletOut, state.wallet),
            (shares.ShareOut, made),
            (referrals.ClaimOut, fake_server.CLAIM),
            (meetings.DeviceKeyOut, fake_server.DEVICE_KEY),
            (meetings.SpokenOut, fake_server.SPOKEN),
            (meetings.MeetingOut, fake_server.meeting("m1", datetime.now(UTC))),
        ):
            TypeAdapter(shape).validate_json(json.dumps(answer))

    def test_of_ids_made_on_the_device_are_taken(self) -> None:
        made = "ad533e01-cc8c-48e5-8fd0-0ffcdbf8a43d"  # as crypto.randomUUID() writes it
        assert TypeAdapter(shapes.EventId).validate_python(made) == made


class TestLook:
    def test_colours_are_the_sites(self) -> None:
        ours = _colours(EXTENSION / "look/tokens.css")
        site = _colours(ROOT / "static/css/tokens.css")
        for theme in ("light", "dark"):
            differing = {
                name for name, value in ours[theme].items() if site[theme].get(name) != value
            }
            assert differing == set(), theme

    def test_colours_are_all_used(self) -> None:
        styles = "".join(path.read_text() for path in EXTENSION.rglob("*.css"))
        for name in _colours(EXTENSION / "look/tokens.css")["light"]:
            assert f"var({name})" in styles, name


class _Found(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def _calls(text: str, name: str) -> list[str]:
    """Return the first argument of each call, which is a key or chooses between keys."""
    return re.findall(rf"\b{name}\(\s*((?:[^(),]|\([^()]*\))*)", text)


def _typedefs() -> dict[str, dict[str, str]]:
    """Return the members and types of every shape in ``lib/types.js``."""
    found: dict[str, dict[str, str]] = {}
    name = ""
    for line in SCRIPTS["lib/types.js"].splitlines():
        if typedef := re.search(r"@typedef \{object\} (\w+)", line):
            name = typedef[1]
            found[name] = {}
        if member := re.search(r"@property \{(.+?)\} (\w+)", line):
            found[name][member[2]] = member[1]
    return found


def _js(annotation: Any) -> str:
    """Return the JavaScript type of a Python annotation."""
    if get_origin(annotation) is list:
        return f"{_js(get_args(annotation)[0])}[]"
    if isinstance(annotation, UnionType):
        return " | ".join(map(_js, get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    names = {"str": "string", "datetime": "string", "int": "number", "bool": "boolean"}
    return {**names, "NoneType": "null"}[annotation.__name__]


def _colours(path: Path) -> dict[str, dict[str, str]]:
    light, _, dark = path.read_text().partition("@media (prefers-color-scheme: dark)")
    return {
        theme: dict(re.findall(r"(--[\w-]+):\s*([^;]+);", text))
        for theme, text in (("light", light), ("dark", dark))
    }
