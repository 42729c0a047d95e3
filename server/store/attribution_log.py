"""What touched one member: visits, orders and referrals, as sharer and as friend; newest first.

Entries have one order over all tables: by moment, newest first, then by where they come from, then
by row id.  A page begins behind the last entry of the page before, so that it stays in step while
rows are added.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy import select as rows_of
from sqlmodel import Session

from server.store import holds
from server.store.cases import CaseState, ReviewCase
from server.store.findings import Finding
from server.store.integrity_cases import IntegrityCase
from server.store.own_records.kinds import (
    BRAND,
    CONVERSION,
    OFFER,
    PARTICIPANT,
    SHARE,
    VISIT,
    table_of,
)
from server.store.referrals import Referral
from server.store.reversals import Reversal

_REFERRAL, _REVERSAL, _CASE = table_of(Referral), table_of(Reversal), table_of(ReviewCase)
_FINDING, _REVIEW = table_of(Finding), table_of(IntegrityCase)


class Source(IntEnum):
    """What an entry is about; the numbers are the order of entries of the same moment."""

    ORDER_BROUGHT = 1
    VISIT_BROUGHT = 2
    FRIEND_BROUGHT = 3
    ORDER_OF_MINE = 4
    VISIT_OF_MINE = 5
    REFERRAL_OF_MINE = 6
    FOUND = 7


class Place(NamedTuple):
    """Where an entry stands in the log."""

    at: datetime
    source: int
    row_id: int


class Entry(NamedTuple):
    """One thing that touched the member, with the columns that its source has."""

    place: Place
    values: Mapping[str, Any]


class Refund(NamedTuple):
    """What one refund changed of what an order counts for."""

    reversed_at: datetime
    credited_before_minor: int
    credited_after_minor: int


_NAMES = (BRAND.c.name.label("brand"), OFFER.c.title.label("offer"))
_VISIT = (VISIT.c.outcome, VISIT.c.verified_at, VISIT.c.credited, VISIT.c.vests_at)
_ORDER = (
    CONVERSION.c.credited_minor,
    CONVERSION.c.currency,
    CONVERSION.c.reason,
    CONVERSION.c.vests_at,
    CONVERSION.c.vested_at,
)
_NAMED = SHARE.c.shown_as.label("name")


def _of_orders() -> Select[Any]:
    return (
        rows_of(CONVERSION.c.ordered_at, CONVERSION.c.id, *_NAMES, *_ORDER, _NAMED)
        .select_from(CONVERSION)
        .join(BRAND, BRAND.c.id == CONVERSION.c.brand_id)
        .outerjoin(OFFER, OFFER.c.id == CONVERSION.c.offer_id)
        .outerjoin(SHARE, SHARE.c.id == CONVERSION.c.share_id)
    )


def _of_visits() -> Select[Any]:
    return (
        rows_of(
            *(VISIT.c.clicked_at, VISIT.c.id, *_NAMES, *_VISIT),
            *(VISIT.c.vested_at, VISIT.c.visitor_key, _NAMED),
        )
        .select_from(VISIT)
        .join(SHARE, SHARE.c.id == VISIT.c.share_id)
        .join(OFFER, OFFER.c.id == VISIT.c.offer_id)
        .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    )


def _of_referrals() -> Select[Any]:
    return (
        rows_of(_REFERRAL.c.claimed_at, _REFERRAL.c.id, *_NAMES, _REFERRAL.c.friend_id, _NAMED)
        .select_from(_REFERRAL)
        .join(SHARE, SHARE.c.id == _REFERRAL.c.share_id)
        .join(OFFER, OFFER.c.id == _REFERRAL.c.offer_id)
        .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    )


def _of_findings() -> Select[Any]:
    return (
        rows_of(
            *(_FINDING.c.began_at, _FINDING.c.id, *_NAMES, _FINDING.c.standing),
            *(_FINDING.c.anomalies, _FINDING.c.covers_from, _FINDING.c.covers_until),
            *(_FINDING.c.ends_at, _FINDING.c.ended_at, _FINDING.c.outcome),
            _REVIEW.c.public_id.label("name"),
        )
        .select_from(_FINDING)
        .join(PARTICIPANT, PARTICIPANT.c.id == _FINDING.c.participant_id)
        .join(OFFER, OFFER.c.id == PARTICIPANT.c.offer_id)
        .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
        .outerjoin(_REVIEW, _REVIEW.c.id == _FINDING.c.case_id)
    )


_SOURCES: dict[Source, tuple[Select[Any], ColumnElement[Any]]] = {
    Source.ORDER_BROUGHT: (
        _of_orders().join(PARTICIPANT, PARTICIPANT.c.id == CONVERSION.c.participant_id),
        PARTICIPANT.c.member_id,
    ),
    Source.VISIT_BROUGHT: (_of_visits(), SHARE.c.member_id),
    Source.FRIEND_BROUGHT: (_of_referrals(), SHARE.c.member_id),
    Source.ORDER_OF_MINE: (_of_orders(), CONVERSION.c.buyer_id),
    Source.VISIT_OF_MINE: (_of_visits(), VISIT.c.friend_id),
    Source.REFERRAL_OF_MINE: (_of_referrals(), _REFERRAL.c.friend_id),
    Source.FOUND: (_of_findings(), PARTICIPANT.c.member_id),
}
"""How each source is read, and the column that names the member."""


def of_member(db: Session, member_id: int, *, behind: Place | None, limit: int) -> list[Entry]:
    """Return what touched a member, newest first, from behind a place on."""
    found = (_some(db, source, member_id, behind, limit) for source in Source)
    return list(islice(merge(*found, key=lambda entry: _order(entry.place)), limit))


def refunds(db: Session, conversion_ids: list[int]) -> dict[int, list[Refund]]:
    """Return what each refund of these orders changed, oldest first."""
    wanted = rows_of(
        _REVERSAL.c.conversion_id,
        _REVERSAL.c.reversed_at,
        _REVERSAL.c.credited_before_minor,
        _REVERSAL.c.credited_after_minor,
    ).where(_REVERSAL.c.conversion_id.in_(conversion_ids))
    found: dict[int, list[Refund]] = {}
    for row in db.connection().execute(wanted.order_by(_REVERSAL.c.id)):
        found.setdefault(row.conversion_id, []).append(Refund(*row[1:]))
    return found


def held(db: Session, conversion_ids: list[int]) -> set[int]:
    """Return which of these orders an open case or a nightly check holds."""
    wanted = rows_of(_CASE.c.conversion_id).where(
        _CASE.c.conversion_id.in_(conversion_ids), _CASE.c.state == CaseState.OPEN
    )
    disputed = {row.conversion_id for row in db.connection().execute(wanted)}
    return disputed | holds.orders_held(db, conversion_ids)


def _some(
    db: Session, source: Source, member_id: int, behind: Place | None, limit: int
) -> list[Entry]:
    wanted, member = _SOURCES[source]
    at, row_id = list(wanted.selected_columns)[:2]
    wanted = wanted.where(member == member_id)
    if behind is not None:
        wanted = wanted.where(_is_behind(at, row_id, source, behind))
    rows = db.connection().execute(wanted.order_by(at.desc(), row_id.desc()).limit(limit))
    return [Entry(Place(row[at], source, row[row_id]), dict(row)) for row in rows.mappings()]


def _is_behind(
    at: ColumnElement[Any], row_id: ColumnElement[Any], source: Source, behind: Place
) -> ColumnElement[bool]:
    """Tell which rows of a source come after a place."""
    if source > behind.source:
        return at <= behind.at
    if source < behind.source:
        return at < behind.at
    return or_(at < behind.at, and_(at == behind.at, row_id < behind.row_id))


def _order(place: Place) -> tuple[float, int, int]:
    return (-place.at.timestamp(), place.source, -place.row_id)
