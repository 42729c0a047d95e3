"""Reporting orders and their refunds."""

from datetime import datetime
from typing import Annotated

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from rewards.money import Money
from server import clock
from server.services import conversions, reversals
from server.services.attribution import Evidence
from server.services.identities import Said
from server.web import buyers, caller
from server.web.partner import PREFIX, once
from server.web.shapes import Currency, Hash, In, Line, Minor, Moment, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_conversions",
    __name__,
    url_prefix=f"{PREFIX}/conversions",
    abp_tags=[Tag(name="conversions")],
)


class ConversionIn(In):
    """One order.  ``net_minor`` is without tax, shipping and the discount.

    ``visit_token`` is what ``fanfare.visit()`` gave to the checkout; ``code`` a discount code or a
    link code that the buyer used.  ``buyer_ref`` is your number for the buyer; ``payment_hash`` and
    ``delivery_hash`` tell one card and one address from another.  All three are kept as keyed
    hashes for a while, to know orders that the sharer placed.
    """

    order_ref: Line
    net_minor: Minor
    currency: Currency
    is_new_customer: Annotated[bool, Field(strict=True)]
    visit_token: Line | None = None
    code: Line | None = None
    buyer_ref: Line | None = None
    payment_hash: Hash | None = None
    delivery_hash: Hash | None = None
    ordered_at: Moment | None = None


class ConversionOut(Out):
    """What became of an order: credited or not, for how much, and why."""

    conversion_id: str
    order_ref: str
    offer_id: str | None
    net_minor: int
    currency: str
    credited_minor: int
    refunded_minor: int
    reason: str | None
    why: str
    vests_at: datetime | None
    vested_at: datetime | None

    @classmethod
    def of(cls, found: conversions.ConversionView) -> "ConversionOut":
        """Return a conversion as the API writes it."""
        return cls(
            conversion_id=found.public_id,
            order_ref=found.order_ref,
            offer_id=found.offer_public_id,
            net_minor=found.net_minor,
            currency=found.currency,
            credited_minor=found.credited_minor,
            refunded_minor=found.refunded_minor,
            reason=found.reason,
            why=found.why,
            vests_at=found.vests_at,
            vested_at=found.vested_at,
        )


class ReversalIn(In):
    """One refund; without an amount, all that is left of the order."""

    reversal_ref: Line
    amount_minor: Minor | None = None


class ReversalOut(Out):
    """One refund, and what the order counts for before and after it."""

    reversal_ref: str
    amount_minor: int
    credited_before_minor: int
    credited_after_minor: int
    conversion: ConversionOut


class ConversionPath(BaseModel):
    """Which conversion."""

    conversion_id: PublicId


@bp.post("", responses={200: ConversionOut, 201: ConversionOut, 409: ProblemOut, 422: ProblemOut})
def create(header: once.OnceHeader, body: ConversionIn) -> Response:
    """Report an order; a repeated report gets the first answer."""
    partner = caller.partner("conversions:write")

    def report(db: Session) -> tuple[ConversionOut, int]:
        said = Said(body.buyer_ref, body.payment_hash, body.delivery_hash)
        buyer = buyers.known_by(db, partner.brand_id, said)
        found = conversions.report(
            db,
            brand_id=partner.brand_id,
            order_ref=body.order_ref,
            net=Money(body.net_minor, body.currency),
            is_new_customer=body.is_new_customer,
            evidence=Evidence(body.visit_token, body.code, buyer),
            ordered_at=body.ordered_at,
            now=clock.now(),
        )
        return ConversionOut.of(found), 201 if found.is_new else 200

    return once.answer(partner, header, report)


@bp.post(
    "/<conversion_id>/reversals",
    responses={
        200: ReversalOut,
        201: ReversalOut,
        404: ProblemOut,
        409: ProblemOut,
        422: ProblemOut,
    },
)
def reverse(path: ConversionPath, header: once.OnceHeader, body: ReversalIn) -> Response:
    """Report a refund, whole or in part; it undoes exactly what the order brought."""
    partner = caller.partner("conversions:write")

    def undo(db: Session) -> tuple[ReversalOut, int]:
        found = reversals.reverse(
            db,
            brand_id=partner.brand_id,
            conversion_public_id=path.conversion_id,
            reversal_ref=body.reversal_ref,
            amount_minor=body.amount_minor,
            now=clock.now(),
        )
        out = ReversalOut(
            reversal_ref=found.reversal_ref,
            amount_minor=found.amount_minor,
            credited_before_minor=found.credited_before_minor,
            credited_after_minor=found.credited_after_minor,
            conversion=ConversionOut.of(found.conversion),
        )
        return out, 201 if found.is_new else 200

    return once.answer(partner, header, undo)
