"""What an offer's brand sees of it: people, visits, orders, and where the money stands."""

from dataclasses import dataclass

from sqlmodel import Session

from rewards import aggregates, budget
from rewards.money import WHOLE
from server.errors import NotFound
from server.services import forests
from server.store import counts, offers


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """An offer's totals; amounts in minor units.

    ``people`` and ``shares`` are about customers, so a brand sees them only of many, rounded
    (docs/ENGINE.md); the rest are the brand's own orders and money, and visits by nobody in
    particular.  ``liability_minor`` is what is promised, pending and granted, rounded up; together
    with ``remaining_minor``, rounded down, it is the budget.
    """

    people: aggregates.Table
    shares: int | None
    clicks: int
    not_counted_clicks: int
    visits_verified: int
    orders: int
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


def of_offer(db: Session, *, brand_id: int, public_id: str) -> OfferFigures:
    """Return the totals of the brand's offer.

    Raises:
        NotFound: the brand has no such offer.

    """
    offer = offers.find_by_public_id(db, public_id)
    if offer is None or offer.brand_id != brand_id or offer.id is None:
        raise NotFound("There is no such offer.")
    totals = forests.totals_of(offer)
    sums = counts.of_offer(db, offer.id)
    people = aggregates.table((who, "sharing") for who in counts.people_of(db, offer.id))
    vested = totals.vest // WHOLE
    return OfferFigures(
        people=people,
        shares=None if people.total is None else sums.shares,
        clicks=sums.clicks,
        not_counted_clicks=sums.not_counted_clicks,
        visits_verified=sums.visits_verified,
        orders=sums.orders,
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
