"""Visits whose time is over: those that nothing came of go, the others lose what led to a visitor.

No table of its own.  A blank visit has no key, no nonce, and a token that nobody was ever told.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_, case, delete, exists, or_, select
from sqlmodel import Session

from server import tokens
from server.store import visits
from server.store.conversions import Conversion
from server.store.referrals import Referral
from server.store.visits import EVIDENCE, Visit, VisitOutcome

_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_REFERRAL: Table = Referral.__table__  # type: ignore[attr-defined]
_CONVERSION: Table = Conversion.__table__  # type: ignore[attr-defined]

_IS_NAMED = or_(
    exists().where(_REFERRAL.c.visit_id == _VISIT.c.id).correlate(_VISIT),
    exists().where(_CONVERSION.c.visit_id == _VISIT.c.id).correlate(_VISIT),
)
_IS_SETTLED = or_(
    _VISIT.c.verified_at.is_(None),
    and_(
        _VISIT.c.outcome.is_not(None),
        or_(_VISIT.c.outcome != VisitOutcome.COUNTED, _VISIT.c.vested_at.is_not(None)),
    ),
)
"""Nobody verifies, counts or vests it any more."""
_NO_EVIDENCE = dict.fromkeys(EVIDENCE)
_NOTHING = {"visitor_key": None, "nonce": None, **_NO_EVIDENCE}


class Window(NamedTuple):
    """How long visits to some offers may still bring an order."""

    length: timedelta
    offer_ids: tuple[int, ...]


def is_due(db: Session, *, now: datetime, usual: timedelta, longer: Collection[Window]) -> bool:
    """Tell whether there is a visit to forget."""
    wanted = select(_VISIT.c.id).where(_is_old(now, usual, longer)).limit(1)
    return db.connection().execute(wanted).first() is not None


def forget(
    db: Session, *, now: datetime, usual: timedelta, longer: Collection[Window], limit: int
) -> int:
    """Delete or blank some visits that are older than ``usual``, or than an offer's own window.

    Returns how many there were.
    """
    stays = case((_VISIT.c.verified_at.is_not(None), True), else_=_IS_NAMED)
    wanted = (
        select(_VISIT.c.id, stays)
        .where(_is_old(now, usual, longer))
        .order_by(_VISIT.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=_VISIT)
    )
    found = db.connection().execute(wanted).all()
    gone = [visit_id for visit_id, stays in found if not stays]
    db.connection().execute(delete(_VISIT).where(_VISIT.c.id.in_(gone)))
    visits.save(
        db,
        [
            {"row_id": visit_id, "token": _unknown_token(), **_NOTHING}
            for visit_id, stays in found
            if stays
        ],
    )
    return len(found)


def has_old_evidence(db: Session, *, now: datetime, after: timedelta) -> bool:
    """Tell whether there is evidence to empty."""
    wanted = select(_VISIT.c.id).where(_is_evident(now, after)).limit(1)
    return db.connection().execute(wanted).first() is not None


def forget_evidence(db: Session, *, now: datetime, after: timedelta, limit: int) -> int:
    """Empty what the nightly look needed of some visits; return how many there were."""
    wanted = (
        select(_VISIT.c.id)
        .where(_is_evident(now, after))
        .order_by(_VISIT.c.clicked_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=_VISIT)
    )
    found = db.connection().execute(wanted).scalars().all()
    visits.save(db, [{"row_id": visit_id, **_NO_EVIDENCE} for visit_id in found])
    return len(found)


def _is_evident(now: datetime, after: timedelta) -> ColumnElement[bool]:
    return and_(_VISIT.c.device.is_not(None), _VISIT.c.clicked_at <= now - after)


def _is_old(now: datetime, usual: timedelta, longer: Collection[Window]) -> ColumnElement[bool]:
    its_own = [
        and_(_VISIT.c.offer_id.in_(window.offer_ids), _VISIT.c.clicked_at > now - window.length)
        for window in longer
    ]
    return and_(
        _VISIT.c.visitor_key.is_not(None),
        _VISIT.c.clicked_at <= now - usual,
        _IS_SETTLED,
        *(~one for one in its_own),
    )


def _unknown_token() -> str:
    return tokens.secret()[:32]
