"""A friend says who brought them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import AlreadyReferred, ClaimRefused, ConsentMissing, EventTaken
from server.services import consents, own_visits, people, referrals
from server.web import caller, forms, languages
from server.web.database import reading, transaction

bp = Blueprint("claims", __name__)


@bp.get("/claim")
def show() -> str | tuple[str, int]:
    """Ask a friend whether they want to say who brought them; nothing is recorded yet."""
    member_id = caller.customer().member_id
    visit_token = request.args.get("ff", "")
    try:
        with reading() as db:
            referrals.expect(db, member_id=member_id, visit_token=visit_token, now=clock.now())
    except (ClaimRefused, AlreadyReferred) as error:
        return _page(visit_token, error=languages.told(error))
    return _page(visit_token)


@bp.post("/claim")
def confirm() -> str | tuple[str, int] | Response:
    """Record who brought the friend, with their consent; a repetition changes nothing."""
    member_id = caller.customer().member_id
    visit_token = request.form.get("ff", "")
    try:
        with transaction() as db:
            referral = referrals.claim(
                db,
                member_id=member_id,
                event_id=forms.event_id(),
                visit_token=visit_token,
                consent_hash=request.form.get("consent_hash", ""),
                language=languages.current(),
                surface="site",
                now=clock.now(),
            )
    except (ConsentMissing, EventTaken) as error:
        return _page(visit_token, error=languages.told(error), again=True)
    except (ClaimRefused, AlreadyReferred) as error:
        with transaction() as db:
            own_visits.recognise(db, member_id=member_id, visit_token=visit_token, now=clock.now())
        return _page(visit_token, error=languages.told(error))

    if referral.brought_by:
        flash(gettext("Noted: %(name)s brought you.", name=referral.brought_by), "good")
    else:
        flash(gettext("Noted: the person with this link brought you."), "good")
    return redirect(url_for("wallet.show"), 303)


def _page(visit_token: str, *, error: str = "", again: bool = False) -> str | tuple[str, int]:
    preview = None
    try:
        with reading() as db:
            preview = referrals.preview(db, visit_token=visit_token)
    except ClaimRefused as refusal:
        error = languages.told(refusal)
    page = render_template(
        "customer/claim.html",
        preview=preview,
        error=error,
        again=again,
        asks_privacy=people.wants_no_key(request.headers),
        consent=consents.text(consents.REFERRAL, languages.current()),
        visit_token=visit_token,
        event_id=forms.new_event_id(),
    )
    return (page, 422) if error else page
