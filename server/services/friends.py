"""What a friend who never signed up is told: who sent the link, what they earn, what is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.errors import NotFound
from server.services import consents, forests, landings
from server.store import brands, offers, shares, visits
from server.store.offers import Landing, OfferStatus


@dataclass(frozen=True, slots=True)
class Card:
    """One link, as the friend who opened it sees it.

    ``leads_to`` is the address of the brand's page with the visit's token, if there is a visit
    that can still count; empty if the brand has no such page any more.
    """

    share_id: int
    sharer_id: int
    shown_as: str
    channel: str
    shared_at: datetime
    opened_at: datetime | None
    """When the friend came; None if nothing was kept of it."""
    brand: str
    title: str
    words: str
    leads_to: str
    is_over: bool
    """Whether nothing new counts: the share was withdrawn, or the offer ended."""
    has_card: bool
    """Whether links lead here first, so that a visit may be seen to be real here."""
    lowest_basis_points: int
    highest_basis_points: int
    visit_credit_minor: int
    currency: str
    until: datetime | None
    """Until when an order or a confirmation by this visit counts."""
    is_spent: bool
    """Whether the budget has nothing left for new rewards at the moment."""


def of_visit(db: Session, *, visit_token: str, hand_on: bool) -> Card:
    """Return what the friend with this visit is told.

    ``hand_on`` says whether the brand's page may get the visit's token.

    Raises:
        NotFound: no visit has this token (any more).

    """
    visit = visits.arrived(db, visit_token)
    if visit is None:
        raise NotFound("We know nothing about this visit.")
    share = shares.find(db, visit.share_id)
    assert share is not None
    token = visit_token if hand_on else ""
    return _card(db, share, opened_at=visit.clicked_at, visit_token=token)


def of_link(db: Session, *, code: str) -> Card:
    """Return what a friend is told of whose coming nothing was kept.

    Raises:
        NotFound: there is no such link that leads to a card, or it leads nowhere any more.

    """
    share = shares.find_by_code(db, code)
    if share is not None:
        card = _card(db, share, opened_at=None, visit_token="")
        if card.has_card and not card.is_over:
            return card
    raise NotFound("There is no such link.")


def _card(
    db: Session, share: shares.Share, *, opened_at: datetime | None, visit_token: str
) -> Card:
    offer = offers.find(db, share.offer_id)
    assert offer is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    is_over = (
        share.withdrawn_at is not None
        or not consents.is_live(db, share.consent_id)
        or offer.status != OfferStatus.PUBLISHED
    )
    terms = forests.terms_of(offer)
    return Card(
        share_id=share.id or 0,
        sharer_id=share.member_id,
        shown_as=share.shown_as,
        channel=share.channel,
        shared_at=share.created_at,
        opened_at=opened_at,
        brand=brand.name,
        title=offer.title,
        words=offer.share_text,
        leads_to=_leads_to(db, offer, "" if is_over else visit_token),
        is_over=is_over,
        has_card=offer.landing == Landing.CARD,
        lowest_basis_points=terms.schedule.floor_basis_points,
        highest_basis_points=terms.schedule.ceiling_basis_points,
        visit_credit_minor=terms.visit_credit_minor,
        currency=terms.currency,
        until=opened_at and opened_at + timedelta(days=terms.attribution_days),
        is_spent=not forests.remaining_minor(offer),
    )


def _leads_to(db: Session, offer: offers.Offer, visit_token: str) -> str:
    """Return the offer's page: an address that the brand gave, on a host that it still owns."""
    hosts = {domain.host for domain in brands.domains(db, [offer.brand_id])}
    if not landings.is_on(offer.page_url, hosts):
        return ""
    if not visit_token:
        return landings.written(offer.page_url)
    return landings.with_token(offer.page_url, visit_token)
