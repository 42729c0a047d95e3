"""Offers: what a brand publishes, and the running totals of its money."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.brands import Brand
from server.store.codes import DiscountCode
from server.store.columns import id_column, moment, reference, whole


class OfferStatus(StrEnum):
    """Where an offer is in its life; it never goes back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ENDED = "ended"


class Landing(StrEnum):
    """Where the links of an offer lead their visitors first."""

    PAGE = "page"
    """The brand's page."""
    CARD = "card"
    """The card on our site, which says who sent it and what they earn, and leads on."""


class Offer(SQLModel, table=True):
    """One offer.  Terms freeze at publish; the totals change with every credited event.

    Codes give an amount off; with a rate they give that share, up to their value, and with a
    minimum only for orders of at least that.

    ``pot``, ``vest`` and ``debt`` are in minor units x 10 000 (docs/ENGINE.md).  Whoever changes
    a participant or the totals locks this row first.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("public_id", name="offer_public_id_is_unique"),
        CheckConstraint("status IN ('draft', 'published', 'ended')", name="offer_status_is_known"),
        CheckConstraint(
            "status = 'draft' OR published_at IS NOT NULL", name="published_offer_has_its_moment"
        ),
        CheckConstraint("budget_minor >= 0", name="offer_budget_is_not_negative"),
        CheckConstraint("vest <= pot AND vest >= 0", name="vested_is_part_of_the_pot"),
        CheckConstraint("debt >= 0", name="debt_is_not_negative"),
        CheckConstraint("pot + debt <= budget_minor * 10000", name="liability_within_the_budget"),
        CheckConstraint(
            "code_rate_basis_points BETWEEN 1 AND 10000", name="offer_code_rate_is_a_share"
        ),
        CheckConstraint("code_min_order_minor >= 0", name="offer_code_minimum_is_not_negative"),
        CheckConstraint("landing IN ('page', 'card')", name="offer_landing_is_known"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=12)
    brand_id: int = reference("brand.id", name="offer_of_a_brand", index=True)
    title: str = Field(max_length=80)
    page_url: str = Field(max_length=500)
    share_text: str = Field(default="", max_length=280)
    status: str = Field(default=OfferStatus.DRAFT, max_length=10)
    terms: dict[str, Any] = Field(sa_type=JSON)
    code_rate_basis_points: int | None = Field(default=None)
    code_min_order_minor: int = whole(0)
    landing: str = Field(default=Landing.PAGE, max_length=4)
    budget_minor: int = whole(0)
    pot: int = whole(0)
    vest: int = whole(0)
    debt: int = whole(0)
    created_at: datetime = moment()
    published_at: datetime | None = moment(optional=True)
    ended_at: datetime | None = moment(optional=True)


_HELD = "offers that this transaction has locked"
_BY_PUBLIC_ID = select(Offer).where(Offer.public_id == bindparam("public_id"))
_LOCK = (
    select(Offer)
    .where(Offer.id == bindparam("offer_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)

_LOCK_OF_CODE = (
    select(Offer)
    .join(DiscountCode, col(DiscountCode.offer_id) == Offer.id)
    .where(DiscountCode.code == bindparam("code"), DiscountCode.brand_id == bindparam("brand_id"))
    .with_for_update(key_share=True, of=Offer)
    .execution_options(populate_existing=True)
)


def find(db: Session, offer_id: int) -> Offer | None:
    """Return the offer with this id."""
    return db.get(Offer, offer_id)


def find_by_public_id(db: Session, public_id: str) -> Offer | None:
    """Return the offer with this id in addresses and APIs."""
    return db.exec(_BY_PUBLIC_ID, params={"public_id": public_id}).first()


def lock(db: Session, offer_id: int) -> Offer:
    """Return the offer, and keep everybody else from changing its money until we commit.

    Rows that only refer to the offer, such as clicks, need not wait.  Who holds the lock already
    is not asked to wait again.
    """
    transaction = db.get_transaction()
    since, held = db.info.get(_HELD, (None, {}))
    if transaction is not None and since is transaction and offer_id in held:
        found: Offer = held[offer_id]
        return found
    offer = db.exec(_LOCK, params={"offer_id": offer_id}).one()
    if not db.in_nested_transaction():  # a rollback to a savepoint would let go of the lock
        held = held if since is transaction else {}
        db.info[_HELD] = (db.get_transaction(), {**held, offer_id: offer})
    return offer


def lock_of_code(db: Session, *, code: str, brand_id: int) -> Offer | None:
    """Return the offer of a brand's code, found and locked at once; the code is not locked."""
    return db.exec(_LOCK_OF_CODE, params={"code": code, "brand_id": brand_id}).first()


def of_brand(db: Session, brand_id: int) -> list[Offer]:
    """Return the offers of a brand, newest first."""
    wanted = select(Offer).where(Offer.brand_id == brand_id)
    return list(db.exec(wanted.order_by(col(Offer.id).desc())))


def public_of_brand(
    db: Session, brand_id: int, *, before_id: int | None, limit: int
) -> list[Offer]:
    """Return offers of a brand that were published, ended ones too, newest first."""
    wanted = select(Offer).where(Offer.brand_id == brand_id, Offer.status != OfferStatus.DRAFT)
    if before_id is not None:
        wanted = wanted.where(col(Offer.id) < before_id)
    return list(db.exec(wanted.order_by(col(Offer.id).desc()).limit(limit)))


def everything(db: Session) -> list[Offer]:
    """Return every offer, oldest first."""
    return list(db.exec(select(Offer).order_by(col(Offer.id))))


def published(db: Session) -> list[Offer]:
    """Return every offer that can be shared now, oldest first."""
    return list(
        db.exec(select(Offer).where(Offer.status == OfferStatus.PUBLISHED).order_by(col(Offer.id)))
    )


def brands_published(db: Session) -> list[Brand]:
    """Return the brands of which something can be shared now."""
    is_out = col(Offer.status) == OfferStatus.PUBLISHED
    return list(
        db.exec(select(Brand).where(col(Brand.id).in_(select(Offer.brand_id).where(is_out))))
    )
