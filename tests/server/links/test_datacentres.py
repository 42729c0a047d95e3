"""Clicks from datacentres of the operator's file, on the real process."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.links import datacentres
from tests.server.links.conftest import StartProcess
from tests.server.links.process import Process
from tests.server.links.world import World
from tests.server.user_agents import PREVIEWS

PATIENCE_SECONDS = 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "datacentres.txt"
    path.write_text("192.0.2.0/25  # a cloud\n2001:db8::/32\n", encoding="utf-8")
    return path


@pytest.fixture
def process(start_links: StartProcess, file: Path) -> Process:
    return start_links(settings={"DATACENTRE_NETWORKS": str(file)})


def until(process: Process, is_so: Callable[[], bool]) -> None:
    """Ask again until it is so; the process looks at its file every few seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, process.log.read_text()
        time.sleep(datacentres.LOOK_EVERY_SECONDS / 10)


@pytest.mark.parametrize("address", ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8:7::1"])
def test_a_click_from_there_is_led_on_and_counted_apart(
    process: Process, world: World, address: str
):
    reply = process.click(world.share(), address=address)
    assert (reply.status, reply.location) == (302, world.page_url)
    assert (world.visits(), world.counts()) == ([], {"datacentre": 1})


@pytest.mark.parametrize("address", ["192.0.2.128", "2001:db9::1", "unknown"])
def test_a_click_from_elsewhere_is_a_visit(process: Process, world: World, address: str):
    assert process.click(world.share(), address=address).token
    assert len(world.visits()) == 1


def test_what_a_request_says_of_itself_comes_first(process: Process, world: World):
    process.click(world.share(), address="192.0.2.9", user_agent=PREVIEWS["Slack"])
    process.ask("HEAD", f"/r/{world.share()}", address="192.0.2.9")
    assert world.counts() == {"crawler": 1}


def test_without_a_file_nobody_is_in_a_datacentre(links: Process, world: World):
    assert links.click(world.share(), address="192.0.2.9").token


class TestAChangedFile:
    def test_is_read_without_a_restart(self, process: Process, world: World, file: Path):
        code = world.share()
        assert process.click(code, address="198.51.100.1").token
        file.write_text("198.51.100.0/24\n", encoding="utf-8")
        until(process, lambda: process.click(code, address="198.51.100.1").token is None)
        assert process.click(code, address="192.0.2.9").token, "what left the file is free"

    def test_with_a_mistake_changes_nothing_and_names_the_line(
        self, process: Process, world: World, file: Path
    ):
        code = world.share()
        file.write_text("198.51.100.0/24\nnonsense\n", encoding="utf-8")
        until(
            process,
            lambda: (
                process.click(code, address="192.0.2.9").token is None
                and "datacentres_invalid" in process.log.read_text()
            ),
        )
        [line] = [row for row in process.log.read_text().splitlines() if "_invalid" in row]
        assert '"line": 2' in line
        assert "nonsense" not in line
        assert process.click(code, address="198.51.100.1").token

    def test_that_is_gone_changes_nothing(self, process: Process, world: World, file: Path):
        code = world.share()
        file.unlink()
        until(
            process,
            lambda: (
                process.click(code, address="192.0.2.9").token is None
                and "datacentres_unreadable" in process.log.read_text()
            ),
        )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("192.0.2.0/24\n\nnonsense\n", "line 3:"), (None, "No such file")],
    ids=["a bad line", "no file"],
)
def test_a_process_does_not_start_with_a_file_that_it_cannot_believe(
    start_links: StartProcess, file: Path, content: str | None, sentence: str
):
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(AssertionError, match=sentence):
        start_links(settings={"DATACENTRE_NETWORKS": str(file)})
