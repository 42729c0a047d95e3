"""Discount codes, and the grants that gave them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Table, UniqueConstraint, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference, whole


class CodeState(StrEnum):
    """Where a code is in its life."""

    ISSUED = "issued"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


OUT = frozenset({CodeState.ISSUED, CodeState.RESERVED})
"""Where a code can still be used."""


class DiscountCode(SQLModel, table=True):
    """One single-use code with its grant: what it is worth, whose it is, and why it was given.

    ``value_minor`` is its face value as booked, which never changes; ``left_minor`` the most that
    it can still give, or gave where it is redeemed.  With a rate it gives that share of an order,
    up to what is left.  ``holder_hash`` binds it to a shop's number for its buyer.
    """

    __tablename__ = "discount_code"
    __table_args__ = (
        UniqueConstraint("code", name="discount_code_is_unique"),
        UniqueConstraint("participant_id", "event_id", name="code_once_per_event"),
        CheckConstraint("value_minor > 0", name="code_value_is_positive"),
        CheckConstraint(
            "state IN ('issued', 'reserved', 'redeemed', 'expired', 'revoked')",
            name="code_state_is_known",
        ),
        CheckConstraint("expires_at > issued_at", name="code_ends_after_it_begins"),
        CheckConstraint("rate_basis_points BETWEEN 1 AND 10000", name="code_rate_is_a_share"),
        CheckConstraint(
            "left_minor BETWEEN 0 AND value_minor", name="code_gives_at_most_its_value"
        ),
        CheckConstraint("min_order_minor >= 0", name="code_minimum_is_not_negative"),
    )

    id: int | None = id_column()
    code: str = Field(max_length=20)
    event_id: str = Field(max_length=36)
    brand_id: int = reference("brand.id", name="code_of_a_brand", index=True)
    offer_id: int = reference("offer.id", name="code_of_an_offer")
    participant_id: int = reference("participant.id", name="code_granted_to")
    value_minor: int = whole()
    left_minor: int = whole()
    rate_basis_points: int | None = Field(default=None)
    min_order_minor: int = whole(0)
    holder_hash: str | None = Field(default=None, max_length=64)
    currency: str = Field(max_length=3)
    state: str = Field(default=CodeState.ISSUED, max_length=10)
    why: str = Field(max_length=1000)
    issued_at: datetime = moment()
    expires_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


_TABLE: Table = DiscountCode.__table__  # type: ignore[attr-defined]
_BY_CODE = select(DiscountCode).where(DiscountCode.code == bindparam("code"))
_LOCK_BY_CODE = _BY_CODE.with_for_update().execution_options(populate_existing=True)
_LOCK = (
    select(DiscountCode)
    .where(DiscountCode.id == bindparam("code_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_CHANGE = update(_TABLE).where(
    _TABLE.c.id == bindparam("code_id"), _TABLE.c.state == bindparam("before")
)


def find(db: Session, code_id: int) -> DiscountCode | None:
    """Return the code with this id."""
    return db.get(DiscountCode, code_id)


def find_by_code(db: Session, code: str) -> DiscountCode | None:
    """Return the code as people write it, in capital letters."""
    return db.exec(_BY_CODE, params={"code": code}).first()


def lock(db: Session, code_id: int) -> DiscountCode:
    """Return the code and keep everybody else from changing it until we commit."""
    return db.exec(_LOCK, params={"code_id": code_id}).one()


def lock_by_code(db: Session, code: str) -> DiscountCode | None:
    """Return the code and keep everybody else from changing it until we commit."""
    return db.exec(_LOCK_BY_CODE, params={"code": code}).first()


def change(db: Session, row: DiscountCode, *, before: CodeState, **columns: Any) -> bool:
    """Change a code if it is still where it was before; tell whether it was."""
    done = db.connection().execute(_CHANGE, {"code_id": row.id, "before": before, **columns})
    if done.rowcount != 1:
        return False
    for name, value in columns.items():
        set_committed_value(row, name, value)
    return True


def find_by_event(db: Session, *, participant_id: int, event_id: str) -> DiscountCode | None:
    """Return the code that was granted for this request."""
    return db.exec(
        select(DiscountCode).where(
            DiscountCode.participant_id == participant_id, DiscountCode.event_id == event_id
        )
    ).first()


def of_participant(db: Session, participant_id: int) -> list[DiscountCode]:
    """Return the codes of a participant, newest first."""
    wanted = select(DiscountCode).where(DiscountCode.participant_id == participant_id)
    return list(db.exec(wanted.order_by(col(DiscountCode.id).desc())))
