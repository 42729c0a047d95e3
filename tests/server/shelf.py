"""Exclusive content in the stories: Berta gives, people visit, things open and lock."""

import io
from datetime import datetime

from sqlmodel import Session

from server.gateways.uploads import Upload, Uploads
from server.services import content_items, content_shelves, forgetting
from server.services.content_items import ContentDraft
from server.services.content_shelves import ShelfLine
from server.services.offers import OfferView
from tests import make
from tests.server.town import Town

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


def item(
    db: Session,
    brand_id: int,
    offer: OfferView,
    *,
    now: datetime,
    takes: int = 3,
    title: str = "How boots are made",
    kind: str = "markdown",
    body: str = "By *hand*.",
    file: Upload | None = None,
    is_published: bool = True,
) -> str:
    """Return the id of a new item of a brand, published or not."""
    wanted = ContentDraft(offer.public_id, title, kind, body, takes)
    made = content_items.draft(
        db, brand_id=brand_id, actor="test", wanted=wanted, file=file, now=now
    )
    if is_published:
        publish(db, brand_id, made.public_id, now=now)
    return made.public_id


def publish(db: Session, brand_id: int, public_id: str, *, now: datetime) -> None:
    """Publish an item."""
    content_items.publish(db, brand_id=brand_id, public_id=public_id, actor="test", now=now)


def gives(town: Town, **what: object) -> str:
    """Let Berta publish something in the town's offer."""
    return item(town.db, town.brand_id, town.offer, now=town.now, **what)


def upload(uploads: Uploads, content: bytes, *, now: datetime) -> Upload:
    """Return a file that lies in the folder."""
    return uploads.keep(io.BytesIO(content), now=now)


def visited(town: Town, name: str, times: int = 1) -> list[str]:
    """Let people really look, through somebody's link; return the tokens of their visits."""
    made = [
        make.visit(town.db, town.links[name], now=town.now, is_verified=True) for _ in range(times)
    ]
    make.pass_time(town.db, town.now)
    return made


def forgets(town: Town, token: str) -> None:
    """Let a visitor be forgotten, which takes their visit back."""
    forgetting.forget(town.db, visit_token=token, now=town.now)


def shelf(town: Town, name: str) -> dict[str, ShelfLine]:
    """Return what somebody's wallet shows, by title."""
    town.db.expire_all()
    return {line.title: line for line in town.place(name).content}


def unlocked(town: Town, name: str) -> set[str]:
    """Return the titles of what somebody has unlocked."""
    return {title for title, line in shelf(town, name).items() if line.is_unlocked}


def opens(town: Town, name: str, public_id: str) -> bool:
    """Let somebody open something; tell whether it was the first time."""
    return content_shelves.open_first(
        town.db, member_id=town.member(name), public_id=public_id, now=town.now
    )
