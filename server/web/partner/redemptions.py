"""Using codes up."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from sqlmodel import Session

from rewards.money import Money
from server import clock
from server.services import redemptions
from server.web import caller
from server.web.partner import PREFIX, once
from server.web.shapes import Currency, In, Line, Minor, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_redemptions",
    __name__,
    url_prefix=f"{PREFIX}/redemptions",
    abp_tags=[Tag(name="redemptions")],
)


class RedemptionIn(In):
    """The code to use up, and the order it is used for."""

    code: Line
    order_ref: Line
    order_total_minor: Minor
    currency: Currency
    reservation_id: PublicId | None = None


class RedemptionOut(Out):
    """One use of one code for one order."""

    redemption_id: str
    code: str
    order_ref: str
    discount_minor: int
    currency: str
    redeemed_at: datetime

    @classmethod
    def of(cls, found: redemptions.RedemptionView) -> "RedemptionOut":
        """Return a redemption as the API writes it."""
        return cls(
            redemption_id=found.public_id,
            code=found.code,
            order_ref=found.order_ref,
            discount_minor=found.discount_minor,
            currency=found.currency,
            redeemed_at=found.redeemed_at,
        )


@bp.post(
    "",
    responses={
        200: RedemptionOut,
        201: RedemptionOut,
        404: ProblemOut,
        409: ProblemOut,
        422: ProblemOut,
    },
)
def create(header: once.OnceHeader, body: RedemptionIn) -> Response:
    """Use a code up for an order; a repeated request gets the first answer."""
    partner = caller.partner("codes:redeem")

    def redeem(db: Session) -> tuple[RedemptionOut, int]:
        found = redemptions.redeem(
            db,
            client_id=partner.id,
            brand_id=partner.brand_id,
            code=body.code,
            order_ref=body.order_ref,
            order_total=Money(body.order_total_minor, body.currency),
            reservation_id=body.reservation_id,
            now=clock.now(),
        )
        return RedemptionOut.of(found), 201 if found.is_new else 200

    return once.answer(partner, header, redeem)
