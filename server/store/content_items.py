"""Exclusive content: what a brand puts into an offer for whoever reaches enough people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference, whole


class ContentKind(StrEnum):
    """What an item is."""

    MARKDOWN = "markdown"
    FILE = "file"
    LINK = "link"


class ContentState(StrEnum):
    """Where an item is in its life; it never goes back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ContentItem(SQLModel, table=True):
    """One piece of exclusive content.  From its publication on only its threshold may fall.

    ``body`` is the Markdown or the address; a file has a random name in the folder of uploads, and
    what was found out about its bytes.  ``threshold_visits`` is on reach (docs/ENGINE.md §6).
    """

    __tablename__ = "content_item"
    __table_args__ = (
        UniqueConstraint("public_id", name="content_public_id_is_unique"),
        UniqueConstraint("file_name", name="content_file_belongs_to_one_item"),
        CheckConstraint("kind IN ('markdown', 'file', 'link')", name="content_kind_is_known"),
        CheckConstraint(
            "state IN ('draft', 'published', 'withdrawn')", name="content_state_is_known"
        ),
        CheckConstraint("threshold_visits > 0", name="content_threshold_is_positive"),
        CheckConstraint(
            "(kind = 'file') = (file_name IS NOT NULL)", name="content_file_has_its_name"
        ),
        CheckConstraint(
            "(file_name IS NULL) = (size IS NULL) AND (file_name IS NULL) = (sha256 IS NULL)",
            name="content_file_has_size_and_sum",
        ),
        CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL",
            name="published_content_has_its_moment",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name="withdrawn_content_has_its_moment",
        ),
        Index("content_of_a_brand", "brand_id", "id"),
        Index("content_of_an_offer", "offer_id", "id"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=12)
    brand_id: int = reference("brand.id", name="content_is_of_a_brand")
    offer_id: int = reference("offer.id", name="content_is_in_an_offer")
    title: str = Field(max_length=80)
    kind: str = Field(max_length=8)
    body: str = Field(default="", max_length=40_000)
    file_name: str | None = Field(default=None, max_length=32)
    media_type: str = Field(default="", max_length=40)
    size: int | None = whole(optional=True)
    sha256: str | None = Field(default=None, max_length=64)
    threshold_visits: int
    state: str = Field(default=ContentState.DRAFT, max_length=10)
    created_at: datetime = moment()
    published_at: datetime | None = moment(optional=True)
    withdrawn_at: datetime | None = moment(optional=True)


def find(db: Session, public_id: str) -> ContentItem | None:
    """Return the item with this id in addresses."""
    return db.exec(select(ContentItem).where(ContentItem.public_id == public_id)).first()


def lock(db: Session, *, brand_id: int, public_id: str) -> ContentItem | None:
    """Return a brand's item; nobody else changes it until we commit."""
    return db.exec(
        select(ContentItem)
        .where(ContentItem.brand_id == brand_id, ContentItem.public_id == public_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def of_brand(db: Session, brand_id: int) -> list[ContentItem]:
    """Return a brand's items, newest first."""
    wanted = select(ContentItem).where(ContentItem.brand_id == brand_id)
    return list(db.exec(wanted.order_by(col(ContentItem.id).desc())))


def of_offer(db: Session, offer_id: int) -> list[ContentItem]:
    """Return what an offer holds and what it held once, by what it takes; no drafts."""
    return list(
        db.exec(
            select(ContentItem)
            .where(ContentItem.offer_id == offer_id, ContentItem.state != ContentState.DRAFT)
            .order_by(col(ContentItem.threshold_visits), col(ContentItem.id))
        )
    )


def file_names(db: Session) -> set[str]:
    """Return the names of all files that belong to an item."""
    return {name for name in db.exec(select(ContentItem.file_name)) if name is not None}
