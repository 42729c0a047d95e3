"""Reading a cascade file: who shared after whom, and when.  Pure: bytes in, checked nodes out.

A cascade file is CSV in UTF-8, plain or gzipped, with one line for each person who shared.
``parent`` is the node of the same cascade that brought this one, and is empty for whoever began;
``seconds`` counts from the beginning of the cascade.  Lines may come in any order.  The whole file
is checked before anything is done with it, and the first mistake is told with its line.
"""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from server.errors import ReplayInvalid

COLUMNS = ("cascade", "node", "parent", "seconds")
NODES_MAX = 500_000
LINE_BYTES_MAX = 1_000
SECONDS_MAX = 10 * 365 * 86_400

_GZIP = b"\x1f\x8b"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")
_SECONDS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Node:
    """One person's share; ``parent`` is an index into the nodes of the file, before this one."""

    cascade: str
    name: str
    parent: int | None
    seconds: int


@dataclass(frozen=True, slots=True)
class Cascades:
    """A checked file: nodes by moment, parents first; ``digest`` names exactly this content."""

    nodes: tuple[Node, ...]
    digest: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the cascades, in the order in which they begin."""
        return tuple(dict.fromkeys(node.cascade for node in self.nodes))


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file with its number, its shape checked."""

    number: int
    cascade: str
    node: str
    parent: str
    seconds: int

    @property
    def key(self) -> tuple[str, str]:
        return self.cascade, self.node

    @property
    def parent_key(self) -> tuple[str, str]:
        return self.cascade, self.parent


def parse(file: BinaryIO) -> Cascades:
    """Read and check a whole cascade file; gzip is recognised by its first bytes.

    Raises:
        ReplayInvalid: the file has a mistake; the sentence begins with its line.

    """
    digest = hashlib.sha256()
    lines: dict[tuple[str, str], _Line] = {}
    for line in _lines(_texts(file, digest)):
        first = lines.setdefault(line.key, line)
        if first is not line:
            raise _mistake(
                line.number,
                f"node {line.node} of cascade {line.cascade} is there already, "
                f"in line {first.number}",
            )
        if len(lines) > NODES_MAX:
            raise _mistake(line.number, f"a file may have at most {NODES_MAX} nodes")
    if not lines:
        raise _mistake(2, "there is no node; write one line for each person who shared")
    for line in lines.values():
        _check_parent(line, lines)
    return Cascades(_in_order(lines, _levels(lines)), digest.hexdigest())


def _mistake(number: int, what: str) -> ReplayInvalid:
    return ReplayInvalid(f"Line {number}: {what}.")


def _texts(file: BinaryIO, digest: "hashlib._Hash") -> Iterator[str]:
    """Yield the lines of the file as text, and feed their bytes to the digest."""
    start = file.read(len(_GZIP))
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if start == _GZIP else file
    number = 1
    while raw := _raw_line(stream, number):
        if len(raw) > LINE_BYTES_MAX:
            raise _mistake(number, f"a line may have at most {LINE_BYTES_MAX} bytes")
        digest.update(raw)
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _mistake(number, "this is not UTF-8; save the file as UTF-8") from error
        number += 1


def _raw_line(stream: BinaryIO | gzip.GzipFile, number: int) -> bytes:
    try:
        return stream.readline(LINE_BYTES_MAX + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise _mistake(
            number, "the compressed file is damaged from here on; copy it once more"
        ) from error


def _lines(texts: Iterator[str]) -> Iterator[_Line]:
    """Yield the checked lines after the header; empty lines are passed over."""
    rows = csv.reader(texts, strict=True)
    places: dict[str, int] | None = None
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise _mistake(rows.line_num, f"this is not CSV ({error})") from error
        if row is None:
            break
        if places is None:
            places = _places(row)
        elif row:
            yield _line(rows.line_num, row, places)
    if places is None:
        raise _mistake(1, f"the file is empty; its first line must be {','.join(COLUMNS)}")


def _places(header: list[str]) -> dict[str, int]:
    """Return where each column stands."""
    names = [name.strip() for name in header]
    should = f"the first line must name the columns {','.join(COLUMNS)}"
    for column in COLUMNS:
        if column not in names:
            raise _mistake(1, f"the column {column} is missing; {should}")
    if len(names) != len(COLUMNS):
        raise _mistake(1, f"there are {len(names)} columns; {should}")
    return {name: place for place, name in enumerate(names)}


def _line(number: int, row: list[str], places: dict[str, int]) -> _Line:
    if len(row) != len(COLUMNS):
        raise _mistake(number, f"there are {len(row)} values and should be {len(COLUMNS)}")
    cascade, node, parent, seconds = (row[places[name]].strip() for name in COLUMNS)
    for name, value in (("cascade", cascade), ("node", node), ("parent", parent)):
        if not _NAME.fullmatch(value) and (value or name != "parent"):
            raise _mistake(
                number,
                f"{value!r} cannot be a {name}; use up to 40 letters, digits, points, dashes and _",
            )
    if not _SECONDS.fullmatch(seconds) or int(seconds) > SECONDS_MAX:
        raise _mistake(
            number, f"{seconds!r} cannot be seconds; give a whole number from 0 to {SECONDS_MAX}"
        )
    return _Line(number, cascade, node, parent, int(seconds))


def _check_parent(line: _Line, lines: dict[tuple[str, str], _Line]) -> None:
    if not line.parent:
        return
    parent = lines.get(line.parent_key)
    if parent is None:
        raise _mistake(
            line.number,
            f"the parent {line.parent} of node {line.node} is nowhere in cascade {line.cascade}",
        )
    if parent.seconds > line.seconds:
        raise _mistake(
            line.number,
            f"node {line.node} shares after {line.seconds} seconds, which is before its parent "
            f"{parent.node} in line {parent.number}, after {parent.seconds}",
        )


def _levels(lines: dict[tuple[str, str], _Line]) -> dict[tuple[str, str], int]:
    """Return how deep below its beginning each node stands."""
    levels: dict[tuple[str, str], int] = {}
    for line in lines.values():
        way: dict[tuple[str, str], None] = {}
        at = line
        while at.key not in levels and at.parent:
            if at.key in way:
                raise _mistake(
                    line.number, f"above node {line.node} the parents lead around in a circle"
                )
            way[at.key] = None
            at = lines[at.parent_key]
        level = levels.setdefault(at.key, 0)
        for above, key in enumerate(reversed(way), start=1):
            levels[key] = level + above
    return levels


def _in_order(
    lines: dict[tuple[str, str], _Line], levels: dict[tuple[str, str], int]
) -> tuple[Node, ...]:
    """Return the nodes by moment, parents first, else as in the file."""
    ordered = sorted(lines.values(), key=lambda line: (line.seconds, levels[line.key], line.number))
    places = {line.key: place for place, line in enumerate(ordered)}
    return tuple(
        Node(
            cascade=line.cascade,
            name=line.node,
            parent=places[line.parent_key] if line.parent else None,
            seconds=line.seconds,
        )
        for line in ordered
    )
