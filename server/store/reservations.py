"""Reservations: codes held for one order, with a time limit."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.codes import DiscountCode
from server.store.columns import id_column, moment, reference, whole


class Reservation(SQLModel, table=True):
    """One code held for one order.  It ends by a redemption, by time, or by a release."""

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("public_id", name="reservation_id_is_unique"),
        Index(
            "one_live_per_code",
            "code_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    code_id: int = reference("discount_code.id", name="reservation_of_a_code")
    client_id: int = reference("oauth_client.id", name="reservation_by_a_partner")
    order_ref: str = Field(max_length=100)
    order_total_minor: int = whole()
    reserved_at: datetime = moment()
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


_LIVE = select(Reservation).where(
    Reservation.code_id == bindparam("code_id"), col(Reservation.ended_at).is_(None)
)
_WITH_CODE = (
    select(DiscountCode, Reservation)
    .join(
        Reservation,
        (col(Reservation.code_id) == DiscountCode.id) & col(Reservation.ended_at).is_(None),
        isouter=True,
    )
    .where(DiscountCode.code == bindparam("code"))
)


def live(db: Session, code_id: int) -> Reservation | None:
    """Return the reservation that holds the code, if one does."""
    return db.exec(_LIVE, params={"code_id": code_id}).first()


def code_and_hold(db: Session, code: str) -> tuple[DiscountCode | None, Reservation | None]:
    """Return a code and the reservation that holds it, at one moment; for who changes neither."""
    return db.exec(_WITH_CODE, params={"code": code}).first() or (None, None)


def get(db: Session, reservation_id: int) -> Reservation | None:
    """Return the reservation with this row id."""
    return db.get(Reservation, reservation_id)


def find(db: Session, public_id: str) -> Reservation | None:
    """Return the reservation with this id."""
    return db.exec(select(Reservation).where(Reservation.public_id == public_id)).first()


def end_live(db: Session, code_id: int, *, now: datetime) -> None:
    """End the reservation that holds the code, if one does."""
    db.execute(
        update(Reservation)
        .where(col(Reservation.code_id) == code_id, col(Reservation.ended_at).is_(None))
        .values(ended_at=now)
    )
