"""What a brand offers, for its own back ends."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from rewards.terms import Terms
from server.services import offers
from server.services.clients import PARTNER_SCOPES
from server.web import caller
from server.web.database import reading
from server.web.partner import PREFIX, paging
from server.web.shapes import Out

bp = APIBlueprint(
    "partner_offers", __name__, url_prefix=f"{PREFIX}/offers", abp_tags=[Tag(name="offers")]
)


class TermsOut(Out):
    """What an offer pays, frozen when it was published; rates and weights in basis points."""

    thresholds_minor: list[int]
    rates_basis_points: list[int]
    returning_weight_basis_points: int
    new_weight_basis_points: int
    average_order_minor: int
    visit_credit_minor: int
    visit_share_basis_points: int
    min_grant_minor: int
    return_days: int
    attribution_days: int
    code_days: int

    @classmethod
    def of(cls, terms: Terms) -> "TermsOut":
        """Return terms as the API writes them."""
        return cls.model_validate(terms)


class BrandOfferOut(Out):
    """One offer, and what is left of its budget."""

    offer_id: str
    title: str
    status: str
    page_url: str
    landing: str
    currency: str
    budget_minor: int
    remaining_minor: int
    terms: TermsOut
    published_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, offer: offers.OfferView) -> "BrandOfferOut":
        """Return an offer as its brand's back ends read it."""
        assert offer.published_at is not None
        return cls(
            offer_id=offer.public_id,
            title=offer.title,
            status=offer.status,
            page_url=offer.page_url,
            landing=offer.landing,
            currency=offer.currency,
            budget_minor=offer.budget_minor,
            remaining_minor=offer.remaining_minor,
            terms=TermsOut.of(offer.terms),
            published_at=offer.published_at,
            ended_at=offer.ended_at,
        )


class BrandOffersOut(paging.PageOut):
    """One page of offers."""

    items: list[BrandOfferOut]


@bp.get("", responses={200: BrandOffersOut, 304: None})
def index(query: paging.PageQuery) -> Response:
    """List the brand's offers that were published, ended ones too, newest first."""
    partner = caller.partner(*PARTNER_SCOPES)
    page = paging.page(partner, query)
    with reading() as db:
        found = offers.public_of_brand(
            db, brand_id=partner.brand_id, before_id=page.before_id, limit=page.limit + 1
        )
    return paging.answer(page, [(row_id, BrandOfferOut.of(offer)) for row_id, offer in found])
