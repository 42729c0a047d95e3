"""Sums over the tables of one offer; no table of its own."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from rewards.decision import Reason
from server.store.clicks import ClickCount
from server.store.conversions import Conversion
from server.store.participants import Participant
from server.store.shares import Share
from server.store.visits import Visit, VisitOutcome


class OfferCounts(NamedTuple):
    """How much there is of everything in one offer; amounts in minor units."""

    shares: int
    clicks: int
    not_counted_clicks: int
    visits_verified: int
    orders: int
    net_minor: int
    refunded_minor: int
    credited_minor: int
    granted_minor: int
    redeemed_minor: int


def of_offer(db: Session, offer_id: int, *, before: datetime) -> OfferCounts:
    """Count everything in an offer: orders and money as they are, what people did before then."""
    granted, redeemed = db.exec(
        select(
            func.coalesce(func.sum(Participant.granted_minor), 0),
            func.coalesce(func.sum(Participant.redeemed_minor), 0),
        ).where(Participant.offer_id == offer_id)
    ).one()
    orders, net, refunded, credited = db.exec(
        select(
            func.count(),
            func.coalesce(func.sum(Conversion.net_minor), 0),
            func.coalesce(func.sum(Conversion.refunded_minor), 0),
            func.coalesce(func.sum(Conversion.credited_minor), 0),
        ).where(Conversion.offer_id == offer_id, col(Conversion.participant_id).is_not(None))
    ).one()
    shares = db.exec(
        select(func.count()).where(Share.offer_id == offer_id, Share.created_at < before)
    ).one()
    clicks = db.exec(
        select(func.count()).where(Visit.offer_id == offer_id, Visit.clicked_at < before)
    ).one()
    verified = db.exec(
        select(func.count()).where(
            Visit.offer_id == offer_id,
            Visit.outcome == VisitOutcome.COUNTED,
            Visit.clicked_at < before,
        )
    ).one()
    others = db.exec(
        select(func.coalesce(func.sum(ClickCount.clicks), 0))
        .join(Share, col(Share.id) == ClickCount.share_id)
        .where(Share.offer_id == offer_id)
    ).one()
    return OfferCounts(
        shares,
        clicks,
        int(others),
        verified,
        orders,
        int(net),
        int(refunded),
        int(credited),
        int(granted),
        int(redeemed),
    )


def refused_of(db: Session, offer_id: int) -> list[tuple[str, int]]:
    """Return why orders of an offer count for nobody and how many each, the most frequent first."""
    wanted = (
        select(col(Conversion.reason), func.count())
        .where(
            col(Conversion.offer_id) == offer_id,
            col(Conversion.reason).is_not(None),
            col(Conversion.reason).not_in(tuple(Reason)),
        )
        .group_by(col(Conversion.reason))
        .order_by(func.count().desc(), col(Conversion.reason))
    )
    return [(str(reason), int(count)) for reason, count in db.exec(wanted)]


def people_of(db: Session, offer_id: int, *, before: datetime) -> list[int]:
    """Return the members who took part in an offer before a moment."""
    wanted = select(Participant.member_id).where(
        Participant.offer_id == offer_id, Participant.joined_at < before
    )
    return list(db.exec(wanted))


def of_share(db: Session, *, share_id: int, participant_id: int) -> tuple[int, int]:
    """Return how many verified visits and how many orders count for a share of a participant."""
    visits = db.exec(
        select(func.count()).where(
            Visit.share_id == share_id, Visit.outcome == VisitOutcome.COUNTED
        )
    ).one()
    orders = db.exec(
        select(func.count()).where(
            Conversion.participant_id == participant_id,
            Conversion.share_id == share_id,
            col(Conversion.vests_at).is_not(None),
        )
    ).one()
    return visits, orders
