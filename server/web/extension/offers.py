"""Published offers as one small document, to be matched on the device."""

import hashlib
import json
from dataclasses import asdict

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from server.services import channels, consents, disclosures, offers
from server.web import caller, languages
from server.web.database import reading
from server.web.extension import PREFIX
from server.web.presentation import percent
from server.web.shapes import LanguageQuery, Out, ProblemOut

bp = APIBlueprint(
    "extension_offers", __name__, url_prefix=f"{PREFIX}/offers", abp_tags=[Tag(name="extension")]
)


class ConsentOut(Out):
    """A text that the person can agree to; ``hash`` names exactly these words."""

    purpose: str
    version: str
    language: str
    hash: str
    text: str


class ChannelOut(Out):
    """One way to share; ``dialog`` has places for ``{text}``, ``{link}`` and ``{host}``.

    Characters count up to ``text_limit`` (0 is no limit), wide ones twice if ``counts_wide``; the
    link counts ``link_length`` of them, or as many as it has if that is 0.
    """

    key: str
    title: str
    dialog: str
    text_limit: int
    link_length: int
    counts_wide: bool


class OfferOut(Out):
    """One published offer; thresholds in minor units, rates in basis points.

    With ``budget_spent`` nothing more can be earned in it.
    """

    id: str
    brand: str
    title: str
    page_url: str
    hosts: list[str]
    currency: str
    promise: str
    rates_basis_points: list[int]
    thresholds_minor: list[int]
    share_text: str
    disclosure: str
    return_days: int
    budget_spent: bool
    channels: list[str]

    @classmethod
    def of(cls, offer: offers.OfferView, hosts: list[str]) -> "OfferOut":
        """Return an offer as the extension reads it."""
        schedule = offer.terms.schedule
        return cls(
            id=offer.public_id,
            brand=offer.brand_name,
            title=offer.title,
            page_url=offer.page_url,
            hosts=hosts,
            currency=offer.currency,
            promise=languages.said(
                "Everything your link sets in motion earns {lowest} to {highest}.",
                lowest=percent(schedule.floor_basis_points),
                highest=percent(schedule.ceiling_basis_points),
            ),
            rates_basis_points=list(offer.terms.rates_basis_points),
            thresholds_minor=list(offer.terms.thresholds_minor),
            share_text=offer.share_text,
            disclosure=disclosures.TEXT[languages.current()],
            return_days=offer.terms.return_days,
            budget_spent=offer.remaining_minor <= 0,
            channels=list(channels.CHANNELS),
        )


class OffersOut(Out):
    """Every offer that can be shared now, and what the person agrees to."""

    version: str
    consent: ConsentOut
    referral_consent: ConsentOut
    channels: list[ChannelOut]
    offers: list[OfferOut]


@bp.get("", responses={200: OffersOut, 304: None, 401: ProblemOut, 422: ProblemOut})
def index(query: LanguageQuery) -> Response:
    """Give every published offer; with ``If-None-Match``, only when something changed."""
    caller.app_user("offers:read")
    languages.answer_in(query.language)
    with reading() as db:
        found = [OfferOut.of(offer, hosts) for offer, hosts in offers.published(db)]
    content = {
        "consent": _consent(consents.SHARE),
        "referral_consent": _consent(consents.REFERRAL),
        "channels": _channels(),
        "offers": [offer.model_dump() for offer in found],
    }
    written = json.dumps(content, sort_keys=True)
    version = hashlib.sha256(written.encode()).hexdigest()[:16]
    response = Response(
        json.dumps({"version": version, **content}), content_type="application/json"
    )
    response.set_etag(version)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def _consent(purpose: str) -> dict[str, str]:
    return ConsentOut.model_validate(consents.text(purpose, languages.current())).model_dump()


def _channels() -> list[dict[str, object]]:
    """Return every channel with its name in the language of the answer."""
    return [
        asdict(channel) | {"title": languages.said(channel.title)}
        for channel in channels.CHANNELS.values()
    ]
