"""Everything that is held about one person, as plain values: for their JSON and export."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from rewards.explain import Language
from server.store.own_records.everything import KINDS

Record = dict[str, Any]
"""One record: text, numbers, truths and nothing else, by the name of its column."""


def everything(db: Session, *, member_id: int) -> dict[str, list[Record]]:
    """Return every record about a member, a kind at a time; a kind without records is empty."""
    return {
        kind.name: [_written(kind.name, row) for row in kind.of_member(db, member_id)]
        for kind in KINDS
    }


def question_of(row: Record) -> dict[str, str]:
    """Return a question in the language of its answer, or of the site, and the answer's words."""
    words = row["words"]
    spoken = row.get("language")
    said = words[spoken if spoken in words else next(one for one in Language if one in words)]
    told = {name: said[name] for name in ("title", "purpose", "benefit")}
    if "choice" in row:
        told["answer"] = said["group_names" if row["is_coarse"] else "choices"][row["choice"]]
    return told


def _written(kind: str, row: Record) -> Record:
    if kind == "bookings":  # the account's kind; its number is our own
        for column in ("from_account", "to_account"):
            row[column] = row[column].split(":")[0]
    if "words" in row and isinstance(row["words"], dict):
        row = {**question_of(row), **row}
        del row["words"]
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    """Return a value as JSON knows it; moments in UTC.  Lists come from columns that hold JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    assert value is None or isinstance(value, str | int | float | list), value
    return value
