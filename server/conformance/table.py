"""What became of the checks: a table for people, JUnit's XML for programs."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from server.conformance.contract import Result, Verdict

WIDTH = 116
"""As wide as the table, when there is no terminal to ask."""
FAILED = (Verdict.BROKEN, Verdict.NOT_CHECKED)
_COLOURS = {
    Verdict.KEPT: "green",
    Verdict.BROKEN: "bold red",
    Verdict.NOT_OFFERED: "yellow",
    Verdict.NOT_CHECKED: "bold yellow",
}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def show(results: Sequence[Result], base_url: str) -> None:
    """Print every check, and the sum."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    table = Table(title=f"The partner contract at {base_url}", title_justify="left")
    table.add_column("promise", ratio=3)
    table.add_column("result", no_wrap=True)
    table.add_column("ms", justify="right")
    table.add_column("what went wrong", ratio=2)
    for group, those in groupby(results, key=lambda result: result.check.group):
        table.add_section()
        table.add_row(f"[bold]{group}[/]")
        for result in those:
            colour = _COLOURS[result.verdict]
            table.add_row(
                result.check.sentence,
                f"[{colour}]{result.verdict}[/]",
                f"{result.seconds * 1000:.0f}",
                result.said.replace("[", r"\["),
            )
    console.print(table)
    counted = Counter(result.verdict for result in results)
    told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict if counted[verdict])
    console.print(f"{len(results)} promises: {told}.")


def write_junit(results: Sequence[Result], path: Path, *, base_url: str, now: datetime) -> None:
    """Write JUnit's XML: a suite for each group, broken promises as failures.

    What was not checked is an error, and what is not offered is skipped.
    """
    about = {"name": f"partner contract at {base_url}"}
    root = ET.Element("testsuites", about | _sums(results))
    for group, found in groupby(results, key=lambda result: result.check.group):
        those = list(found)
        suite = ET.SubElement(root, "testsuite", {"name": group} | _sums(those))
        suite.set("timestamp", now.strftime("%Y-%m-%dT%H:%M:%S"))
        for result in those:
            _write(suite, result)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def is_whole(results: Sequence[Result]) -> bool:
    """Tell whether every promise was checked and kept, but for those that are not offered."""
    return bool(results) and not any(result.verdict in FAILED for result in results)


def _write(suite: ET.Element, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"conformance.{result.check.group}",
        name=result.check.sentence,
        time=f"{result.seconds:.3f}",
    )
    kinds = {
        Verdict.BROKEN: "failure",
        Verdict.NOT_CHECKED: "error",
        Verdict.NOT_OFFERED: "skipped",
    }
    if result.verdict in kinds:
        said = _NOT_IN_XML.sub("\ufffd", result.said)
        ET.SubElement(case, kinds[result.verdict], message=said).text = said


def _sums(results: Sequence[Result]) -> dict[str, str]:
    counted = Counter(result.verdict for result in results)
    return {
        "tests": str(len(results)),
        "failures": str(counted[Verdict.BROKEN]),
        "errors": str(counted[Verdict.NOT_CHECKED]),
        "skipped": str(counted[Verdict.NOT_OFFERED]),
        "time": f"{sum(result.seconds for result in results):.3f}",
    }
