"""Cases: matters that hold something until they are decided, with their evidence in sentences."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server import tokens
from server.services import conversions, events
from server.store import cases as store
from server.store import conversions as conversion_store
from server.store import offers
from server.store.cases import CaseKind, CaseState


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, as the brand's team sees it."""

    public_id: str
    kind: str
    source_ref: str
    conversion_id: int | None
    amount_minor: int
    evidence: tuple[str, ...]
    state: str
    outcome: str | None
    opened_at: datetime
    closed_at: datetime | None
    is_new: bool = False


def open_about(
    db: Session,
    *,
    brand_id: int,
    kind: CaseKind,
    source_ref: str,
    conversion_id: int,
    amount_minor: int,
    evidence: list[str],
    opened_at: datetime,
    now: datetime,
) -> CaseView:
    """Open a case about an order, which does not vest from now on; once for each source."""
    conversion = _lock_order(db, conversion_id)
    first = store.lock_by_source(db, brand_id=brand_id, kind=kind, source_ref=source_ref)
    if first is not None:
        return view(first)
    row = store.ReviewCase(
        public_id=tokens.public_id(),
        brand_id=brand_id,
        kind=kind,
        source_ref=source_ref,
        conversion_id=conversion_id,
        amount_minor=amount_minor,
        evidence=evidence,
        opened_at=opened_at,
    )
    db.add(row)
    db.flush()
    _tell(db, row, conversion, events.CaseOpened, now=now)
    return view(row, is_new=True)


def close(
    db: Session,
    *,
    brand_id: int,
    kind: CaseKind,
    source_ref: str,
    outcome: str,
    closed_at: datetime,
    now: datetime,
) -> CaseView:
    """Close a case with its outcome, once; an order that no case holds any more vests when due."""
    row = store.lock_by_source(db, brand_id=brand_id, kind=kind, source_ref=source_ref)
    assert row is not None, "a case is opened before it is closed"
    if row.state == CaseState.CLOSED:
        return view(row)
    conversion = _lock_order(db, row.conversion_id)
    row.state, row.outcome, row.closed_at = CaseState.CLOSED, outcome, closed_at
    db.flush()
    if conversion is not None and not store.is_held(db, row.conversion_id or 0):
        conversions.resume(db, conversion, now=now)
    _tell(db, row, conversion, events.CaseClosed, now=now)
    return view(row, is_new=True)


def of_brand(db: Session, *, brand_id: int) -> list[CaseView]:
    """Return the open cases of a brand, oldest first."""
    return [view(row) for row in store.open_of_brand(db, brand_id)]


def view(row: store.ReviewCase, *, is_new: bool = False) -> CaseView:
    """Return a case as the team sees it."""
    return CaseView(
        public_id=row.public_id,
        kind=row.kind,
        source_ref=row.source_ref,
        conversion_id=row.conversion_id,
        amount_minor=row.amount_minor,
        evidence=tuple(row.evidence),
        state=row.state,
        outcome=row.outcome,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        is_new=is_new,
    )


def _tell(
    db: Session,
    row: store.ReviewCase,
    conversion: conversion_store.Conversion | None,
    kind: type[events.OfCase],
    *,
    now: datetime,
) -> None:
    about = conversion.public_id if conversion is not None else None
    told = kind(row.public_id, row.kind, about, row.outcome)
    events.publish(db, brand_id=row.brand_id, event=told, now=now)


def _lock_order(db: Session, conversion_id: int | None) -> conversion_store.Conversion | None:
    """Lock an order as everybody does who changes it: its offer first."""
    if conversion_id is None:
        return None
    row = conversion_store.find(db, conversion_id)
    assert row is not None
    if row.offer_id is not None:
        offers.lock(db, row.offer_id)
    return conversion_store.lock(db, conversion_id)
