"""Exports: asked for by a person, built by the worker in steps, kept for a week.

Each step is one message of the outbox, done in the transaction that writes its progress and the
message of the next one.  A worker that dies in the middle leaves the step due, and the file as it
was before.  The first step reads everything at one moment; all others read what it wrote.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server import tokens
from server.errors import NotFound
from server.services import export_files, own_records, receipts, signing_keys
from server.services.export_means import Means
from server.store import data_exports as store
from server.store import members, outbox, writing
from server.store.data_exports import ExportState

ADVANCE = "export.advance"
KEPT_FOR = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=1)
"""A step that fails is tried again for so long; then the person is told, and may ask again."""


@dataclass(frozen=True, slots=True)
class ExportView:
    """One export, as the person sees it."""

    public_id: str
    state: str
    step: int
    steps: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    size: int | None
    sha256: str | None

    @property
    def is_live(self) -> bool:
        """Whether it is still being built."""
        return self.state in store.LIVE


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A finished export: its name for the person's disk, and its bytes."""

    name: str
    archive: bytes


def ask(db: Session, *, member_id: int, language: str, now: datetime) -> ExportView:
    """Begin an export, or return the one that is being built.

    Raises:
        NotFound: the member was erased.

    """
    if not members.lock_living(db, member_id):
        raise NotFound("You are no longer known here.")
    values = {
        "public_id": tokens.public_id(),
        "member_id": member_id,
        "language": language,
        "state": ExportState.QUEUED,
        "step": 0,
        "steps": len(_STEPS),
        "asked_at": now,
        "ready_at": None,
        "expires_at": now + GIVEN_UP_AFTER + KEPT_FOR,
        "size": None,
        "sha256": None,
        "archive": None,
    }
    export_id = writing.put_first(db, store.DataExport, values)
    if export_id is not None:
        outbox.put(db, kind=ADVANCE, content={"export_id": export_id}, due_at=now)
    newest = next(iter(store.of_member(db, member_id)))
    return _view(newest)


def advance(db: Session, *, export_id: int, means: Means, now: datetime) -> None:
    """Do the next step of an export; nothing if it is done, failed, or erased."""
    member_id = store.member_of(db, export_id)
    if member_id is None or not members.lock_living(db, member_id):
        return
    export = store.lock(db, export_id)
    if export is None or export.state not in store.LIVE:
        return
    archive = _STEPS[export.step](db, export, means, now)
    step = export.step + 1
    if step < export.steps:
        store.change(db, export_id, state=ExportState.RUNNING, step=step, archive=archive)
        outbox.put(db, kind=ADVANCE, content={"export_id": export_id}, due_at=now)
        return
    store.change(
        db,
        export_id,
        state=ExportState.READY,
        step=step,
        archive=archive,
        size=len(archive),
        sha256=hashlib.sha256(archive).hexdigest(),
        ready_at=now,
        expires_at=now + KEPT_FOR,
    )
    store.remove_older(db, member_id=export.member_id, than_id=export_id)


def of_member(db: Session, *, member_id: int) -> list[ExportView]:
    """Return a member's exports, newest first."""
    return [_view(export) for export in store.of_member(db, member_id)]


def fetch(db: Session, *, member_id: int, public_id: str, now: datetime) -> ExportFile:
    """Return a member's own finished export.

    Raises:
        NotFound: the member has no such export, or it is not ready, or its week is over.

    """
    found = store.find_ready(db, member_id=member_id, public_id=public_id, now=now)
    if found is None:
        raise NotFound("You have no such export, or its week is over. You can ask for a new one.")
    export, archive = found
    return ExportFile(f"fanfare-my-data-{export.ready_at:%Y-%m-%d}.zip", archive)


def give_up_stuck(db: Session, *, now: datetime) -> int:
    """Give up what could not be built for a day; return how many."""
    return store.fail_live(db, asked_until=now - GIVEN_UP_AFTER)


def _gather(db: Session, export: store.Export, _means: Means, now: datetime) -> bytes:
    """Read everything, and begin the archive with it."""
    records = own_records.everything(db, member_id=export.member_id)
    document = export_files.as_json(records, made_at=now)
    return export_files.add(b"", {export_files.JSON_NAME: document}, now=now)


def _tabulate(db: Session, export: store.Export, _means: Means, now: datetime) -> bytes:
    """Add a table for each kind of record."""
    archive = store.archive(db, export.id)
    tables = export_files.as_tables(export_files.records_in(archive))
    return export_files.add(archive, tables, now=now)


def _sign(db: Session, export: store.Export, means: Means, now: datetime) -> bytes:
    """Add the receipt of each consent."""
    signer = signing_keys.ensure(db, sealing_key=means.sealing_key, now=now)
    found: dict[str, str] = {}
    page, after_id = None, 0
    while page is None or page:
        page = receipts.page(
            db,
            member_id=export.member_id,
            after_id=after_id,
            issuer=means.issuer,
            signer=signer,
            now=now,
        )
        for receipt in page:
            after_id = receipt.consent_id
            found[export_files.receipt_name(receipt.public_id)] = receipt.jws
    return export_files.add(store.archive(db, export.id), found, now=now)


def _explain(db: Session, export: store.Export, _means: Means, now: datetime) -> bytes:
    """Add the guide in the person's language."""
    archive = store.archive(db, export.id)
    records = export_files.records_in(archive)
    words = export_files.guide(records, language=export.language, made_at=now)
    return export_files.add(archive, {export_files.GUIDE_NAME: words}, now=now)


_STEPS: tuple[Callable[[Session, store.Export, Means, datetime], bytes], ...] = (
    _gather,
    _tabulate,
    _sign,
    _explain,
)


def _view(export: store.Export) -> ExportView:
    return ExportView(
        public_id=export.public_id,
        state=export.state,
        step=export.step,
        steps=export.steps,
        asked_at=export.asked_at,
        ready_at=export.ready_at,
        expires_at=export.expires_at,
        size=export.size,
        sha256=export.sha256,
    )
