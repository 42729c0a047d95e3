"""A brand's codes: looked up one at a time, and ended when one leaked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import CodeRefused, Invalid, NotFound
from server.services import codes, redemptions
from server.web.admin import desk
from server.web.database import reading, transaction

bp = Blueprint("codes", __name__, url_prefix="/brands/<slug>/codes")

USES_SHOWN = 20


@bp.get("")
def show(slug: str) -> str | tuple[str, int]:
    """Look a code up, and show what became of it."""
    at = desk.sit_down("codes:revoke", slug)
    return _page(at, request.args.get("code", "").strip())


@bp.post("")
def revoke(slug: str) -> str | tuple[str, int] | Response:
    """End a code; its value goes back to its holder."""
    at = desk.sit_down("codes:revoke", slug)
    code, reason = request.form.get("code", ""), request.form.get("reason", "")
    try:
        with transaction() as db:
            codes.revoke(
                db,
                brand_id=at.brand.brand_id,
                code=code,
                actor=at.actor,
                reason=reason,
                now=clock.now(),
            )
    except (Invalid, CodeRefused) as error:
        return _page(at, code, reason=reason, error=str(error), status=422)
    except NotFound:
        return _page(at, code, status=422)

    flash("The code has ended. Its value went back to its holder.", "good")
    return redirect(url_for("codes.show", slug=slug, code=code), 303)


def _page(
    at: desk.Desk, typed: str, *, reason: str = "", error: str = "", status: int = 200
) -> tuple[str, int]:
    found, uses, missing = None, [], ""
    if typed:
        try:
            with reading() as db:
                brand_id = at.brand.brand_id
                found = codes.of_brand(db, brand_id=brand_id, code=typed)
                uses = redemptions.of_brand(
                    db, brand_id=brand_id, before_id=None, limit=USES_SHOWN, code=typed
                )
        except NotFound as refusal:
            missing, status = str(refusal), 422
    page = render_template(
        "admin/codes.html",
        at=at,
        typed=typed,
        found=found,
        uses=uses,
        missing=missing,
        reason=reason,
        error=error,
    )
    return page, status
