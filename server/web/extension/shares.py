"""Shares, as the extension reports them."""

from datetime import datetime
from typing import Annotated

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, StringConstraints

from server import clock
from server.services import shares
from server.web import caller
from server.web.database import reading, settings, transaction
from server.web.extension import PREFIX, pictures
from server.web.shapes import EventId, In, Line, Moment, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "extension_shares", __name__, url_prefix=f"{PREFIX}/shares", abp_tags=[Tag(name="extension")]
)

ShownAs = Annotated[
    str, StringConstraints(strict=True, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class ShareIn(In):
    """One share: what the person agreed to and where they share."""

    event_id: EventId
    offer_id: PublicId
    channel: Line
    shown_as: ShownAs = ""
    consent_hash: Line
    language: Line
    created_at: Moment


class ShareOut(Out):
    """A recorded share; ``text`` begins with the disclosure and ends with the link."""

    share_id: int
    offer_id: str
    channel: str
    code: str
    link: str
    disclosure: str
    text: str
    created_at: datetime

    @classmethod
    def of(cls, found: shares.ShareView) -> "ShareOut":
        """Return a share as the extension reads it."""
        link = link_of(found.code)
        return cls(
            share_id=found.share_id,
            offer_id=found.offer_public_id,
            channel=found.channel,
            code=found.code,
            link=link,
            disclosure=found.disclosure,
            text=" ".join(filter(None, (found.disclosure, found.words, link))),
            created_at=found.created_at,
        )


class SharePath(BaseModel):
    """Which share, by its link code."""

    code: PublicId


def link_of(code: str) -> str:
    """Return the address that a share's link code stands for."""
    return f"{settings().link_url}/r/{code}"


@bp.post(
    "", responses={200: ShareOut, 201: ShareOut, 403: ProblemOut, 409: ProblemOut, 422: ProblemOut}
)
def create(body: ShareIn) -> tuple[Response, int]:
    """Record a share with its consent; the same event again gets the first answer."""
    user = caller.app_user("shares:write")
    with transaction() as db:
        found = shares.record(
            db,
            member_id=user.member_id,
            event_id=body.event_id,
            offer_public_id=body.offer_id,
            channel=body.channel,
            shown_as=body.shown_as,
            consent_hash=body.consent_hash,
            language=body.language,
            surface="extension",
            created_at=body.created_at,
            now=clock.now(),
        )
    return jsonify(ShareOut.of(found).model_dump(mode="json")), 201 if found.is_new else 200


@bp.post("/<code>/withdrawal", responses={204: None, 404: ProblemOut})
def withdraw(path: SharePath) -> tuple[str, int]:
    """Withdraw a share: its link stops working at once."""
    user = caller.app_user("shares:write")
    with transaction() as db:
        shares.withdraw(db, member_id=user.member_id, code=path.code, now=clock.now())
    return "", 204


@bp.get("/<code>/qr.svg", responses=pictures.QR)
def qr(path: SharePath) -> Response:
    """Draw a share's link as a QR code, for sharing in person."""
    user = caller.app_user("shares:write")
    with reading() as db:
        found = shares.of_member(db, member_id=user.member_id, code=path.code)
    return pictures.qr(link_of(found.code))
