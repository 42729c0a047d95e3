"""The files of an export: one JSON with everything, a CSV for each kind of thing, and a guide."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rewards.explain import Language
from server.services import export_guide, export_words
from server.services.own_records import Record

JSON_NAME, GUIDE_NAME = "my-data.json", "README.txt"
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def add(archive: bytes, files: Mapping[str, str], *, now: datetime) -> bytes:
    """Return an archive with these files more; an empty one begins here."""
    packed = io.BytesIO(archive)
    with zipfile.ZipFile(packed, "a", compression=zipfile.ZIP_DEFLATED) as archive_file:
        for name, words in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive_file.writestr(entry, words.encode())
    return packed.getvalue()


def receipt_name(consent_public_id: str) -> str:
    """Return the name of a consent's receipt in the archive."""
    return f"receipts/{consent_public_id}.jws"


def records_in(archive: bytes) -> dict[str, list[Record]]:
    """Return the records that an archive's JSON holds."""
    with zipfile.ZipFile(io.BytesIO(archive)) as archive_file:
        document = json.loads(archive_file.read(JSON_NAME))
    records: dict[str, list[Record]] = document["records"]
    return records


def as_json(records: Mapping[str, Sequence[Record]], *, made_at: datetime) -> str:
    """Return everything as one JSON document."""
    return json.dumps(document(records, made_at=made_at), ensure_ascii=False, indent=2) + "\n"


def document(records: Mapping[str, Sequence[Record]], *, made_at: datetime) -> dict[str, Any]:
    """Return the members of the JSON document."""
    return {"format": "fanfare-my-data/1", "made_at": made_at.isoformat(), "records": records}


def as_tables(records: Mapping[str, Sequence[Record]]) -> dict[str, str]:
    """Return a CSV for each kind of which there is something."""
    return {f"{kind}.csv": _table(rows) for kind, rows in records.items() if rows}


def guide(records: Mapping[str, Sequence[Record]], *, language: str, made_at: datetime) -> str:
    """Return what says in a person's language what is what in their archive."""
    spoken = Language(language)
    words = export_guide.GUIDE[spoken]
    lines = [
        words.title,
        "=" * len(words.title),
        "",
        words.made.format(moment=f"{made_at:%Y-%m-%d %H:%M} UTC"),
        words.json.format(name=JSON_NAME),
        words.tables,
        words.receipts,
        "",
        *(
            f"{kind}.csv ({len(rows)}): {export_words.KINDS[kind][spoken]}"
            for kind, rows in records.items()
            if rows
        ),
        "",
        words.empty,
        *(
            f"- {kind}: {export_words.KINDS[kind][spoken]}"
            for kind, rows in records.items()
            if not rows
        ),
        "",
        words.left_out,
        *(f"- {reason}" for reason in words.reasons),
    ]
    return "\n".join(lines) + "\n"


def _table(rows: Sequence[Record]) -> str:
    written = io.StringIO()
    table = csv.DictWriter(written, fieldnames=list(rows[0]), lineterminator="\r\n")
    table.writeheader()
    table.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return written.getvalue()


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    words = str(value)
    return f"'{words}" if words.startswith(_BEGINS_A_FORMULA) else words
