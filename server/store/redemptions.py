"""Redemptions: codes that were used up for an order."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, select

from server.store.columns import id_column, moment, reference, whole


class Redemption(SQLModel, table=True):
    """One use of one code for one order.  Written once."""

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("public_id", name="redemption_id_is_unique"),
        UniqueConstraint("code_id", name="redemption_once_per_code"),
        CheckConstraint("value_minor > 0", name="redemption_value_is_positive"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    code_id: int = reference("discount_code.id", name="redemption_of_a_code")
    client_id: int = reference("oauth_client.id", name="redemption_by_a_partner", index=True)
    reservation_id: int | None = reference(
        "reservation.id", name="redemption_of_a_reservation", optional=True
    )
    order_ref: str = Field(max_length=100)
    order_total_minor: int = whole()
    value_minor: int = whole()
    redeemed_at: datetime = moment()


def find_by_code(db: Session, code_id: int) -> Redemption | None:
    """Return the use of this code."""
    return db.exec(select(Redemption).where(Redemption.code_id == code_id)).first()
