"""Using codes up, and undoing that."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel
from sqlmodel import Session

from server import clock
from server.services import redemptions, rollbacks
from server.services.identities import Said
from server.web import buyers, caller
from server.web.database import reading
from server.web.partner import PREFIX, once, paging
from server.web.partner.uses import CodeUseIn
from server.web.shapes import In, Line, Minor, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_redemptions",
    __name__,
    url_prefix=f"{PREFIX}/redemptions",
    abp_tags=[Tag(name="redemptions")],
)


class RedemptionIn(CodeUseIn):
    """The code to use up, and the order it is used for; directly, or from a reservation."""

    reservation_id: PublicId | None = None


class RedemptionOut(Out):
    """One use of one code for one order; when nothing of it is left, it has ended."""

    redemption_id: str
    code: str
    order_ref: str
    order_total_minor: int
    discount_minor: int
    rolled_back_minor: int
    currency: str
    redeemed_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, found: redemptions.RedemptionView) -> "RedemptionOut":
        """Return a redemption as the API writes it."""
        return cls(
            redemption_id=found.public_id,
            code=found.code,
            order_ref=found.order_ref,
            order_total_minor=found.order_total_minor,
            discount_minor=found.discount_minor,
            rolled_back_minor=found.rolled_back_minor,
            currency=found.currency,
            redeemed_at=found.redeemed_at,
            ended_at=found.ended_at,
        )


class RollbackIn(In):
    """What to undo; without an amount, all that is left of the redemption."""

    rollback_ref: Line
    amount_minor: Minor | None = None


class RollbackOut(Out):
    """One rollback, where it left the code, and the redemption after it."""

    rollback_ref: str
    amount_minor: int
    code_state: str
    rolled_back_at: datetime
    redemption: RedemptionOut


class RedemptionPath(BaseModel):
    """Which redemption."""

    redemption_id: PublicId


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
        buyer = buyers.known_by(db, partner.brand_id, Said(body.buyer_ref))
        found = redemptions.redeem(
            db,
            client_id=partner.id,
            code=body.code,
            order_ref=body.order_ref,
            use=body.use(partner),
            reservation_id=body.reservation_id,
            buyer=buyer,
            now=clock.now(),
        )
        return RedemptionOut.of(found), 201 if found.is_new else 200

    return once.answer(partner, header, redeem)


@bp.post(
    "/<redemption_id>/rollback",
    responses={
        200: RollbackOut,
        201: RollbackOut,
        404: ProblemOut,
        409: ProblemOut,
        422: ProblemOut,
    },
)
def roll_back(path: RedemptionPath, header: once.OnceHeader, body: RollbackIn) -> Response:
    """Undo a redemption, whole or in part; a repeated request gets the first answer."""
    partner = caller.partner("codes:redeem")

    def undo(db: Session) -> tuple[RollbackOut, int]:
        found = rollbacks.roll_back(
            db,
            brand_id=partner.brand_id,
            redemption_public_id=path.redemption_id,
            rollback_ref=body.rollback_ref,
            amount_minor=body.amount_minor,
            now=clock.now(),
        )
        out = RollbackOut(
            rollback_ref=found.rollback_ref,
            amount_minor=found.amount_minor,
            code_state=found.code_state,
            rolled_back_at=found.rolled_back_at,
            redemption=RedemptionOut.of(found.redemption),
        )
        return out, 201 if found.is_new else 200

    return once.answer(partner, header, undo)


class RedemptionQuery(paging.PageQuery):
    """Which redemptions: all, or those of one order or of one code."""

    order_ref: Line | None = None
    code: Line | None = None


class RedemptionsOut(paging.PageOut):
    """One page of redemptions."""

    items: list[RedemptionOut]


@bp.get("", responses={200: RedemptionsOut, 304: None})
def index(query: RedemptionQuery) -> Response:
    """List the uses of the brand's codes, newest first, rolled back ones too."""
    partner = caller.partner("codes:redeem")
    page = paging.page(partner, query)
    with reading() as db:
        found = redemptions.of_brand(
            db,
            brand_id=partner.brand_id,
            before_id=page.before_id,
            limit=page.limit + 1,
            order_ref=query.order_ref,
            code=query.code,
        )
    return paging.answer(page, [(one.id, RedemptionOut.of(one)) for one in found])


@bp.get("/<redemption_id>", responses={200: RedemptionOut, 404: ProblemOut})
def show(path: RedemptionPath) -> dict[str, object]:
    """Show one use of one of the brand's codes."""
    partner = caller.partner("codes:redeem")
    with reading() as db:
        found = redemptions.find(db, brand_id=partner.brand_id, public_id=path.redemption_id)
    return RedemptionOut.of(found).model_dump(mode="json")
