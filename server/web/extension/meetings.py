"""Codes given in person, as the extension registers, announces and confirms them."""

from datetime import datetime
from typing import Annotated, Literal

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, StringConstraints

from server import clock
from server.services import device_keys, meetings
from server.web import caller
from server.web.database import reading, settings, transaction
from server.web.extension import PREFIX
from server.web.shapes import In, Line, Out, ProblemOut, PublicId

bp = APIBlueprint(
    "extension_meetings", __name__, url_prefix=PREFIX, abp_tags=[Tag(name="extension")]
)

Coordinate = Annotated[
    str, StringConstraints(strict=True, min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]+$")
]


class DeviceKeyIn(In):
    """The public half of a key on P-256, as in a JWK."""

    x: Coordinate
    y: Coordinate


class DeviceKeyOut(Out):
    """A device's key; ``address`` is what its codes are written behind."""

    kid: str
    address: str
    created_at: datetime


class SpokenIn(In):
    """One code that the device signed."""

    token: Annotated[
        str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]+$", max_length=200)
    ]


class SpokenOut(Out):
    """How the code is said, from now until it runs out."""

    spoken: str
    expires_at: datetime


class MeetingOut(Out):
    """Somebody who took a code and waits for the word of whoever gave it."""

    id: str
    nonce: Annotated[str, Field(description="Which code it was, as its device wrote it there.")]
    offer_title: str
    brand: str
    taken_at: datetime
    decide_until: Annotated[datetime, Field(description="When the person's word comes too late.")]


class MeetingsOut(Out):
    """Everybody who waits, oldest first."""

    meetings: list[MeetingOut]


class DecisionIn(In):
    """Whether it was the person whom one met."""

    decision: Literal["confirm", "decline"]


class DecisionOut(Out):
    """What stands now."""

    id: str
    outcome: Line


class MeetingPath(BaseModel):
    """Which meeting."""

    id: PublicId = Field(description="Our id of the meeting.")


@bp.post(
    "/device-keys",
    responses={200: DeviceKeyOut, 201: DeviceKeyOut, 403: ProblemOut, 409: ProblemOut},
)
def register(body: DeviceKeyIn) -> tuple[Response, int]:
    """Let this device make codes for sharing in person; a second time changes nothing."""
    user = caller.app_user("shares:write")
    with transaction() as db:
        found = device_keys.register(
            db, member_id=user.member_id, x=body.x, y=body.y, now=clock.now()
        )
    out = DeviceKeyOut(
        kid=found.kid, address=f"{settings().site_url}/p/", created_at=found.created_at
    )
    return jsonify(out.model_dump(mode="json")), 201 if found.is_new else 200


@bp.post("/meetings", responses={200: SpokenOut, 403: ProblemOut, 422: ProblemOut})
def announce(body: SpokenIn) -> Response:
    """Tell of a code that this device made, so that it can be said aloud."""
    user = caller.app_user("shares:write")
    with transaction() as db:
        found = meetings.announce(db, member_id=user.member_id, token=body.token, now=clock.now())
    return jsonify(SpokenOut.model_validate(found).model_dump(mode="json"))


@bp.get("/meetings", responses={200: MeetingsOut, 403: ProblemOut})
def index() -> Response:
    """Show who took a code of the person and waits for their word."""
    user = caller.app_user("shares:write")
    with reading() as db:
        found = meetings.waiting(db, member_id=user.member_id, now=clock.now())
    out = MeetingsOut(
        meetings=[
            MeetingOut(
                id=one.public_id,
                nonce=one.nonce,
                offer_title=one.offer_title,
                brand=one.brand,
                taken_at=one.taken_at,
                decide_until=one.decide_until,
            )
            for one in found
            if one.taken_at is not None and one.decide_until is not None
        ]
    )
    response = jsonify(out.model_dump(mode="json"))
    response.cache_control.no_store = True
    return response


@bp.post(
    "/meetings/<id>/decision",
    responses={
        200: DecisionOut,
        403: ProblemOut,
        404: ProblemOut,
        409: ProblemOut,
        422: ProblemOut,
    },
)
def decide(path: MeetingPath, body: DecisionIn) -> Response:
    """Say whether it was them; the same word again changes nothing."""
    user = caller.app_user("shares:write")
    with transaction() as db:
        found = meetings.decide(
            db,
            member_id=user.member_id,
            public_id=path.id,
            is_confirmed=body.decision == "confirm",
            now=clock.now(),
        )
    assert found.outcome is not None
    return jsonify(DecisionOut(id=found.public_id, outcome=found.outcome).model_dump(mode="json"))
