"""Redemptions: codes that were used up for an order."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, text
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.codes import DiscountCode
from server.store.columns import id_column, moment, reference, whole
from server.store.participants import Participant


class Redemption(SQLModel, table=True):
    """One use of one code for one order.  Rollbacks raise ``rolled_back_minor`` up to its value.

    It ends when nothing of it is left; then the code may be used for another order.  ``client_id``
    is the partner who asked, or None where Stripe reported the use.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("public_id", name="redemption_id_is_unique"),
        UniqueConstraint("code_id", "client_id", "order_ref", name="redemption_once_per_order"),
        CheckConstraint("value_minor > 0", name="redemption_value_is_positive"),
        CheckConstraint(
            "rolled_back_minor BETWEEN 0 AND value_minor", name="rollbacks_within_the_redemption"
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (rolled_back_minor < value_minor)",
            name="redemption_ends_when_nothing_is_left",
        ),
        Index("redemptions_of_a_brand", "brand_id", "id"),
        Index("redemptions_of_an_order", "brand_id", "order_ref", "id"),
        Index(
            "one_live_redemption_per_code",
            "code_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "one_redemption_per_order_without_a_partner",
            "code_id",
            "order_ref",
            unique=True,
            sqlite_where=text("client_id IS NULL"),
            postgresql_where=text("client_id IS NULL"),
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    code_id: int = reference("discount_code.id", name="redemption_of_a_code")
    brand_id: int = reference("brand.id", name="redemption_at_a_brand")
    client_id: int | None = reference(
        "oauth_client.id", name="redemption_by_a_partner", index=True, optional=True
    )
    reservation_id: int | None = reference(
        "reservation.id", name="redemption_of_a_reservation", optional=True
    )
    order_ref: str = Field(max_length=100)
    order_total_minor: int = whole()
    value_minor: int = whole()
    rolled_back_minor: int = whole(0)
    redeemed_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


_BY_ORDER = select(Redemption).where(
    Redemption.code_id == bindparam("code_id"), Redemption.order_ref == bindparam("order_ref")
)
_BY_CLIENT = _BY_ORDER.where(Redemption.client_id == bindparam("client_id"))
_BY_STRIPE = _BY_ORDER.where(col(Redemption.client_id).is_(None))


def find_by_order(
    db: Session, *, code_id: int, client_id: int | None, order_ref: str
) -> Redemption | None:
    """Return the use of this code for this order, by this partner or (None) by Stripe."""
    wanted = {"code_id": code_id, "client_id": client_id, "order_ref": order_ref}
    return db.exec(_BY_STRIPE if client_id is None else _BY_CLIENT, params=wanted).first()


def get(db: Session, redemption_id: int) -> Redemption | None:
    """Return the redemption with this row id."""
    return db.get(Redemption, redemption_id)


def find(db: Session, *, brand_id: int, public_id: str) -> Redemption | None:
    """Return the brand's redemption with this id."""
    return db.exec(
        select(Redemption).where(Redemption.brand_id == brand_id, Redemption.public_id == public_id)
    ).first()


def lock(db: Session, redemption_id: int) -> Redemption:
    """Return the redemption, fresh; call ``codes.lock`` before, which serialises its changes."""
    return db.exec(
        select(Redemption)
        .where(Redemption.id == redemption_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def of_brand(
    db: Session,
    *,
    brand_id: int,
    before_id: int | None,
    limit: int,
    order_ref: str | None = None,
    code_id: int | None = None,
) -> list[tuple[Redemption, DiscountCode]]:
    """Return uses of a brand's codes with these, newest first, from before an id on."""
    wanted = (
        select(Redemption, DiscountCode)
        .join(DiscountCode, col(Redemption.code_id) == DiscountCode.id)
        .where(Redemption.brand_id == brand_id)
    )
    if before_id is not None:
        wanted = wanted.where(col(Redemption.id) < before_id)
    if order_ref is not None:
        wanted = wanted.where(Redemption.order_ref == order_ref)
    if code_id is not None:
        wanted = wanted.where(Redemption.code_id == code_id)
    return list(db.exec(wanted.order_by(col(Redemption.id).desc()).limit(limit)))


def given_by_brand(db: Session, member_id: int) -> dict[int, int]:
    """Return what a member's codes took off orders, less rollbacks, by brand; in minor units."""
    left = func.sum(Redemption.value_minor - Redemption.rolled_back_minor)
    wanted = (
        select(Redemption.brand_id, left)
        .join(DiscountCode, col(Redemption.code_id) == DiscountCode.id)
        .join(Participant, col(DiscountCode.participant_id) == Participant.id)
        .where(Participant.member_id == member_id)
        .group_by(col(Redemption.brand_id))
    )
    return {brand_id: int(minor) for brand_id, minor in db.exec(wanted) if minor > 0}
