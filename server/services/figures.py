"""What an offer's brand sees of it: people, visits, orders, and where the money stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import aggregates, budget
from rewards.money import WHOLE
from server.errors import NotFound
from server.services import attribution, forests
from server.store import counts, offers


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """An offer's totals; amounts in minor units.

    ``people``, ``shares``, ``clicks`` and ``visits_verified`` are about customers and friends, so a
    brand sees them only of many, rounded (docs/ENGINE.md), and as they were at ``as_of``: who could
    watch them change would see who came.  The rest are machines, and the brand's own orders and
    money; ``refused`` says in sentences why some of its orders count for nobody.
    ``liability_minor`` is what is promised, pending and granted, rounded up; together with
    ``remaining_minor``, rounded down, it is the budget.
    """

    as_of: datetime
    people: aggregates.Table
    shares: int | None
    clicks: int | None
    visits_verified: int | None
    not_counted_clicks: int
    orders: int
    refused: tuple[tuple[str, int], ...]
    net_minor: int
    refunded_minor: int
    credited_minor: int
    pending_minor: int
    payable_minor: int
    granted_minor: int
    redeemed_minor: int
    liability_minor: int
    budget_minor: int
    remaining_minor: int


def of_offer(db: Session, *, brand_id: int, public_id: str, now: datetime) -> OfferFigures:
    """Return the totals of the brand's offer; of people, those of the last midnight (UTC).

    Raises:
        NotFound: the brand has no such offer.

    """
    offer = offers.find_by_public_id(db, public_id)
    if offer is None or offer.brand_id != brand_id or offer.id is None:
        raise NotFound("There is no such offer.")
    totals = forests.totals_of(offer)
    as_of = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sums = counts.of_offer(db, offer.id, before=as_of)
    sharing = counts.people_of(db, offer.id, before=as_of)
    people = aggregates.table((who, "sharing") for who in sharing)
    vested = totals.vest // WHOLE
    return OfferFigures(
        as_of=as_of,
        people=people,
        shares=None if people.total is None else aggregates.count(sums.shares),
        clicks=aggregates.count(sums.clicks),
        visits_verified=aggregates.count(sums.visits_verified),
        not_counted_clicks=sums.not_counted_clicks,
        orders=sums.orders,
        refused=tuple(
            (attribution.REFUSED[reason], count)
            for reason, count in counts.refused_of(db, offer.id)
        ),
        net_minor=sums.net_minor,
        refunded_minor=sums.refunded_minor,
        credited_minor=sums.credited_minor,
        pending_minor=totals.pot // WHOLE - vested,
        payable_minor=vested - sums.granted_minor,
        granted_minor=sums.granted_minor,
        redeemed_minor=sums.redeemed_minor,
        liability_minor=budget.liability_minor_rounded_up(totals),
        budget_minor=totals.budget_minor,
        remaining_minor=budget.remaining_minor_rounded_down(totals),
    )
