"""By what a brand's shop knows its buyers again, as keyed hashes: whose they are, on which orders.

A hash is made with a key of one brand and 90 days, and goes with that key; nothing else of a
number, a card or an address is ever written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, bindparam, delete
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from server.store import writing
from server.store.columns import id_column, moment, reference
from server.store.conversions import Conversion


class IdentityKind(StrEnum):
    """What a hash was made of."""

    BUYER = "buyer"
    """The shop's own number for its buyer."""
    STRIPE_BUYER = "stripe_buyer"
    """Stripe's number for a buyer of one account."""
    PAYMENT = "payment"
    """What tells one card or bank account from another."""
    DELIVERY = "delivery"
    """What tells one delivery address from another."""


BUYERS = (IdentityKind.BUYER, IdentityKind.STRIPE_BUYER)
"""One person's alone; a household may well share the others."""
_KNOWN = "kind IN ('buyer', 'stripe_buyer', 'payment', 'delivery')"


class IdentityKey(SQLModel, table=True):
    """One brand's key for the 90 days with this number since 1970; never changed.

    It goes ``ends_at``, 90 days after the last hash was made with it, and its hashes go along.
    """

    __tablename__ = "identity_key"
    __table_args__ = (UniqueConstraint("brand_id", "period", name="identity_key_once_per_period"),)

    id: int | None = id_column()
    brand_id: int = reference("brand.id", name="identity_key_of_a_brand")
    period: int
    sealed_key: str = Field(sa_type=Text)
    made_at: datetime = moment()
    ends_at: datetime = moment()


class OwnIdentity(SQLModel, table=True):
    """One hash that is a member's own: they used a code, or ordered signed in; never changed."""

    __tablename__ = "own_identity"
    __table_args__ = (
        UniqueConstraint("member_id", "hash", name="own_identity_once_per_person"),
        CheckConstraint(_KNOWN, name="own_identity_kind_is_known"),
        Index("own_identities_by_hash", "hash"),
    )

    id: int | None = id_column()
    key_id: int = reference("identity_key.id", name="own_identity_under_a_key", index=True)
    member_id: int = reference("member.id", name="own_identity_of_a_member")
    kind: str = Field(max_length=12)
    hash: str = Field(max_length=64)
    learnt_at: datetime = moment()


class OrderIdentity(SQLModel, table=True):
    """One hash of the buyer of an order that counts; never changed.

    Cards and addresses go when the order vests, for then nothing is asked of them any more.
    """

    __tablename__ = "order_identity"
    __table_args__ = (
        UniqueConstraint("conversion_id", "hash", name="order_identity_once_per_order"),
        CheckConstraint(_KNOWN, name="order_identity_kind_is_known"),
        Index("order_identities_by_hash", "hash"),
    )

    id: int | None = id_column()
    key_id: int = reference("identity_key.id", name="order_identity_under_a_key", index=True)
    conversion_id: int = reference("conversion.id", name="order_identity_of_an_order")
    kind: str = Field(max_length=12)
    hash: str = Field(max_length=64)


_LOCK = (
    select(IdentityKey)
    .where(IdentityKey.brand_id == bindparam("brand_id"), IdentityKey.period == bindparam("period"))
    .with_for_update()
)


def lock_key(db: Session, *, brand_id: int, period: int) -> IdentityKey | None:
    """Return a brand's key of a period, and keep others from learning or asking until we commit.

    Call this before any other lock: who is being learnt and whose order is being judged at the same
    moment do so one after the other.
    """
    return db.exec(_LOCK, params={"brand_id": brand_id, "period": period}).first()


def put_key(db: Session, values: dict[str, object]) -> None:
    """Write a key, unless the brand has one for its period."""
    writing.put_first(db, IdentityKey, values)


def living_keys(db: Session, *, brand_id: int, now: datetime) -> list[IdentityKey]:
    """Return the keys whose hashes still match."""
    wanted = select(IdentityKey).where(IdentityKey.brand_id == brand_id, IdentityKey.ends_at > now)
    return list(db.exec(wanted.order_by(col(IdentityKey.period).desc())))


def destroy(db: Session, key: IdentityKey) -> None:
    """Delete a key with everything that was hashed with it."""
    for model in (OwnIdentity, OrderIdentity):
        db.execute(delete(model).where(col(model.key_id) == key.id))
    db.delete(key)
    db.flush()


def own(db: Session, member_ids: Iterable[int], hashes: Sequence[str]) -> set[str]:
    """Return which of these hashes are the own ones of any of these members."""
    wanted = rows_of(col(OwnIdentity.hash)).where(
        col(OwnIdentity.hash).in_(hashes), col(OwnIdentity.member_id).in_(list(member_ids))
    )
    return set(db.execute(wanted).scalars())


def member_of(db: Session, hashes: Sequence[str]) -> int | None:
    """Return who was the first whose own one of these hashes is."""
    wanted = rows_of(col(OwnIdentity.member_id)).where(col(OwnIdentity.hash).in_(hashes))
    found = db.execute(wanted.order_by(col(OwnIdentity.id)).limit(1)).scalar()
    return None if found is None else int(found)


def put_own(db: Session, values: dict[str, object]) -> bool:
    """Write a member's own hash; return whether it is new.  The member must be locked."""
    return writing.put_first(db, OwnIdentity, values) is not None


def put_of_order(db: Session, values: dict[str, object]) -> None:
    """Write a hash of an order's buyer, unless it is there."""
    writing.put_first(db, OrderIdentity, values)


def first_order(
    db: Session, *, offer_id: int, hashes: Sequence[str], since: datetime
) -> Conversion | None:
    """Return the first order since a moment that was credited in an offer, with such a buyer."""
    same = rows_of(col(OrderIdentity.conversion_id)).where(col(OrderIdentity.hash).in_(hashes))
    wanted = select(Conversion).where(
        col(Conversion.id).in_(same),
        Conversion.offer_id == offer_id,
        Conversion.ordered_at >= since,
        Conversion.weight_basis_points > 0,
    )
    return db.exec(wanted.order_by(col(Conversion.id)).limit(1)).first()


def pending_like(db: Session, member_id: int) -> list[tuple[int, int]]:
    """Return orders that have not vested, not known as a member's, with a hash of theirs.

    Each is offer and order, in order of locking.
    """
    wanted = (
        rows_of(col(Conversion.offer_id), col(Conversion.id))
        .distinct()
        .join(OrderIdentity, col(OrderIdentity.conversion_id) == col(Conversion.id))
        .join(OwnIdentity, col(OwnIdentity.hash) == col(OrderIdentity.hash))
        .where(
            col(OwnIdentity.member_id) == member_id,
            col(Conversion.buyer_id).is_distinct_from(member_id),
            col(Conversion.vested_at).is_(None),
            col(Conversion.vests_at).is_not(None),
        )
        .order_by(col(Conversion.offer_id), col(Conversion.id))
    )
    return [(int(offer_id), int(order_id)) for offer_id, order_id in db.execute(wanted)]


def let_go(db: Session, conversion_id: int, *, kinds: Iterable[str]) -> None:
    """Delete what an order's buyer was known by, of these kinds."""
    db.execute(
        delete(OrderIdentity).where(
            col(OrderIdentity.conversion_id) == conversion_id,
            col(OrderIdentity.kind).in_(list(kinds)),
        )
    )
