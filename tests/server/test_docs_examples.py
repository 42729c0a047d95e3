"""The examples of docs/API.md, run as they are written against a live site with its worker."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from server import clock
from server.conformance import document, operations
from server.demo import codes
from server.demo import run as demo
from server.store.connection import Database
from tests import machine
from tests.house.code import ROOT
from tests.server.conformance.conftest import Deployment, working
from tests.server.middleman import Sent

SECTION = re.compile(r"^## Examples$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"^export (\w+)=", re.MULTILINE)
PROGRAMS, PRINTED = ("bash", "python"), ("json", "text")
NEVER_THE_SAME = {
    *("code", "order_ref", "expires_at", "redeemed_at", "rolled_back_at", "request_id"),
    *("redemption_id", "conversion_id", "offer_id", "type", "instance"),
}
"""Members whose values belong to one run; that they are there, and texts, is what counts."""


@dataclass
class Example:
    """A piece of a program, and what the document says that it prints."""

    language: str
    text: str
    printed: str = ""
    printed_as: str = ""
    line: str = field(default="", repr=False)


def written() -> list[Example]:
    """Return the examples in their order; the first of them sets the variables."""
    section = SECTION.search((ROOT / "docs" / "API.md").read_text())
    assert section is not None
    found: list[Example] = []
    for language, text in BLOCK.findall(section[1]):
        if language in PRINTED:
            assert found[-1].printed_as == "", "what is printed stands below its program"
            found[-1].printed, found[-1].printed_as = text, language
        else:
            assert language in PROGRAMS, f"nobody runs {language}"
            found.append(Example(language, text))
    return found


VARIABLES, *EXAMPLES = written()


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Deployment]:
    """Return a demo whose worker sends events."""
    url = database.engine.url.render_as_string(hide_password=False)
    with working(tmp_path, url) as deployment:
        yield deployment


@pytest.fixture
def mine(site: Deployment) -> dict[str, str]:
    """Return the reader's own values for the variables."""
    first, second = codes.give(site.settings, count=2, now=clock.now())
    key = demo.credentials(site.settings)
    values = {
        "SITE": site.settings.site_url,
        "CLIENT_ID": key.client_id,
        "CLIENT_SECRET": key.client_secret,
        "CODE": first,
        "ANOTHER_CODE": second,
    }
    assert VARIABLE.findall(VARIABLES.text) == list(values), "the first block sets these"
    return values


def run(language: str, mine: dict[str, str], folder: Path) -> list[tuple[Example, str]]:
    """Run all examples of a language as one program, and return what each of them printed."""
    examples = [one for one in EXAMPLES if one.language == language]
    mark = {"bash": "printf '\\n%s\\n' '=== {}'", "python": "print('\\n=== {}', flush=True)"}
    pieces = [f"{one.text}\n{mark[language].format(n)}\n" for n, one in enumerate(examples)]
    if language == "bash":
        machine.curl()
        pieces.insert(0, "".join(f"export {k}={v}\n" for k, v in mine.items()))
    program = folder / f"examples.{language}"
    program.write_text("\n".join(pieces))
    told = subprocess.run(  # noqa: S603 - our own document
        ["/bin/bash" if language == "bash" else sys.executable, str(program)],
        env={**os.environ, **mine},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, ""), told.stdout + told.stderr
    printed = re.split(r"^=== \d+\n", told.stdout, flags=re.MULTILINE)
    assert printed.pop().strip() == ""
    return list(zip(examples, printed, strict=True))


def assert_like(documented: object, real: object) -> None:
    """Compare two JSON values, but for what belongs to one run."""
    if isinstance(documented, dict):
        assert isinstance(real, dict)
        assert documented.keys() == real.keys()
        for name, value in documented.items():
            if name in NEVER_THE_SAME and value is not None:
                assert isinstance(real[name], str), name
            else:
                assert_like(value, real[name])
    else:
        assert documented == real


@pytest.mark.parametrize("language", PROGRAMS)
def test_examples_do_what_the_document_says(
    site: Deployment, mine: dict[str, str], language: str, tmp_path: Path
):
    for example, printed in run(language, mine, tmp_path):
        if example.printed_as == "json":
            assert_like(json.loads(example.printed), json.loads(printed))
        else:
            assert printed.strip() == example.printed.strip(), example.text


def test_every_operation_of_a_partner_has_its_example(
    site: Deployment, mine: dict[str, str], tmp_path: Path
):
    asked: set[str] = set()

    def note(sent: Sent) -> None:
        asked.add(f"{sent.method} {sent.path}")

    site.middleman.spoil_request = note
    run("bash", mine, tmp_path)

    named = requests.get(f"{mine['SITE']}{document.ADDRESS}", timeout=30).json()["paths"]
    missing = {
        f"{method.upper()} {path}"
        for path, methods in named.items()
        for method in methods
        if path.startswith(operations.BASE)
        and not any(
            re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", f"{method.upper()} {path}"), one)
            for one in asked
        )
    }
    assert not missing
