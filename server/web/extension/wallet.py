"""The wallet, as the extension shows it."""

from datetime import datetime

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel

from server.errors import NotFound
from server.services import wallets
from server.services.content_shelves import ShelfLine
from server.web import caller, languages
from server.web.database import reading, settings
from server.web.extension import PREFIX, pictures
from server.web.extension.shares import link_of
from server.web.presentation import sentence, worked
from server.web.shapes import LanguageQuery, Line, Out, ProblemOut

bp = APIBlueprint(
    "extension_wallet", __name__, url_prefix=f"{PREFIX}/wallet", abp_tags=[Tag(name="extension")]
)


class PendingOut(Out):
    """One order through the own links that has not vested: what it counts, and until when."""

    credited_minor: int
    vests_at: datetime
    cause: str


class WhyOut(Out):
    """Why an amount is what it is, and how to recompute it by hand."""

    sentence: str
    worked: str


class CodeOut(Out):
    """One discount code: an amount off, or with a rate that share of an order up to its value."""

    code: str
    value_minor: int
    rate_basis_points: int | None
    state: str
    expires_at: datetime


class ContentOut(Out):
    """One piece of exclusive content: unlocked, or the next that will be.

    ``needed_visits`` is what it takes, ``reached_visits`` what there was when it was unlocked, or
    what there is now.
    """

    content_id: str
    title: str
    kind: str
    url: str
    is_unlocked: bool
    needed_visits: int
    reached_visits: int


class PlaceOut(Out):
    """What the person earned in one offer; amounts in minor units of ``currency``.

    ``credit_minor`` is what counts in the offer's schedule of rates.
    """

    offer_id: str
    offer_title: str
    brand: str
    page_url: str
    has_ended: bool
    currency: str
    credit_minor: int
    pending_minor: int
    payable_minor: int
    pending: list[PendingOut]
    why: WhyOut
    codes: list[CodeOut]
    content: list[ContentOut]

    @classmethod
    def of(cls, place: wallets.Place) -> "PlaceOut":
        """Return a place as the extension reads it."""
        return cls(
            offer_id=place.offer_public_id,
            offer_title=place.offer_title,
            brand=place.brand,
            page_url=place.page_url,
            has_ended=place.has_ended,
            currency=place.currency,
            credit_minor=place.why.numbers["branch_credit_minor"],
            pending_minor=place.pending_minor,
            payable_minor=place.payable_minor,
            pending=[
                PendingOut(
                    credited_minor=order.credited_minor,
                    vests_at=order.vests_at,
                    cause=sentence(order.why),
                )
                for order in place.orders
                if order.vests_at is not None and order.vested_at is None
            ],
            why=WhyOut(sentence=sentence(place.why), worked=worked(place.why)),
            codes=[
                CodeOut(
                    code=code.code,
                    value_minor=code.left_minor,
                    rate_basis_points=code.rate_basis_points,
                    state=code.state,
                    expires_at=code.expires_at,
                )
                for code in place.codes
            ],
            content=[_content(line) for line in place.content],
        )


class ShareLineOut(Out):
    """One share with what came through it."""

    code: str
    link: str
    offer_id: str
    offer_title: str
    channel: str
    created_at: datetime
    visits: int
    orders: int
    withdrawn: bool


class WalletOut(Out):
    """Everything the person earned and shared."""

    places: list[PlaceOut]
    shares: list[ShareLineOut]


class CodePath(BaseModel):
    """Which code."""

    code: Line


@bp.get("", responses={200: WalletOut, 401: ProblemOut, 422: ProblemOut})
def show(query: LanguageQuery) -> Response:
    """Show what the person earned, why, and what is still pending."""
    user = caller.app_user("wallet:read")
    languages.answer_in(query.language)
    with reading() as db:
        wallet = wallets.of_member(db, member_id=user.member_id)
    out = WalletOut(
        places=[PlaceOut.of(place) for place in wallet.places],
        shares=[
            ShareLineOut(
                code=line.code,
                link=link_of(line.code),
                offer_id=line.offer_public_id,
                offer_title=line.offer_title,
                channel=line.channel,
                created_at=line.created_at,
                visits=line.visits,
                orders=line.orders,
                withdrawn=line.withdrawn_at is not None,
            )
            for line in wallet.shares
        ],
    )
    response = jsonify(out.model_dump(mode="json"))
    response.cache_control.no_store = True
    return response


def _content(line: ShelfLine) -> ContentOut:
    return ContentOut(
        content_id=line.public_id,
        title=line.title,
        kind=line.kind,
        url=f"{settings().site_url}/content/{line.public_id}",
        is_unlocked=line.is_unlocked,
        needed_visits=line.needed_visits,
        reached_visits=line.reach_visits,
    )


@bp.get("/codes/<code>/qr.svg", responses=pictures.QR)
def code_qr(path: CodePath) -> Response:
    """Draw a discount code as a QR code, for a till that reads it."""
    user = caller.app_user("wallet:read")
    with reading() as db:
        wallet = wallets.of_member(db, member_id=user.member_id)
    if not any(path.code == held.code for place in wallet.places for held in place.codes):
        raise NotFound("You have no such code.")
    return pictures.qr(path.code)
