"""Reading a brand's own past from CSV, and terms from JSON; mistakes are told with their line.

The columns are ``event``, ``participant``, ``parent``, ``order``, ``amount`` and ``customer``, in
any order; docs/OPERATIONS.md says what each event needs.
"""

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rewards.backtest import Event, Join, Purchase, Refund, Visits
from rewards.codec import terms_from_json
from rewards.errors import MoneyInvalid, TermsInvalid
from rewards.money import Money
from rewards.terms import Terms

COLUMNS = ("event", "participant", "parent", "order", "amount", "customer")
VISITS_MAX = 1_000_000
NAME_MAX = 200
CUSTOMERS = ("", "new", "returning")

_GZIP = b"\x1f\x8b"


class FileInvalid(Exception):
    """A file that cannot be read; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file, by the names of its columns."""

    line: int
    event: str
    participant: str
    parent: str
    order: str
    amount: str
    customer: str

    def mistake(self, what: str) -> FileInvalid:
        """Return the error that names this line."""
        return FileInvalid(f"Line {self.line}: {what}.")

    def needs(self, *columns: str) -> None:
        """Check that these columns are filled in, and that no other is.

        Raises:
            FileInvalid: a column is empty that is needed, or filled in where it means nothing.

        """
        for column in columns:
            if not getattr(self, column):
                raise self.mistake(f"{self.event} needs the column {column}")

    def without(self, *columns: str) -> None:
        """Check that these columns are empty.

        Raises:
            FileInvalid: one is filled in, where it means nothing.

        """
        for column in columns:
            if getattr(self, column):
                raise self.mistake(f"{self.event} has no {column}; leave that column empty")


def read_terms(path: Path) -> Terms:
    """Read terms as ``fanfare terms`` writes them.

    Raises:
        FileInvalid: this is not JSON, or these are no terms.

    """
    try:
        members = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise FileInvalid(f"{path.name}, line {error.lineno}: {error.msg}.") from error
    except UnicodeDecodeError as error:
        raise FileInvalid(f"{path.name} is not UTF-8; save it as UTF-8.") from error
    if not isinstance(members, dict):
        raise FileInvalid(f"{path.name}, line 1: write the terms as a JSON object.")
    try:
        return terms_from_json(members)
    except TermsInvalid as error:
        raise FileInvalid(f"{path.name}: {error}") from error


def read_history(path: Path, currency: str) -> list[Event]:
    """Read a whole history, plain or gzipped, in the order of its lines.

    Raises:
        FileInvalid: the file has a mistake; the text begins with its line.

    """
    with path.open("rb") as raw:
        is_gzip = raw.read(len(_GZIP)) == _GZIP
        raw.seek(0)
        reached, events = 1, []
        try:
            for row in _rows(_texts(gzip.GzipFile(fileobj=raw) if is_gzip else raw)):
                reached = row.line
                events.append(_event(row, currency))
        except (csv.Error, EOFError, OSError, zlib.error) as error:
            raise FileInvalid(
                f"After line {reached}: this is no readable CSV ({error})."
            ) from error
    return events


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines as text."""
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise FileInvalid(f"Line {number}: this is not UTF-8; save it as UTF-8.") from error


def _rows(file: Iterable[str]) -> Iterator[_Row]:
    """Yield the lines after the header; empty lines are passed over."""
    rows = csv.reader(file, strict=True)
    header = [name.strip() for name in next(rows, [])]
    if sorted(header) != sorted(COLUMNS):
        raise FileInvalid(f"Line 1: write the columns {','.join(COLUMNS)} here.")
    for values in rows:
        if not values:
            continue
        if len(values) != len(header):
            raise FileInvalid(
                f"Line {rows.line_num}: there are {len(values)} values; write {len(header)}."
            )
        named = dict(zip(header, (value.strip() for value in values), strict=True))
        if any(len(value) > NAME_MAX for value in named.values()):
            raise FileInvalid(f"Line {rows.line_num}: a value is longer than {NAME_MAX} letters.")
        yield _Row(line=rows.line_num, **named)


def _event(row: _Row, currency: str) -> Event:
    read = _KINDS.get(row.event)
    if read is None:
        raise row.mistake(f"{row.event!r} is no event; write one of {', '.join(_KINDS)}")
    return read(row, currency)


def _join(row: _Row, _currency: str) -> Event:
    row.needs("participant")
    row.without("order", "amount", "customer")
    return Join(row.line, row.participant, row.parent or None)


def _visits(row: _Row, _currency: str) -> Event:
    row.needs("participant", "amount")
    row.without("parent", "order", "customer")
    is_number = (
        row.amount.isascii() and row.amount.isdecimal() and len(row.amount) < len("10000000")
    )
    if not is_number or not 1 <= int(row.amount) <= VISITS_MAX:
        raise row.mistake(f"{row.amount!r} visits; write a whole number from 1 to {VISITS_MAX}")
    return Visits(row.line, row.participant, int(row.amount))


def _order(row: _Row, currency: str) -> Event:
    row.needs("participant", "order", "amount")
    row.without("parent")
    if row.customer not in CUSTOMERS:
        raise row.mistake(f"{row.customer!r} is no customer; write new or returning")
    is_returning = row.customer == "returning"
    return Purchase(row.line, row.participant, row.order, _minor(row, currency), is_returning)


def _refund(row: _Row, currency: str) -> Event:
    row.needs("order")
    row.without("parent", "customer")
    return Refund(row.line, row.order, _minor(row, currency) if row.amount else None)


_KINDS: dict[str, Callable[[_Row, str], Event]] = {
    "join": _join,
    "visits": _visits,
    "order": _order,
    "refund": _refund,
}


def _minor(row: _Row, currency: str) -> int:
    """Read an amount of money that is more than nothing."""
    try:
        minor = Money.parse(row.amount, currency).minor
    except MoneyInvalid as error:
        raise FileInvalid(f"Line {row.line}: {error}") from error
    if minor <= 0:
        raise row.mistake(f"{row.amount!r} is nothing or less; leave such a line out")
    return minor
