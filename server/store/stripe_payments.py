"""Payments at Stripe that were checked out, and which of our orders and uses they are."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference, whole


class StripePayment(SQLModel, table=True):
    """One paid checkout.  Without a conversion and a redemption it was none of our business.

    ``refunded_minor`` and ``lost_minor`` only grow: the most that Stripe told us was refunded, and
    the sum of lost disputes, both of ``paid_minor``.  ``reversed_minor`` is what of the order's net
    amount we reversed for that.  ``difference`` says where Stripe and our ledger disagree.
    """

    __tablename__ = "stripe_payment"
    __table_args__ = (
        UniqueConstraint("account_id", "session_ref", name="one_payment_per_checkout"),
        UniqueConstraint("account_id", "payment_ref", name="one_checkout_per_payment"),
        CheckConstraint("paid_minor >= 0", name="payment_is_not_negative"),
        CheckConstraint(
            "refunded_minor >= 0 AND lost_minor >= 0 AND reversed_minor >= 0",
            name="payment_sums_are_not_negative",
        ),
    )

    id: int | None = id_column()
    account_id: int = reference("stripe_account.id", name="payment_at_an_account")
    session_ref: str = Field(max_length=255)
    payment_ref: str | None = Field(default=None, max_length=100)
    paid_minor: int = whole()
    currency: str = Field(max_length=3)
    conversion_id: int | None = reference(
        "conversion.id", name="payment_of_a_conversion", index=True, optional=True
    )
    redemption_id: int | None = reference(
        "redemption.id", name="payment_with_a_redemption", index=True, optional=True
    )
    refunded_minor: int = whole(0)
    lost_minor: int = whole(0)
    reversed_minor: int = whole(0)
    difference: str | None = Field(default=None, max_length=200)
    recorded_at: datetime = moment()


def find(db: Session, payment_id: int) -> StripePayment | None:
    """Return the payment with this row id."""
    return db.get(StripePayment, payment_id)


def find_by_session(db: Session, *, account_id: int, session_ref: str) -> StripePayment | None:
    """Return the payment of a checkout."""
    return db.exec(
        select(StripePayment).where(
            StripePayment.account_id == account_id, StripePayment.session_ref == session_ref
        )
    ).first()


def lock(db: Session, *, account_id: int, payment_ref: str) -> StripePayment | None:
    """Return the payment and keep everybody else from changing it until we commit."""
    return db.exec(
        select(StripePayment)
        .where(StripePayment.account_id == account_id, StripePayment.payment_ref == payment_ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def ours(db: Session, account_id: int) -> list[StripePayment]:
    """Return the payments with an order or a use of a code."""
    wanted = select(StripePayment).where(
        StripePayment.account_id == account_id,
        col(StripePayment.conversion_id).is_not(None)
        | col(StripePayment.redemption_id).is_not(None),
    )
    return list(db.exec(wanted.order_by(col(StripePayment.id))))


def differing(db: Session, *, account_id: int, since: datetime) -> list[StripePayment]:
    """Return the payments since a moment on which Stripe and our ledger disagree."""
    wanted = select(StripePayment).where(
        StripePayment.account_id == account_id,
        col(StripePayment.difference).is_not(None),
        StripePayment.recorded_at >= since,
    )
    return list(db.exec(wanted.order_by(col(StripePayment.id))))
