"""A brand's Stripe account: connected, watched and disconnected by its owner."""

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, FieldInvalid, NotAllowed, NotFound, Unavailable
from server.gateways.stripe.connections import PERMISSIONS
from server.gateways.stripe.events import TYPES
from server.services import stripe_accounts, stripe_events, stripe_reconciliations
from server.web import means, problems
from server.web.admin import desk
from server.web.database import reading, settings, transaction

WAITS_SECONDS = 3600
_WAITING = "stripe:"
PERMISSION = "stripe:write"
CONNECTED = "Your Stripe account is connected. Its codes are on their way."

bp = Blueprint("stripe", __name__, url_prefix="/brands/<slug>/stripe")
arrivals = Blueprint("stripe_arrivals", __name__, url_prefix="/stripe")


@bp.get("")
def show(slug: str) -> str | tuple[str, int]:
    """Show whether the brand is connected, what came lately, and what differs."""
    return _page(desk.sit_down(PERMISSION, slug))


@bp.post("/key")
def connect_by_key(slug: str) -> str | tuple[str, int] | Response:
    """Connect the account of a restricted key, after asking Stripe with it."""
    at = desk.sit_down(PERMISSION, slug)
    key = request.form.get("key", "").strip()
    try:
        account = stripe_accounts.look(means.stripe(), key=key)
        with transaction() as db:
            stripe_accounts.connect(
                db,
                means.stripe(),
                brand_id=at.brand.brand_id,
                account=account,
                key=key,
                actor=at.actor,
                now=clock.now(),
            )
    except (FieldInvalid, Conflict, Unavailable) as error:
        return _page(at, key_error=str(error), status=problems.status_of(error))
    return _back(slug, CONNECTED)


@bp.get("/departure")
def depart(slug: str) -> Response:
    """Lead the owner to Stripe; only this browser can come back from there."""
    at = desk.sit_down(PERMISSION, slug)
    state = secrets.token_urlsafe(24)
    try:
        address = stripe_accounts.departure(means.stripe(), state=state, returns_to=_returns_to())
    except NotFound as error:
        return _back(slug, str(error), "bad")
    for key in [key for key in session if key.startswith(_WAITING)]:
        session.pop(key)
    session[_WAITING + state] = {"slug": at.brand.slug, "since": clock.now().timestamp()}
    return redirect(address, 303)


@arrivals.get("/arrival")
def arrive() -> Response:
    """Connect the account whose owner comes back from Stripe to this browser."""
    waiting: dict[str, Any] | None = session.pop(_WAITING + request.args.get("state", ""), None)
    if waiting is None or clock.now().timestamp() - waiting["since"] > WAITS_SECONDS:
        raise NotAllowed("This was not started in this browser, or too long ago. Begin again.")
    at = desk.sit_down(PERMISSION, waiting["slug"])
    slug = at.brand.slug
    if "error" in request.args:
        return _back(slug, "Nothing is connected, because you or Stripe said no.", "bad")
    try:
        account = stripe_accounts.arrival(means.stripe(), code=request.args.get("code", ""))
        with transaction() as db:
            stripe_accounts.connect(
                db,
                means.stripe(),
                brand_id=at.brand.brand_id,
                account=account,
                key=None,
                actor=at.actor,
                now=clock.now(),
            )
    except (Conflict, Unavailable) as error:
        return _back(slug, str(error), "bad")
    return _back(slug, CONNECTED)


@bp.post("/secret")
def keep_secret(slug: str) -> str | tuple[str, int] | Response:
    """Keep the signing secret of an endpoint that the owner made by hand."""
    at = desk.sit_down(PERMISSION, slug)
    try:
        with transaction() as db:
            stripe_accounts.keep_hook_secret(
                db,
                means.stripe(),
                brand_id=at.brand.brand_id,
                secret=request.form.get("secret", ""),
                actor=at.actor,
                now=clock.now(),
            )
    except (FieldInvalid, NotFound) as error:
        return _page(at, secret_error=str(error), status=422)
    return _back(slug, "The secret is kept, encrypted. We believe Stripe's events from now on.")


@bp.post("/reconciliation")
def reconcile(slug: str) -> Response:
    """Compare with Stripe soon, instead of tonight."""
    at = desk.sit_down(PERMISSION, slug)
    try:
        with transaction() as db:
            stripe_reconciliations.ask(db, brand_id=at.brand.brand_id, now=clock.now())
    except NotFound as error:
        return _back(slug, str(error), "bad")
    return _back(slug, "We compare now; look again in a minute.")


@bp.get("/disconnection")
def before_disconnecting(slug: str) -> str | Response:
    """Say what ends when the account is disconnected."""
    at = desk.sit_down(PERMISSION, slug)
    with reading() as db:
        account = stripe_accounts.of_brand(db, brand_id=at.brand.brand_id)
    if account is None or account.disconnected_at is not None:
        return _back(slug, "No Stripe account is connected.", "bad")
    return render_template("admin/stripe_disconnect.html", at=at, account=account)


@bp.post("/disconnection")
def disconnect(slug: str) -> Response:
    """Begin to leave the account."""
    at = desk.sit_down(PERMISSION, slug)
    try:
        with transaction() as db:
            stripe_accounts.disconnect(
                db, brand_id=at.brand.brand_id, actor=at.actor, now=clock.now()
            )
    except NotFound as error:
        return _back(slug, str(error), "bad")
    return _back(slug, "Your codes are being switched off at Stripe; then you are disconnected.")


def _page(
    at: desk.Desk, *, key_error: str = "", secret_error: str = "", status: int = 200
) -> tuple[str, int]:
    events, looked, heard_at = [], None, None
    with reading() as db:
        account = stripe_accounts.of_brand(db, brand_id=at.brand.brand_id)
        if account is not None:
            events = stripe_events.newest(db, account_id=account.id)
            looked = stripe_reconciliations.newest(db, account_id=account.id)
            heard_at = stripe_reconciliations.last_heard_at(db, account_id=account.id)
    page = render_template(
        "admin/stripe.html",
        at=at,
        account=account,
        events=events,
        looked=looked,
        heard_at=heard_at,
        can_connect=means.stripe().stripe.can_connect,
        permissions=PERMISSIONS,
        types=TYPES,
        hook_url=f"{settings().site_url}/hooks/stripe/{account.public_id}" if account else "",
        key_error=key_error,
        secret_error=secret_error,
    )
    return page, status


def _back(slug: str, sentence: str, category: str = "good") -> Response:
    """Lead back to the page, and say there what happened."""
    flash(sentence, category)
    return redirect(url_for("stripe.show", slug=slug), 303)


def _returns_to() -> str:
    return f"{settings().site_url}/stripe/arrival"
