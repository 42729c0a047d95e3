"""What a person asked for by right, and until when it must be answered."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server import clock
from server.errors import EventTaken, Invalid
from server.services import privacy_requests
from server.web import caller, forms, languages
from server.web.database import reading, transaction

bp = Blueprint("requests", __name__, url_prefix="/my-data/requests")


@bp.get("")
def show() -> str:
    """List a person's requests with their clocks, and offer the form for another."""
    return _page(caller.customer().member_id)


@bp.post("")
def file() -> str | tuple[str, int] | Response:
    """Take a request; a form that is sent twice is one request."""
    member_id = caller.customer().member_id
    typed = {name: request.form.get(name, "") for name in ("kind", "brand", "words")}
    try:
        with transaction() as db:
            privacy_requests.file(
                db,
                member_id=member_id,
                event_id=forms.event_id(),
                kind=typed["kind"],
                brand_slug=typed["brand"],
                words=typed["words"].replace("\r\n", "\n"),
                now=clock.now(),
            )
    except (Invalid, EventTaken) as error:
        return _page(member_id, typed, error=languages.told(error)), 422

    flash(gettext("We have your request. The clock runs from now."), "good")
    return redirect(url_for("requests.show"), 303)


def _page(member_id: int, typed: dict[str, str] | None = None, *, error: str = "") -> str:
    with reading() as db:
        filed = privacy_requests.of_member(db, member_id=member_id, now=clock.now())
        addressees = privacy_requests.addressees(db, member_id=member_id)
    return render_template(
        "customer/requests.html",
        filed=filed,
        addressees=addressees,
        typed=typed or {"kind": "", "brand": "", "words": ""},
        words_max=privacy_requests.WORDS_MAX,
        event_id=forms.new_event_id(),
        error=error,
    )
