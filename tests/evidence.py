"""What races, power cuts and attacks showed, as tables at the end of a run.

A test adds a row by ``record_property``, which reaches the report from every worker of the run too.
"""

from collections.abc import Callable, Iterable, Iterator

import pytest

RACE, KILL, ATTACK = "race", "kill", "attack"
HEADINGS = {
    RACE: ("database", "race", "attempts", "successes", "violations"),
    KILL: ("database", "operation", "kill points", "violations"),
    ATTACK: ("attack", "what it gains at most", "the test"),
}
TITLES = {RACE: "races", KILL: "kill -9 between every two steps", ATTACK: "attacks"}

Record = Callable[[str, object], None]


def tables(reports: Iterable[pytest.TestReport]) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the lines of each table that has rows."""
    properties = [named for report in reports for named in report.user_properties]
    for kind, heading in HEADINGS.items():
        rows = sorted(tuple(row) for name, row in properties if name == kind)
        if kind == ATTACK:  # the same on every database, and nothing to add up
            rows = sorted(set(rows))
        if rows:
            sums = [] if kind == ATTACK else [_sums(rows)]
            yield TITLES[kind], _lines([heading, *rows, *sums])


def _sums(rows: list[tuple[object, ...]]) -> tuple[object, ...]:
    return ("all", "", *(sum(column) for column in list(zip(*rows, strict=True))[2:]))


def _lines(rows: list[tuple[object, ...]]) -> list[str]:
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(_cell(cell, width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _cell(cell: object, width: int) -> str:
    return f"{cell:>{width}}" if isinstance(cell, int) else f"{cell:<{width}}"
