"""What of our codes exists at Stripe: coupons for values, promotion codes for codes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.codes import OUT, DiscountCode
from server.store.columns import id_column, moment, reference, whole


class StripeCoupon(SQLModel, table=True):
    """One value that codes have at one account, as a coupon there; written once."""

    __tablename__ = "stripe_coupon"
    __table_args__ = (
        UniqueConstraint("account_id", "coupon_ref", name="one_coupon_per_value"),
        CheckConstraint(
            "(value_minor IS NULL) <> (rate_basis_points IS NULL)",
            name="coupon_is_an_amount_or_a_share",
        ),
    )

    id: int | None = id_column()
    account_id: int = reference("stripe_account.id", name="coupon_of_an_account")
    coupon_ref: str = Field(max_length=100)
    value_minor: int | None = whole(optional=True)
    rate_basis_points: int | None = Field(default=None)
    currency: str = Field(max_length=3)
    made_at: datetime = moment()


class StripeCode(SQLModel, table=True):
    """One code at one account: its promotion code there, as far as we know.

    ``generation`` counts its promotion codes, because one that was used never works again, and
    ``heard_generation`` is the latest of whose use we heard: before that, no next one is made.
    Whoever talks to Stripe about it says so in ``busy_until``, so that two never do.
    """

    __tablename__ = "stripe_code"
    __table_args__ = (
        UniqueConstraint("account_id", "code_id", name="one_mirror_per_code_and_account"),
        UniqueConstraint("account_id", "promotion_ref", name="promotion_code_is_of_one_code"),
    )

    id: int | None = id_column()
    account_id: int = reference("stripe_account.id", name="mirror_at_an_account")
    code_id: int = reference("discount_code.id", name="mirror_of_a_code", index=True)
    generation: int = Field(default=0)
    heard_generation: int = Field(default=0)
    promotion_ref: str | None = Field(default=None, max_length=100)
    coupon_ref: str | None = Field(default=None, max_length=100)
    is_active: bool = Field(default=False)
    busy_until: datetime | None = moment(optional=True)
    refused: str | None = Field(default=None, max_length=200)
    changed_at: datetime = moment()


def coupon_refs(db: Session, *, account_id: int, first: str) -> list[str]:
    """Return the coupons of a value that were made, the latest edition first."""
    wanted = select(StripeCoupon.coupon_ref).where(
        StripeCoupon.account_id == account_id, col(StripeCoupon.coupon_ref).startswith(first)
    )
    return list(db.exec(wanted.order_by(col(StripeCoupon.id).desc())))


def find(db: Session, *, account_id: int, code_id: int) -> StripeCode | None:
    """Return what is known of a code at an account."""
    return db.exec(
        select(StripeCode).where(StripeCode.account_id == account_id, StripeCode.code_id == code_id)
    ).first()


def find_by_promotion(db: Session, *, account_id: int, promotion_ref: str) -> StripeCode | None:
    """Return the code whose latest promotion code is called so."""
    return db.exec(
        select(StripeCode).where(
            StripeCode.account_id == account_id, StripeCode.promotion_ref == promotion_ref
        )
    ).first()


def lock(db: Session, *, account_id: int, code_id: int) -> StripeCode | None:
    """Return what is known of a code at an account, and keep others from changing it."""
    return db.exec(
        select(StripeCode)
        .where(StripeCode.account_id == account_id, StripeCode.code_id == code_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def claim(db: Session, row_id: int, *, now: datetime, until: datetime) -> bool:
    """Begin to talk to Stripe about a code; tell whether nobody else is at it."""
    done = db.execute(
        update(StripeCode)
        .where(
            col(StripeCode.id) == row_id,
            col(StripeCode.busy_until).is_(None) | (col(StripeCode.busy_until) <= now),
        )
        .values(busy_until=until)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def active(db: Session, account_id: int) -> list[StripeCode]:
    """Return what works at Stripe, as far as we know."""
    wanted = select(StripeCode).where(
        StripeCode.account_id == account_id, col(StripeCode.is_active).is_(True)
    )
    return list(db.exec(wanted.order_by(col(StripeCode.id))))


def of_account(db: Session, account_id: int) -> list[tuple[StripeCode, DiscountCode]]:
    """Return everything that is known at an account, with the codes."""
    wanted = (
        select(StripeCode, DiscountCode)
        .where(StripeCode.account_id == account_id)
        .join(DiscountCode, col(DiscountCode.id) == col(StripeCode.code_id))
    )
    return list(db.exec(wanted))


def usable_of_brand(db: Session, *, brand_id: int, now: datetime) -> list[DiscountCode]:
    """Return the codes that can be used now by whoever has them."""
    wanted = select(DiscountCode).where(
        DiscountCode.brand_id == brand_id,
        col(DiscountCode.state).in_(OUT),
        DiscountCode.expires_at > now,
        col(DiscountCode.holder_hash).is_(None),
    )
    return list(db.exec(wanted.order_by(col(DiscountCode.id))))
