"""What tests need of the machine: PostgreSQL's programs, Redis, browsers, the extension's tools.

What is missing is said loudly at the end of the run, and with ``--nothing-missing`` it fails the
tests that need it.
"""

import os
import shutil
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

POSTGRES_PROGRAMS = ("initdb", "pg_ctl", "postgres")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_VARIABLE = "FANFARE_CHROMIUM"
CHROMIUM_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
)
FIREFOXES = ("firefox-esr", "firefox")
FIREFOX_VARIABLE = "FANFARE_FIREFOX"
TOOLS = Path(__file__).parent / "extension" / "node_modules" / ".bin"

_must_not_be_missing = False


def begin(config: pytest.Config) -> None:
    """Take over whether anything may be missing."""
    global _must_not_be_missing  # noqa: PLW0603 - once for a run
    _must_not_be_missing = bool(config.getoption("--nothing-missing"))


def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs: from the PATH, or where Debian keeps them."""
    on_path = [shutil.which(name) for name in POSTGRES_PROGRAMS]
    if all(on_path):
        return Path(str(on_path[0])).parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in kept:
        if all((folder / name).exists() for name in POSTGRES_PROGRAMS):
            return folder
    _lack("PostgreSQL is missing: put initdb, pg_ctl and postgres on the PATH.")
    raise AssertionError


def chromium() -> str:
    """Return the program that is the browser of the tests."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    found = named if named and Path(named).exists() else None
    found = found or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        _lack(f"Chromium is missing: install it, or name it in {CHROMIUM_VARIABLE}.")
    return str(found)


def firefox() -> str:
    """Return the program that is the other browser of the tests."""
    named = os.environ.get(FIREFOX_VARIABLE)
    found = named if named and Path(named).exists() else None
    found = found or next(filter(None, map(shutil.which, FIREFOXES)), None)
    if found is None:
        _lack(f"Firefox is missing: install it, or name it in {FIREFOX_VARIABLE}.")
    return str(found)


def redis() -> str:
    """Return the program that is the Redis of the tests."""
    found = shutil.which("redis-server")
    if found is None:
        _lack("Redis is missing: put redis-server on the PATH.")
    return str(found)


def curl() -> str:
    """Return the program with which the documents' examples are run."""
    found = shutil.which("curl")
    if found is None:
        _lack("curl is missing: put it on the PATH.")
    return str(found)


def node() -> str:
    """Return the Node.js that comes with Playwright, the same on every machine."""
    return str(compute_driver_executable()[0])


def type_checker() -> str:
    """Return TypeScript's compiler."""
    return _tool("tsc", "TypeScript")


def store_linter() -> str:
    """Return the program for node that Firefox's store checks packages with."""
    return _tool("addons-linter", "addons-linter")


def _tool(program: str, title: str) -> str:
    path = TOOLS / program
    if not path.exists():
        _lack(f"{title} is missing: run `npm ci --prefix tests/extension`.")
    return str(path)


def _lack(sentence: str) -> None:
    if _must_not_be_missing:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(f"MISSING: {sentence}")
