"""Build the packages of both stores from one source, with the same bytes each time.

``extension/`` itself is what Chromium loads while somebody works on it.  A store gets the same
files with a manifest of its own: Chromium starts a service worker and knows no ``gecko``; Firefox
starts background scripts, and knows neither a smallest Chromium nor the key that gives an unpacked
extension its id.  A store's own key decides about the id there, so no package brings one.

Only the standard library: a reviewer who has Python repeats it with one command.
"""

import argparse
import hashlib
import io
import json
import re
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXTENSION = Path(__file__).parents[1]
LEFT_OUT = ("jsconfig.json", "store/")
"""What only those need who work on the extension or submit it."""

WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a package: the first that the format knows."""

MODE = stat.S_IFREG | 0o644
UNIX = 3
MANIFEST, SERVER = "manifest.json", "lib/server.js"
SERVER_LINE = re.compile(r"(?<=^export const DEFAULT_SERVER = ')[^']+(?=';$)", re.MULTILINE)
ORIGIN = re.compile(r"https://[a-z0-9.-]+(:\d+)?")

Manifest = dict[str, Any]


def for_chromium(manifest: Manifest) -> Manifest:
    """Return the manifest that Chromium's store gets."""
    background = {k: v for k, v in manifest["background"].items() if k != "scripts"}
    return _without(manifest, "key", "browser_specific_settings") | {"background": background}


def for_firefox(manifest: Manifest) -> Manifest:
    """Return the manifest that Firefox's store gets."""
    background = {k: v for k, v in manifest["background"].items() if k != "service_worker"}
    return _without(manifest, "key", "minimum_chrome_version") | {"background": background}


BROWSERS: dict[str, Callable[[Manifest], Manifest]] = {
    "chromium": for_chromium,
    "firefox": for_firefox,
}


def files(browser: str, *, server: str = "") -> dict[str, bytes]:
    """Return the files of a browser's package by name, in the order of the package.

    Args:
        browser: one of ``BROWSERS``.
        server: the origin that it talks to until somebody chooses another; empty: the source's.
    """
    found = {path.relative_to(EXTENSION).as_posix(): path for path in EXTENSION.rglob("*")}
    packed = {
        name: path.read_bytes()
        for name, path in sorted(found.items())
        if path.is_file() and not name.startswith(LEFT_OUT)
    }
    manifest = BROWSERS[browser](json.loads(packed[MANIFEST]))
    packed[MANIFEST] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
    if server:
        packed[SERVER] = SERVER_LINE.sub(server, packed[SERVER].decode()).encode()
    return packed


def package(packed: dict[str, bytes]) -> bytes:
    """Return the zip file with these files, which depends on nothing else."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in packed.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.create_system = UNIX
            entry.external_attr = MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return made.getvalue()


def write(folder: Path, *, server: str = "") -> list[str]:
    """Write both packages into a folder and return a line about each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for browser in BROWSERS:
        packed = files(browser, server=server)
        made = package(packed)
        path = folder / f"fanfare-{json.loads(packed[MANIFEST])['version']}-{browser}.zip"
        path.write_bytes(made)
        unpacked = sum(map(len, packed.values()))
        digest = hashlib.sha256(made).hexdigest()
        lines.append(
            f"{path}: {len(made):,} bytes packed, {unpacked:,} unpacked, "
            f"{len(packed)} files, SHA-256 {digest}"
        )
    return lines


def main(arguments: list[str]) -> None:
    """Build both packages as the command line says."""
    parser = argparse.ArgumentParser(description="Build the packages for the stores.")
    parser.add_argument("--folder", type=Path, default=Path("build"))
    parser.add_argument("--server", type=_origin, metavar="ORIGIN")
    asked = parser.parse_args(arguments)
    for line in write(asked.folder, server=asked.server or ""):
        print(line)


def _origin(typed: str) -> str:
    if not ORIGIN.fullmatch(typed):
        raise argparse.ArgumentTypeError("give an origin such as https://fanfare.example")
    return typed


def _without(manifest: Manifest, *names: str) -> Manifest:
    return {name: value for name, value in manifest.items() if name not in names}


if __name__ == "__main__":
    main(sys.argv[1:])
