"""Stripe accounts: which brand lets us follow its payments, and how we may ask Stripe."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.store.columns import id_column, moment, reference

LIVE = text("disconnected_at IS NULL")


class How(StrEnum):
    """How a brand let us in."""

    CONNECT = "connect"
    KEY = "key"


class StripeAccount(SQLModel, table=True):
    """One Stripe account of one brand, live until it is disconnected; connecting again revives it.

    ``sealed_key`` and ``sealed_hook_secret`` are encrypted, and wiped when it ends.  While it
    leaves, its promotion codes are switched off.  ``trouble`` says what Stripe last complained of.
    """

    __tablename__ = "stripe_account"
    __table_args__ = (
        UniqueConstraint("public_id", name="stripe_account_id_is_unique"),
        UniqueConstraint("brand_id", "account_ref", name="stripe_account_once_per_brand"),
        CheckConstraint("how IN ('connect', 'key')", name="stripe_account_way_is_known"),
        CheckConstraint(
            "(disconnected_at IS NULL) = (disconnected_why IS NULL)",
            name="disconnected_account_says_why",
        ),
        Index(
            "one_live_stripe_account_per_brand",
            "brand_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index(
            "one_brand_per_live_stripe_account",
            "account_ref",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    brand_id: int = reference("brand.id", name="stripe_account_of_a_brand")
    account_ref: str = Field(max_length=100)
    how: str = Field(max_length=10)
    is_live_mode: bool
    sealed_key: str | None = Field(default=None, max_length=1000)
    sealed_hook_secret: str | None = Field(default=None, max_length=1000)
    hook_ref: str | None = Field(default=None, max_length=100)
    connected_at: datetime = moment()
    leaving_since: datetime | None = moment(optional=True)
    disconnected_at: datetime | None = moment(optional=True)
    disconnected_why: str | None = Field(default=None, max_length=20)
    trouble: str | None = Field(default=None, max_length=200)
    trouble_at: datetime | None = moment(optional=True)
    reconcile_at: datetime | None = moment(optional=True)


def find(db: Session, account_id: int) -> StripeAccount | None:
    """Return the account with this row id."""
    return db.get(StripeAccount, account_id)


def find_by_public_id(db: Session, public_id: str) -> StripeAccount | None:
    """Return the account that its own endpoint names, live or not."""
    return db.exec(select(StripeAccount).where(StripeAccount.public_id == public_id)).first()


def live_of_brand(db: Session, brand_id: int) -> StripeAccount | None:
    """Return the account that a brand has connected now."""
    return db.exec(_live().where(StripeAccount.brand_id == brand_id)).first()


def live_id_of_brand(db: Session, brand_id: int) -> int | None:
    """Return the row id of the account to which a brand's new codes go."""
    wanted = select(StripeAccount.id).where(
        StripeAccount.brand_id == brand_id,
        col(StripeAccount.disconnected_at).is_(None),
        col(StripeAccount.leaving_since).is_(None),
    )
    return db.exec(wanted).first()


def newest_of_brand(db: Session, brand_id: int) -> StripeAccount | None:
    """Return the account that a brand connected last, whatever became of it."""
    wanted = select(StripeAccount).where(StripeAccount.brand_id == brand_id)
    return db.exec(wanted.order_by(col(StripeAccount.connected_at).desc())).first()


def connected_by_ref(db: Session, account_ref: str) -> StripeAccount | None:
    """Return the account that came by Connect and is called so, the live one if there is one."""
    wanted = select(StripeAccount).where(
        StripeAccount.account_ref == account_ref, StripeAccount.how == How.CONNECT
    )
    return db.exec(
        wanted.order_by(
            col(StripeAccount.disconnected_at).is_not(None), col(StripeAccount.id).desc()
        )
    ).first()


def lock(db: Session, account_id: int) -> StripeAccount:
    """Return the account and keep everybody else from changing it until we commit."""
    return db.exec(
        select(StripeAccount)
        .where(StripeAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_by_ref(db: Session, *, brand_id: int, account_ref: str) -> StripeAccount | None:
    """Return the brand's row of this account, live or not, and keep others from changing it."""
    return db.exec(
        select(StripeAccount)
        .where(StripeAccount.brand_id == brand_id, StripeAccount.account_ref == account_ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def to_reconcile(db: Session, now: datetime) -> list[StripeAccount]:
    """Return and lock the live accounts whose nightly look is due."""
    wanted = _live().where(
        col(StripeAccount.leaving_since).is_(None),
        col(StripeAccount.reconcile_at) <= now,
    )
    return list(db.exec(wanted.with_for_update(skip_locked=True)))


def live(db: Session) -> list[StripeAccount]:
    """Return every live account."""
    return list(db.exec(_live().order_by(col(StripeAccount.id))))


def _live() -> SelectOfScalar[StripeAccount]:
    return select(StripeAccount).where(col(StripeAccount.disconnected_at).is_(None))
