"""Brands, and the domains they proved to own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class Brand(SQLModel, table=True):
    """One tenant.  Name and currency may change while nothing is published."""

    __tablename__ = "brand"
    __table_args__ = (
        UniqueConstraint("slug", name="brand_slug_is_unique"),
        CheckConstraint("length(currency) = 3", name="brand_currency_is_iso_4217"),
    )

    id: int | None = id_column()
    slug: str = Field(max_length=40)
    name: str = Field(max_length=80)
    currency: str = Field(max_length=3)
    created_at: datetime = moment()


class BrandDomain(SQLModel, table=True):
    """One host name that a brand owns; offers may only lead there.  Written once."""

    __tablename__ = "brand_domain"
    __table_args__ = (UniqueConstraint("host", name="domain_belongs_to_one_brand"),)

    id: int | None = id_column()
    brand_id: int = reference("brand.id", name="domain_of_a_brand", index=True)
    host: str = Field(max_length=253)


def find(db: Session, brand_id: int) -> Brand | None:
    """Return the brand with this id."""
    return db.get(Brand, brand_id)


def lock(db: Session, brand_id: int) -> Brand:
    """Return the brand and keep everybody else from locking it until we commit.

    Whoever writes what belongs to the brand meanwhile does not wait.
    """
    wanted = select(Brand).where(Brand.id == brand_id).with_for_update(key_share=True)
    return db.exec(wanted).one()


def find_by_slug(db: Session, slug: str) -> Brand | None:
    """Return the brand with this name in addresses."""
    return db.exec(select(Brand).where(Brand.slug == slug)).first()


def domains(db: Session, brand_ids: list[int]) -> list[BrandDomain]:
    """Return the domains of these brands, by host."""
    wanted = select(BrandDomain).where(col(BrandDomain.brand_id).in_(brand_ids))
    return list(db.exec(wanted.order_by(col(BrandDomain.host))))
