"""One kind of record, and what all of them select from."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, Table, bindparam, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, SQLModel

from server.store.brands import Brand
from server.store.codes import DiscountCode
from server.store.conversions import Conversion
from server.store.offers import Offer
from server.store.participants import Participant
from server.store.redemptions import Redemption
from server.store.shares import Share
from server.store.visits import Visit


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: the tables whose rows it shows, and how they are selected."""

    name: str
    tables: tuple[str, ...]
    rows: Select[Any]

    def of_member(self, db: Session, member_id: int) -> list[dict[str, Any]]:
        """Return the records of this kind about a member, oldest first."""
        found = db.connection().execute(self.rows, {"member_id": member_id})
        return [dict(row) for row in found.mappings()]

    def count(self, db: Session, member_id: int) -> int:
        """Return how many records of this kind are about a member."""
        counted = rows_of(func.count()).select_from(self.rows.order_by(None).subquery())
        return db.connection().execute(counted, {"member_id": member_id}).scalar_one()


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a class."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


BRAND, OFFER, SHARE = table_of(Brand), table_of(Offer), table_of(Share)
VISIT, CONVERSION, PARTICIPANT = table_of(Visit), table_of(Conversion), table_of(Participant)
CODE, REDEMPTION = table_of(DiscountCode), table_of(Redemption)
ME: BindParameter[int] = bindparam("member_id")
