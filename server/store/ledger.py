"""The ledger: who owes whom, in minor units, by transfers that are never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, insert
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, reference, whole


class LedgerTransfer(SQLModel, table=True):
    """One amount that moved between two accounts of one offer.  Append-only.

    Accounts are written as ``budget`` or ``pending:7`` (kind and participant).  A correction is a
    new row that names the cause it undoes.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="transfer_is_positive"),
        CheckConstraint("debit <> credit", name="transfer_has_two_accounts"),
        Index("ledger_of_an_offer", "offer_id", "id"),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="transfer_in_an_offer")
    debit: str = Field(max_length=40)
    credit: str = Field(max_length=40)
    amount_minor: int = whole()
    cause: str = Field(max_length=160)
    rule_version: str = Field(max_length=20)
    reason: str = Field(max_length=40)
    undoes: str | None = Field(default=None, max_length=160)
    booked_at: datetime = moment()


_BOOK = insert(LedgerTransfer)


def book(db: Session, rows: list[dict[str, Any]]) -> None:
    """Append transfers, in order."""
    if rows:
        db.connection().execute(_BOOK, rows)


def of_offer(db: Session, offer_id: int) -> list[LedgerTransfer]:
    """Return every transfer of an offer in the order of booking."""
    wanted = select(LedgerTransfer).where(LedgerTransfer.offer_id == offer_id)
    return list(db.exec(wanted.order_by(col(LedgerTransfer.id))))


def balances(db: Session, offer_id: int) -> list[tuple[str, int]]:
    """Return the balance of every account that an offer ever touched, in minor units."""
    sums: dict[str, int] = {}
    for account, sign in ((LedgerTransfer.debit, -1), (LedgerTransfer.credit, 1)):
        rows = db.exec(
            select(account, func.sum(LedgerTransfer.amount_minor))
            .where(LedgerTransfer.offer_id == offer_id)
            .group_by(col(account))
        )
        for name, amount in rows:
            sums[name] = sums.get(name, 0) + sign * int(amount)
    return sorted(sums.items())


def granted(db: Session, offer_id: int) -> list[tuple[str, str, int]]:
    """Return account, cause and amount of every transfer that granted a code of an offer."""
    wanted = select(LedgerTransfer.credit, LedgerTransfer.cause, LedgerTransfer.amount_minor)
    rows = db.exec(
        wanted.where(LedgerTransfer.offer_id == offer_id, LedgerTransfer.reason == "granted")
    )
    return [(account, cause, int(amount)) for account, cause, amount in rows]
