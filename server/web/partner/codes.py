"""Asking whether a code can be used."""

from datetime import datetime
from typing import Any

from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from rewards.money import Money
from server import clock
from server.services import codes
from server.web import caller
from server.web.database import reading
from server.web.partner import PREFIX
from server.web.shapes import Currency, In, Minor, Out, ProblemOut

bp = APIBlueprint(
    "partner_codes", __name__, url_prefix=f"{PREFIX}/codes", abp_tags=[Tag(name="codes")]
)


class CodePath(BaseModel):
    """Which code."""

    code: str = Field(max_length=40, description="The code as the buyer wrote it.")


class ValidationIn(In):
    """The order for which the code would be used."""

    order_total_minor: Minor
    currency: Currency


class ValidityOut(Out):
    """A code that can be used, and by how much it lowers this order."""

    code: str
    value_minor: int
    discount_minor: int
    currency: str
    expires_at: datetime


@bp.post("/<code>/validation", responses={200: ValidityOut, 422: ProblemOut})
def validate(path: CodePath, body: ValidationIn) -> dict[str, Any]:
    """Say whether a code can be used for an order, or why not; nothing is changed."""
    partner = caller.partner("codes:validate")
    with reading() as db:
        found = codes.check(
            db,
            brand_id=partner.brand_id,
            code=path.code,
            order_total=Money(body.order_total_minor, body.currency),
            now=clock.now(),
        )
    return ValidityOut.model_validate(found).model_dump(mode="json")
