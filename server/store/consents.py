"""What people agreed to: which text, when, whether they took it back, and what stands on it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, UniqueConstraint, bindparam, update
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from server.errors import ConsentMissing
from server.store import writing
from server.store.columns import id_column, moment, reference


class Consent(SQLModel, table=True):
    """One person's permission for one purpose.  Only ``withdrawn_at`` is ever written later."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("public_id", name="consent_id_is_unique"),)

    id: int | None = id_column()
    public_id: str = Field(max_length=36)
    member_id: int = reference("member.id", name="consent_of_a_member", index=True)
    purpose: str = Field(max_length=40)
    text_hash: str = Field(max_length=64)
    text_version: str = Field(max_length=20)
    language: str = Field(max_length=5)
    surface: str = Field(max_length=20)
    given_at: datetime = moment()
    withdrawn_at: datetime | None = moment(optional=True)


def find(db: Session, consent_id: int) -> Consent | None:
    """Return the consent with this id."""
    return db.get(Consent, consent_id)


def of_member(db: Session, member_id: int) -> list[Consent]:
    """Return what a member agreed to, newest first."""
    wanted = select(Consent).where(Consent.member_id == member_id)
    return list(db.exec(wanted.order_by(col(Consent.id).desc())))


def live(db: Session, *, member_id: int, purpose: str) -> list[Consent]:
    """Return a member's consents for a purpose that they did not take back, newest first."""
    wanted = select(Consent).where(
        Consent.member_id == member_id,
        Consent.purpose == purpose,
        col(Consent.withdrawn_at).is_(None),
    )
    return list(db.exec(wanted.order_by(col(Consent.id).desc())))


def find_of_member(db: Session, *, member_id: int, public_id: str) -> Consent | None:
    """Return the member's own consent with this id."""
    wanted = select(Consent).where(Consent.member_id == member_id, Consent.public_id == public_id)
    return db.exec(wanted).first()


def put_consented(
    db: Session, model: type[SQLModel], values: dict[str, Any], *, purpose: str, member_id: int
) -> int | None:
    """Write a row that stands on a consent, if that consent is live; return the row's id.

    ``values["consent_id"]`` names the consent, which must be this member's and for this purpose.
    It is read and the row written in one statement, and nobody takes it back before the
    transaction ends.  None says that a unique constraint of the table found somebody first.

    Raises:
        ConsentMissing: there is no such consent, or it was taken back; nothing was written.

    """
    connection = db.connection()
    insert, live_one = _consented(model, tuple(values), connection.dialect.name)
    asked = {**values, "its_member": member_id, "its_purpose": purpose}
    id_ = connection.execute(insert, asked).scalar()
    if id_ is None and connection.execute(live_one, asked).first() is None:
        raise ConsentMissing("There is no consent for this; please read the text and agree to it.")
    return None if id_ is None else int(id_)


@lru_cache(maxsize=64)
def _consented(
    model: type[SQLModel], columns: tuple[str, ...], dialect: str
) -> tuple[writing.Returning, Any]:
    """Build the insert from the live consent, and the look at that consent alone."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    consent: Table = Consent.__table__  # type: ignore[attr-defined]
    is_live = (
        (consent.c.id == bindparam("consent_id"))
        & (consent.c.member_id == bindparam("its_member"))
        & (consent.c.purpose == bindparam("its_purpose"))
        & consent.c.withdrawn_at.is_(None)
    )
    row = rows_of(*(bindparam(name, type_=table.c[name].type) for name in columns))
    source = row.select_from(consent).where(is_live).with_for_update(read=True, of=consent)
    insert = writing.insert_into(model, dialect).from_select(columns, source)
    return (
        insert.on_conflict_do_nothing().returning(table.c.id),
        rows_of(consent.c.id).where(is_live).with_for_update(read=True),
    )


def withdraw(db: Session, consent_id: int, *, now: datetime) -> bool:
    """Take a consent back; return whether it was still alive."""
    taken = db.execute(
        update(Consent)
        .where(col(Consent.id) == consent_id, col(Consent.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]
