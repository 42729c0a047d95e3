"""Asking whether a code can be used."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field
from sqlmodel import Session

from server import clock
from server.services import validations
from server.web import caller
from server.web.partner import PREFIX, once
from server.web.partner.uses import OrderIn
from server.web.shapes import Out, ProblemOut

bp = APIBlueprint(
    "partner_codes", __name__, url_prefix=f"{PREFIX}/codes", abp_tags=[Tag(name="codes")]
)


class CodePath(BaseModel):
    """Which code."""

    code: str = Field(max_length=40, description="The code as the buyer wrote it.")


class ValidityOut(Out):
    """A code that can be used, and by how much it lowers this order.

    ``value_minor`` is the most that it gives; with a rate it gives that share of the order.
    """

    code: str
    value_minor: int
    rate_basis_points: int | None
    min_order_minor: int
    discount_minor: int
    currency: str
    expires_at: datetime


@bp.post("/<code>/validation", responses={200: ValidityOut, 409: ProblemOut, 422: ProblemOut})
def validate(path: CodePath, header: once.OnceHeader, body: OrderIn) -> Response:
    """Say whether a code can be used for an order, or why not; nothing is changed."""
    partner = caller.partner("codes:validate")

    def check(db: Session) -> tuple[ValidityOut, int]:
        found = validations.check(db, code=path.code, use=body.use(partner), now=clock.now())
        return ValidityOut.model_validate(found), 200

    return once.answer(partner, header, check, asks_once=True)
