"""Holding a code for an order."""

from datetime import datetime

from flask import Response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel
from sqlmodel import Session

from server import clock
from server.services import reservations
from server.web import caller
from server.web.database import transaction
from server.web.partner import PREFIX, once
from server.web.partner.uses import CodeUseIn
from server.web.shapes import Out, ProblemOut, PublicId

bp = APIBlueprint(
    "partner_reservations",
    __name__,
    url_prefix=f"{PREFIX}/reservations",
    abp_tags=[Tag(name="reservations")],
)


class ReservationOut(Out):
    """A held code."""

    reservation_id: str
    code: str
    order_ref: str
    discount_minor: int
    currency: str
    expires_at: datetime

    @classmethod
    def of(cls, found: reservations.ReservationView) -> "ReservationOut":
        """Return a reservation as the API writes it."""
        return cls(
            reservation_id=found.public_id,
            code=found.code,
            order_ref=found.order_ref,
            discount_minor=found.discount_minor,
            currency=found.currency,
            expires_at=found.expires_at,
        )


class ReservationPath(BaseModel):
    """Which reservation."""

    reservation_id: PublicId


@bp.post("", responses={200: ReservationOut, 201: ReservationOut, 409: ProblemOut, 422: ProblemOut})
def create(header: once.OnceHeader, body: CodeUseIn) -> Response:
    """Hold a code for one order for 15 minutes; it frees itself."""
    partner = caller.partner("codes:redeem")

    def reserve(db: Session) -> tuple[ReservationOut, int]:
        found = reservations.reserve(
            db,
            client_id=partner.id,
            code=body.code,
            order_ref=body.order_ref,
            use=body.use(partner),
            now=clock.now(),
        )
        return ReservationOut.of(found), 201 if found.is_new else 200

    return once.answer(partner, header, reserve)


@bp.delete("/<reservation_id>", responses={204: None, 404: ProblemOut})
def delete(path: ReservationPath) -> tuple[str, int]:
    """Let a held code go before its time."""
    partner = caller.partner("codes:redeem")
    with transaction() as db:
        reservations.release(
            db, client_id=partner.id, public_id=path.reservation_id, now=clock.now()
        )
    return "", 204
