"""Everything that is kept of one visitor of one offer, and erasing it; no table of its own.

A visitor is known by the token of one visit, and by the key that their other visits of that day to
that offer share with it.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, and_, bindparam, delete, or_, select, update
from sqlmodel import Session, col

from server import tokens
from server.store.consents import Consent
from server.store.conversions import Conversion
from server.store.identities import OrderIdentity
from server.store.referrals import Referral
from server.store.shares import Share
from server.store.visits import ARRIVED, EVIDENCE, Arrived, Visit

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]


class Kept(NamedTuple):
    """One visit of a visitor, with what decides how it can be erased."""

    id: int
    participant_id: int
    clicked_at: datetime
    outcome: str | None
    credited: bool
    vested_at: datetime | None
    is_confirmed: bool
    """Whether a member said, and still says, that they were brought by it."""


_LOCK = ARRIVED.with_for_update(of=_VISIT)
_KEY = select(_VISIT.c.visitor_key).where(_VISIT.c.token == bindparam("token"))
_CONFIRMED = (
    select(col(Referral.id))
    .join(Consent, col(Consent.id) == col(Referral.consent_id))
    .where(col(Referral.visit_id) == _VISIT.c.id, col(Consent.withdrawn_at).is_(None))
    .correlate(_VISIT)
    .exists()
)
_OF_VISITOR = (
    select(
        _VISIT.c.id,
        col(Share.participant_id),
        _VISIT.c.clicked_at,
        _VISIT.c.outcome,
        _VISIT.c.credited,
        _VISIT.c.vested_at,
        _CONFIRMED,
    )
    .join(Share, col(Share.id) == _VISIT.c.share_id)
    .where(
        or_(
            _VISIT.c.token == bindparam("token"),
            and_(
                _VISIT.c.offer_id == bindparam("offer_id"),
                _VISIT.c.visitor_key == bindparam("key"),
            ),
        )
    )
    .order_by(_VISIT.c.id)
    .with_for_update(of=_VISIT)
)


def lock(db: Session, token: str) -> Arrived | None:
    """Return the visit that carries this token, with its share, and keep it from being erased."""
    row = db.connection().execute(_LOCK, {"token": token}).first()
    return Arrived(*row) if row else None


def is_there(db: Session, visit_id: int) -> bool:
    """Tell whether there is still a visit with this id, whatever this session read before."""
    wanted = select(_VISIT.c.id).where(_VISIT.c.id == visit_id)
    return db.connection().execute(wanted).first() is not None


def lock_of_visitor(db: Session, *, offer_id: int, token: str) -> list[Kept]:
    """Return the visits of whoever carries this token, oldest first, and lock them in that order.

    Call ``offers.lock`` before: who holds it alone decides about the offer's visitors.
    """
    found = db.connection().execute(_KEY, {"token": token}).first()
    if found is None:
        return []
    wanted = {"offer_id": offer_id, "token": token, "key": found[0]}
    return [Kept(*row) for row in db.connection().execute(_OF_VISITOR, wanted)]


def blank(db: Session, visit_id: int, **changed: object) -> None:
    """Take everything from a visit that could lead to its visitor; the row stays as a number."""
    gone = dict.fromkeys(("visitor_key", "friend_id", "nonce", "nonce_at", *EVIDENCE))
    never_told = tokens.secret()[:32]
    row = update(_VISIT).where(_VISIT.c.id == visit_id)
    db.connection().execute(row.values(token=never_told, **gone, **changed))


def delete_all(db: Session, visit_ids: list[int]) -> None:
    """Delete visits."""
    db.connection().execute(delete(_VISIT).where(_VISIT.c.id.in_(visit_ids)))


def let_go(db: Session, visit_ids: list[int], *, confirmed: list[int]) -> None:
    """Let orders and referrals stand without their visits.

    A referral that its friend still confirms keeps the ``confirmed`` ones, which say when it was.
    """
    connection = db.connection()
    if connection.dialect.name == "sqlite":  # nothing of the visits is left in the file
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    theirs = col(Conversion.visit_id).in_(visit_ids)
    orders = select(col(Conversion.id)).where(theirs)
    connection.execute(delete(OrderIdentity).where(col(OrderIdentity.conversion_id).in_(orders)))
    connection.execute(update(Conversion).where(theirs).values(visit_id=None))
    unconfirmed = [visit_id for visit_id in visit_ids if visit_id not in confirmed]
    connection.execute(
        update(Referral).where(col(Referral.visit_id).in_(unconfirmed)).values(visit_id=None)
    )
    db.expire_all()
