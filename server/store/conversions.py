"""Conversions: orders that partners report, attributed or not."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference, whole


class Conversion(SQLModel, table=True):
    """One reported order, attributed or not.

    ``net_minor`` is without tax, shipping and the discount; ``credited_minor`` is what it counts
    now, after weight, budget and refunds.  An order that earns nothing says why in ``reason``.
    """

    __tablename__ = "conversion"
    __table_args__ = (
        UniqueConstraint("public_id", name="conversion_id_is_unique"),
        UniqueConstraint("brand_id", "order_ref", name="order_once_per_brand"),
        CheckConstraint("net_minor > 0", name="order_value_is_positive"),
        CheckConstraint("refunded_minor BETWEEN 0 AND net_minor", name="refunds_within_the_order"),
        CheckConstraint("credited_minor BETWEEN 0 AND net_minor", name="credit_within_the_order"),
        CheckConstraint(
            "credited_minor = 0 OR participant_id IS NOT NULL", name="credit_has_a_participant"
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    brand_id: int = reference("brand.id", name="conversion_of_a_brand")
    order_ref: str = Field(max_length=100)
    fingerprint: str = Field(max_length=64)
    net_minor: int = whole()
    currency: str = Field(max_length=3)
    offer_id: int | None = reference(
        "offer.id", name="conversion_of_an_offer", index=True, optional=True
    )
    participant_id: int | None = reference(
        "participant.id", name="conversion_earned_by", index=True, optional=True
    )
    share_id: int | None = reference("share.id", name="conversion_by_a_share", optional=True)
    visit_id: int | None = reference(
        "visit.id", name="conversion_after_a_visit", index=True, optional=True
    )
    buyer_id: int | None = reference(
        "member.id", name="conversion_bought_by", index=True, optional=True
    )
    weight_basis_points: int = Field(default=0)
    admitted_minor: int = whole(0)
    credited_minor: int = whole(0)
    refunded_minor: int = whole(0)
    reason: str | None = Field(default=None, max_length=40)
    ordered_at: datetime = moment()
    reported_at: datetime = moment()
    vests_at: datetime | None = moment(optional=True)
    vested_at: datetime | None = moment(optional=True)


_BY_ORDER = select(Conversion).where(
    Conversion.brand_id == bindparam("brand_id"), Conversion.order_ref == bindparam("order_ref")
)
_BY_PUBLIC_ID = select(Conversion).where(
    Conversion.brand_id == bindparam("brand_id"), Conversion.public_id == bindparam("public_id")
)
_LOCK = (
    select(Conversion)
    .where(Conversion.id == bindparam("conversion_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def find(db: Session, conversion_id: int) -> Conversion | None:
    """Return the conversion with this id."""
    return db.get(Conversion, conversion_id)


def find_by_order(db: Session, *, brand_id: int, order_ref: str) -> Conversion | None:
    """Return the order that was reported under this reference."""
    return db.exec(_BY_ORDER, params={"brand_id": brand_id, "order_ref": order_ref}).first()


def find_by_public_id(db: Session, *, brand_id: int, public_id: str) -> Conversion | None:
    """Return the brand's conversion with this id."""
    return db.exec(_BY_PUBLIC_ID, params={"brand_id": brand_id, "public_id": public_id}).first()


def lock(db: Session, conversion_id: int) -> Conversion:
    """Return the conversion, fresh; call ``offers.lock`` before, which serialises its changes."""
    return db.exec(_LOCK, params={"conversion_id": conversion_id}).one()


def of_participant(db: Session, participant_id: int) -> list[Conversion]:
    """Return the orders that a participant's links brought, newest first."""
    wanted = select(Conversion).where(Conversion.participant_id == participant_id)
    return list(db.exec(wanted.order_by(col(Conversion.id).desc())))
