"""Exclusive content of a brand: added, published, made easier to reach, withdrawn.

From its publication on people rely on it: its threshold may only fall, and withdrawing it ends
new unlocks and takes nothing from whoever has it (docs/DECISIONS/0043).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session

from server import tokens
from server.errors import Conflict, FieldInvalid, NotFound
from server.gateways.uploads import Upload
from server.services import audits
from server.store import content_items as store
from server.store import content_unlocks, offers
from server.store.content_items import ContentItem, ContentKind, ContentState

TITLE_MAX, BODY_MAX, ADDRESS_MAX, VISITS_MAX = 80, 40_000, 500, 1_000_000
NO_ITEM = "The brand has no such content."

_note = partial(audits.note_about, "content")


@dataclass(frozen=True, slots=True)
class ContentDraft:
    """What a brand wants to give: Markdown or an address in ``body``, or a file."""

    offer_public_id: str
    title: str
    kind: str
    body: str
    threshold_visits: int


@dataclass(frozen=True, slots=True)
class ContentView:
    """One item, as its brand sees it."""

    public_id: str
    offer_title: str
    title: str
    kind: str
    media_type: str
    size: int | None
    threshold_visits: int
    state: str
    created_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None


def draft(
    db: Session,
    *,
    brand_id: int,
    actor: str,
    wanted: ContentDraft,
    file: Upload | None,
    now: datetime,
) -> ContentView:
    """Add an item that no customer sees yet.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.

    """
    check(wanted, has_file=file is not None)
    offer = offers.find_by_public_id(db, wanted.offer_public_id)
    if offer is None or offer.brand_id != brand_id or offer.status == offers.OfferStatus.ENDED:
        raise FieldInvalid("offer", "Choose an offer of the brand that has not ended.")
    row = ContentItem(
        public_id=tokens.public_id(),
        brand_id=brand_id,
        offer_id=offer.id or 0,
        title=wanted.title,
        kind=wanted.kind,
        body=wanted.body if wanted.kind != ContentKind.FILE else "",
        file_name=file.name if file else None,
        media_type=file.media_type if file else "",
        size=file.size if file else None,
        sha256=file.sha256 if file else None,
        threshold_visits=wanted.threshold_visits,
        created_at=now,
    )
    db.add(row)
    db.flush()
    _note(db, row, actor, "content.drafted", now=now, after=_described(row))
    return _view(db, row)


def check(wanted: ContentDraft, *, has_file: bool) -> None:
    """Refuse what could not be shown.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.

    """
    if not 1 <= len(wanted.title) <= TITLE_MAX or not wanted.title.isprintable():
        raise FieldInvalid("title", f"Give it a title of at most {TITLE_MAX} characters.")
    if not 1 <= wanted.threshold_visits <= VISITS_MAX:
        raise FieldInvalid("threshold", f"Type a whole number from 1 to {VISITS_MAX}.")
    if wanted.kind not in tuple(ContentKind):
        raise FieldInvalid("kind", "Choose text, a file or a link.")
    if has_file != (wanted.kind == ContentKind.FILE):
        raise FieldInvalid("file", "Choose a file, or choose another kind.")
    if wanted.kind == ContentKind.MARKDOWN and not 1 <= len(wanted.body) <= BODY_MAX:
        raise FieldInvalid("body", f"Write a text of at most {BODY_MAX} characters.")
    if wanted.kind == ContentKind.LINK and not _is_address(wanted.body):
        raise FieldInvalid("address", "Type a whole address that begins with https://.")


def publish(
    db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime
) -> ContentView:
    """Let an item be unlocked, at once by whoever has reached it already.

    Raises:
        NotFound: the brand has no such item.
        Conflict: it is no draft, or its offer has ended.

    """
    row, offer = _lock(db, brand_id=brand_id, public_id=public_id)
    if row.state != ContentState.DRAFT:
        raise Conflict("Only a draft can be published.")
    if offer.status == offers.OfferStatus.ENDED:
        raise Conflict("The offer of this content has ended.")
    row.state, row.published_at = ContentState.PUBLISHED, now
    db.flush()
    _unlock_reached(db, row, now=now)
    _note(db, row, actor, "content.published", now=now, after=_described(row))
    return _view(db, row)


def lower(
    db: Session, *, brand_id: int, public_id: str, actor: str, threshold_visits: int, now: datetime
) -> ContentView:
    """Let an item take fewer visits; who has them now unlocks it at once.

    Raises:
        NotFound: the brand has no such item.
        Conflict: it was withdrawn.
        FieldInvalid: the number is none, or what is published would take more.

    """
    row, _ = _lock(db, brand_id=brand_id, public_id=public_id)
    if row.state == ContentState.WITHDRAWN:
        raise Conflict("This content was withdrawn.")
    if not 1 <= threshold_visits <= VISITS_MAX:
        raise FieldInvalid("threshold", f"Type a whole number from 1 to {VISITS_MAX}.")
    if row.state == ContentState.PUBLISHED and threshold_visits > row.threshold_visits:
        raise FieldInvalid(
            "threshold", "People are on their way to it: what is published can only take fewer."
        )
    before = _described(row)
    row.threshold_visits = threshold_visits
    db.flush()
    if row.state == ContentState.PUBLISHED:
        _unlock_reached(db, row, now=now)
    _note(db, row, actor, "content.threshold", now=now, before=before, after=_described(row))
    return _view(db, row)


def withdraw(
    db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime
) -> ContentView:
    """Let nobody unlock an item any more; whoever has it keeps it.

    Raises:
        NotFound: the brand has no such item.
        Conflict: it was withdrawn before.

    """
    row, _ = _lock(db, brand_id=brand_id, public_id=public_id)
    if row.state == ContentState.WITHDRAWN:
        raise Conflict("This content was withdrawn before.")
    row.state, row.withdrawn_at = ContentState.WITHDRAWN, now
    db.flush()
    _note(db, row, actor, "content.withdrawn", now=now, after=_described(row))
    return _view(db, row)


def of_brand(db: Session, *, brand_id: int) -> list[ContentView]:
    """Return everything that a brand ever added, newest first."""
    return [_view(db, row) for row in store.of_brand(db, brand_id)]


def file_names(db: Session) -> set[str]:
    """Return the names of all files that an item names."""
    return store.file_names(db)


def _lock(db: Session, *, brand_id: int, public_id: str) -> tuple[ContentItem, offers.Offer]:
    """Lock an item's offer, in which its unlocks change, and then the item."""
    found = store.find(db, public_id)
    if found is None or found.brand_id != brand_id:
        raise NotFound(NO_ITEM)
    offer = offers.lock(db, found.offer_id)
    row = store.lock(db, brand_id=brand_id, public_id=public_id)
    assert row is not None, "items are never deleted"
    return row, offer


def _unlock_reached(db: Session, row: ContentItem, *, now: datetime) -> None:
    assert row.id is not None
    content_unlocks.grant_reached(
        db,
        item_id=row.id,
        offer_id=row.offer_id,
        needed_visits=row.threshold_visits,
        now=now,
    )


def _is_address(typed: str) -> bool:
    if len(typed) > ADDRESS_MAX or not typed.isprintable() or " " in typed or "\\" in typed:
        return False
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None


def _described(row: ContentItem) -> dict[str, Any]:
    return {"title": row.title, "kind": row.kind, "threshold_visits": row.threshold_visits}


def _view(db: Session, row: ContentItem) -> ContentView:
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    return ContentView(
        public_id=row.public_id,
        offer_title=offer.title,
        title=row.title,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        threshold_visits=row.threshold_visits,
        state=row.state,
        created_at=row.created_at,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
    )
