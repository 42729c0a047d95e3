"""Referral claims, as the extension reports them once its user confirmed."""

from datetime import datetime

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from server import clock
from server.errors import AlreadyReferred, ClaimRefused
from server.services import own_visits, referrals
from server.web import caller
from server.web.database import transaction
from server.web.extension import PREFIX
from server.web.shapes import EventId, In, Line, Out, ProblemOut

bp = APIBlueprint(
    "extension_referrals",
    __name__,
    url_prefix=f"{PREFIX}/referral-claims",
    abp_tags=[Tag(name="extension")],
)


class ClaimIn(In):
    """One confirmed claim: through which visit the person came."""

    event_id: EventId
    visit_token: Line
    consent_hash: Line
    language: Line


class ClaimOut(Out):
    """A recorded referral; ``brought_by`` is empty when the sharer gave no name."""

    offer_id: str
    offer_title: str
    brought_by: str
    claimed_at: datetime


@bp.post(
    "", responses={200: ClaimOut, 201: ClaimOut, 403: ProblemOut, 409: ProblemOut, 422: ProblemOut}
)
def create(body: ClaimIn) -> tuple[Response, int]:
    """Record who brought the person to an offer; the first verified referral stays."""
    user = caller.app_user("referrals:write")
    try:
        with transaction() as db:
            found = referrals.claim(
                db,
                member_id=user.member_id,
                event_id=body.event_id,
                visit_token=body.visit_token,
                consent_hash=body.consent_hash,
                language=body.language,
                surface="extension",
                now=clock.now(),
            )
    except (ClaimRefused, AlreadyReferred):
        with transaction() as db:
            own_visits.recognise(
                db, member_id=user.member_id, visit_token=body.visit_token, now=clock.now()
            )
        raise
    out = ClaimOut(
        offer_id=found.offer_public_id,
        offer_title=found.offer_title,
        brought_by=found.brought_by,
        claimed_at=found.claimed_at,
    )
    return jsonify(out.model_dump(mode="json")), 201 if found.is_new else 200
