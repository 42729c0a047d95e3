"""The packages of both stores: built twice the same, small, whole, past Firefox's linter."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from extension.store import pack
from tests import machine

ROOT = Path(__file__).parents[2]
SOURCE = json.loads((pack.EXTENSION / "manifest.json").read_text())
SCRIPT = Path(pack.__file__)
PERMISSIONS = ["activeTab", "alarms", "identity", "storage"]
LARGEST_BYTES = 120_000


def build(folder: Path, *options: str, script: Path = SCRIPT, **environment: str) -> str:
    """Build as ``make extension`` does, and return what is said."""
    command = [sys.executable, script, "--folder", folder, *options]
    ran = subprocess.run(  # noqa: S603 - our own program
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return ran.stdout


def lint(package: Path) -> dict[str, Any]:
    """Return what Firefox's store says about a package."""
    ran = subprocess.run(  # noqa: S603 - our own choice
        [machine.node(), machine.store_linter(), "--output", "json", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(ran.stdout)


@pytest.fixture
def packages(tmp_path: Path) -> dict[str, Path]:
    """Return the built package of each browser."""
    build(tmp_path)
    return {name: next(tmp_path.glob(f"*-{name}.zip")) for name in pack.BROWSERS}


@pytest.fixture(params=pack.BROWSERS)
def archive(request: pytest.FixtureRequest, packages: dict[str, Path]) -> zipfile.ZipFile:
    return zipfile.ZipFile(packages[request.param])


def test_are_the_same_bytes_each_time_and_everywhere(tmp_path: Path):
    """Neither hour, place, owner's rights nor the order of hashes is in them."""
    first = build(tmp_path / "first", TZ="UTC", PYTHONHASHSEED="1")
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(pack.EXTENSION, elsewhere, copy_function=shutil.copyfile)
    for path in elsewhere.rglob("*.*"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    script = elsewhere / "store/pack.py"
    second = build(tmp_path / "second", script=script, TZ="Asia/Tokyo", PYTHONHASHSEED="2")

    made = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert made == [f"fanfare-{SOURCE['version']}-{name}.zip" for name in pack.BROWSERS]
    for name in made:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert re.findall("SHA-256 (.+)", first) == re.findall("SHA-256 (.+)", second)


def test_are_small_and_say_how_small(tmp_path: Path):
    said = build(tmp_path).splitlines()
    print(*said, sep="\n")  # noqa: T201 - sizes are worth a look
    for line, path in zip(said, sorted(tmp_path.iterdir()), strict=True):
        made = path.read_bytes()
        assert len(made) < LARGEST_BYTES
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(path).infolist())
        assert f"{len(made):,} bytes packed, {unpacked:,} unpacked" in line
        assert line.endswith(hashlib.sha256(made).hexdigest())


def test_hold_every_file_of_the_extension_and_nothing_else(archive: zipfile.ZipFile):
    assert archive.testzip() is None
    names = archive.namelist()
    assert names == sorted(names)
    wanted = subprocess.run(
        ["git", "ls-files", "--others", "--cached", "--exclude-standard", "."],  # noqa: S607
        cwd=pack.EXTENSION,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert set(names) == {n for n in wanted if not n.startswith(("store/", "jsconfig.json"))}
    for name in set(names) - {"manifest.json"}:
        assert archive.read(name) == (pack.EXTENSION / name).read_bytes()


def test_can_be_read_by_everybody_and_run_by_nobody(archive: zipfile.ZipFile):
    for entry in archive.infolist():
        assert entry.external_attr >> 16 == 0o100644
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_ask_for_the_same_in_both_browsers(packages: dict[str, Path]):
    made = {
        name: json.loads(zipfile.ZipFile(path).read("manifest.json"))
        for name, path in packages.items()
    }
    own = {"background", "browser_specific_settings", "minimum_chrome_version"}
    shared = [{k: v for k, v in manifest.items() if k not in own} for manifest in made.values()]
    assert shared[0] == shared[1]
    assert shared[0] == {k: v for k, v in SOURCE.items() if k not in {*own, "key"}}
    assert shared[0]["permissions"] == PERMISSIONS

    worker, module = "background.js", {"type": "module"}
    assert made["chromium"]["background"] == {"service_worker": worker, **module}
    assert made["firefox"]["background"] == {"scripts": [worker], **module}
    assert "browser_specific_settings" not in made["chromium"]
    assert "minimum_chrome_version" not in made["firefox"]
    gecko = made["firefox"]["browser_specific_settings"]["gecko"]
    assert gecko["id"] == "fanfare@fanfare.example"
    assert int(gecko["strict_min_version"].split(".")[0]) >= 142  # the first that asks for consent
    assert gecko["data_collection_permissions"]["required"]


def test_have_the_version_of_the_product():
    with (ROOT / "pyproject.toml").open("rb") as project:
        assert SOURCE["version"] == tomllib.load(project)["project"]["version"]


def test_can_talk_to_another_server_first(tmp_path: Path):
    build(tmp_path, "--server", "https://rewards.example")
    for path in tmp_path.iterdir():
        server = zipfile.ZipFile(path).read("lib/server.js").decode()
        ours = (pack.EXTENSION / "lib/server.js").read_text()
        address = "http://127.0.0.1:8000"
        assert ours.count(address) == 1
        assert server == ours.replace(address, "https://rewards.example")


@pytest.mark.parametrize("typed", ["http://a.example", "https://a.example/x", "';alert(1)//"])
def test_refuse_what_is_no_safe_origin(tmp_path: Path, typed: str):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(tmp_path, "--server", typed)
    assert "give an origin such as https://" in refused.value.stderr
    assert list(tmp_path.iterdir()) == []


class TestTheLinterOfFirefoxsStore:
    def test_has_nothing_to_say(self, packages: dict[str, Path]):
        said = lint(packages["firefox"])
        assert said["metadata"]["id"] == "fanfare@fanfare.example"
        assert said["summary"] == {"errors": 0, "notices": 0, "warnings": 0}, said

    def test_would_say_it(self, tmp_path: Path):
        """So silence means something."""
        worse = pack.files("firefox")
        worse["background.js"] += b"document.body.innerHTML = location.hash;\n"
        path = tmp_path / "worse.zip"
        path.write_bytes(pack.package(worse))
        codes = {warning["code"] for warning in lint(path)["warnings"]}
        assert "UNSAFE_VAR_ASSIGNMENT" in codes

    def test_would_refuse_what_chromium_gets(self, packages: dict[str, Path]):
        """Which is why there are two packages."""
        assert lint(packages["chromium"])["summary"]["errors"] > 0


def test_packing_needs_nothing_but_python():
    loaded = re.findall(r"^(?:import|from) (\w+)", SCRIPT.read_text(), re.MULTILINE)
    assert set(loaded) <= sys.stdlib_module_names


def test_a_package_depends_on_its_files_alone():
    files = {"a": b"1", "b": b"2" * 1000}
    assert pack.package(files) == pack.package(dict(files))
    assert pack.package(files) != pack.package({**files, "a": b"3"})
    assert zipfile.ZipFile(io.BytesIO(pack.package(files))).namelist() == ["a", "b"]
