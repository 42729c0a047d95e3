"""Writing down who changed what for a brand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from server.store import audit as store

SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One change, as the brand's team sees it."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class OfBrand(Protocol):
    """A row that a brand sees."""

    brand_id: int
    public_id: str


def note_about(
    kind: str,
    db: Session,
    row: OfBrand,
    actor: str,
    action: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one change of a row, which is called like ``offer:4vKqTn8ZpL``."""
    note(
        db,
        brand_id=row.brand_id,
        actor=actor,
        action=action,
        subject=f"{kind}:{row.public_id}",
        now=now,
        before=before,
        after=after,
    )


def note(
    db: Session,
    *,
    brand_id: int,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one change; ``actor`` is like ``member:7`` or ``partner:abc``."""
    db.add(
        store.AuditEntry(
            brand_id=brand_id,
            actor=actor,
            action=action,
            subject=subject,
            before=before or {},
            after=after or {},
            at=now,
        )
    )


def of_brand(db: Session, *, brand_id: int) -> list[AuditLine]:
    """Return the latest 500 changes at a brand, newest first."""
    return [
        AuditLine(row.at, row.actor, row.action, row.subject, row.before, row.after)
        for row in store.of_brand(db, brand_id, limit=SHOWN_AT_MOST)
    ]
