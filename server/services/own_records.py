"""Everything that is held about one person, as plain values: for their JSON and export."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from server.services import consents
from server.store.own_records.everything import KINDS

Record = dict[str, Any]
"""One record: text, numbers, truths and nothing else, by the name of its column."""


def everything(db: Session, *, member_id: int) -> dict[str, list[Record]]:
    """Return every record about a member, a kind at a time; a kind without records is empty."""
    return {
        kind.name: [_written(kind.name, row) for row in kind.of_member(db, member_id)]
        for kind in KINDS
    }


def _written(kind: str, row: Record) -> Record:
    if kind == "consents":
        row["text"] = _agreed_words(row)
    if kind == "bookings":  # the account's kind; its number is our own
        for column in ("from_account", "to_account"):
            row[column] = row[column].split(":")[0]
    return {name: _plain(value) for name, value in row.items()}


def _agreed_words(consent: Record) -> str:
    """Return the exact words of a consent."""
    text = consents.text(consent["purpose"], consent["language"])
    assert text.hash == consent["text_hash"], "no text has changed so far"
    return text.text


def _plain(value: object) -> object:
    """Return a value as JSON knows it; moments in UTC."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    assert value is None or isinstance(value, str | int | bool), value
    return value
