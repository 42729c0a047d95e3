"""Where a brand's own systems are told what happened, for its team."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from server import clock
from server.errors import FieldInvalid, Invalid
from server.gateways import webhooks as gateway
from server.services import events
from server.services import webhook_deliveries as deliveries
from server.services import webhook_endpoints as endpoints
from server.services.webhook_endpoints import Actor
from server.web.admin import desk
from server.web.database import reading, settings, transaction

bp = Blueprint("webhooks", __name__, url_prefix="/brands/<slug>/partners/webhooks")

SHOWN = 20
SINCE = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
"""From when on everything can be sent again; the API takes any moment."""


@bp.get("/new")
def new(slug: str) -> str:
    """Ask for an address and for what it wants to hear."""
    return _form(desk.sit_down("partners:write", slug))


@bp.post("")
def create(slug: str) -> tuple[str, int]:
    """Add an endpoint, and show its secret on this answer and nowhere else."""
    at = desk.sit_down("partners:write", slug)
    url, description = request.form.get("url", "").strip(), request.form.get("description", "")
    types = request.form.getlist("types")
    try:
        gateway.check(url, allow_loopback=settings().demo)
        with transaction() as db:
            made = endpoints.add(
                db, by=_by(at), url=url, description=description, types=types, now=clock.now()
            )
    except Invalid as error:
        field = error.field if isinstance(error, FieldInvalid) else "url"
        return _form(at, url, description, types, errors={field: str(error)}), 422
    return render_template("admin/webhook_secret.html", at=at, endpoint=made), 201


@bp.get("/<endpoint_id>")
def show(slug: str, endpoint_id: str) -> str:
    """Show an endpoint, how it is, and what it was told lately."""
    at = desk.sit_down("partners:write", slug)
    with reading() as db:
        found = endpoints.find(db, brand_id=at.brand.brand_id, public_id=endpoint_id)
        told = deliveries.of_endpoint(
            db,
            brand_id=at.brand.brand_id,
            endpoint_id=endpoint_id,
            before_id=None,
            limit=SHOWN,
        )
    return render_template(
        "admin/webhook.html", at=at, endpoint=found, told=told, most=SHOWN, now=clock.now()
    )


@bp.get("/<endpoint_id>/deliveries/<delivery_id>")
def show_delivery(slug: str, endpoint_id: str, delivery_id: str) -> str:
    """Show what was sent, and what came back each time."""
    at = desk.sit_down("partners:write", slug)
    with reading() as db:
        endpoint = endpoints.find(db, brand_id=at.brand.brand_id, public_id=endpoint_id)
        found, attempts = deliveries.find(
            db,
            brand_id=at.brand.brand_id,
            endpoint_id=endpoint_id,
            public_id=delivery_id,
        )
    return render_template(
        "admin/webhook_delivery.html", at=at, endpoint=endpoint, told=found, attempts=attempts
    )


@bp.post("/<endpoint_id>/deliveries/<delivery_id>/replay")
def replay(slug: str, endpoint_id: str, delivery_id: str) -> Response:
    """Send one event again."""

    def again(db: Session, at: desk.Desk) -> None:
        deliveries.replay(
            db,
            brand_id=at.brand.brand_id,
            endpoint_id=endpoint_id,
            public_id=delivery_id,
            now=clock.now(),
        )

    return _act(slug, endpoint_id, again, "It is sent again under the same id.")


@bp.post("/<endpoint_id>/replays")
def replay_since(slug: str, endpoint_id: str) -> Response:
    """Send everything of the last hour, day or week again."""
    back = SINCE.get(request.form.get("since", ""), SINCE["hour"])

    def again(db: Session, at: desk.Desk) -> None:
        now = clock.now()
        deliveries.replay_since(
            db,
            brand_id=at.brand.brand_id,
            endpoint_id=endpoint_id,
            since=now - back,
            now=now,
        )

    return _act(slug, endpoint_id, again, "Everything since then is sent again.")


@bp.post("/<endpoint_id>/test")
def test(slug: str, endpoint_id: str) -> Response:
    """Send a test event."""

    def send(db: Session, at: desk.Desk) -> None:
        endpoints.send_test(db, by=_by(at), public_id=endpoint_id, now=clock.now())

    return _act(slug, endpoint_id, send, "A test is on its way. Reload to see what came of it.")


@bp.post("/<endpoint_id>/enabling")
def enable(slug: str, endpoint_id: str) -> Response:
    """Tell a disabled endpoint again."""

    def turn_on(db: Session, at: desk.Desk) -> None:
        endpoints.enable(db, by=_by(at), public_id=endpoint_id, now=clock.now())

    return _act(slug, endpoint_id, turn_on, "The endpoint is told again, first what waited.")


@bp.post("/<endpoint_id>/rotation")
def rotate(slug: str, endpoint_id: str) -> str:
    """Give an endpoint a new secret, and show it on this answer and nowhere else."""
    at = desk.sit_down("partners:write", slug)
    with transaction() as db:
        changed = endpoints.rotate(db, by=_by(at), public_id=endpoint_id, now=clock.now())
    return render_template("admin/webhook_secret.html", at=at, endpoint=changed)


@bp.get("/<endpoint_id>/removal")
def before_removing(slug: str, endpoint_id: str) -> str:
    """Say what stops when an endpoint is removed."""
    at = desk.sit_down("partners:write", slug)
    with reading() as db:
        found = endpoints.find(db, brand_id=at.brand.brand_id, public_id=endpoint_id)
    return render_template("admin/webhook_remove.html", at=at, endpoint=found)


@bp.post("/<endpoint_id>/removal")
def remove(slug: str, endpoint_id: str) -> Response:
    """Remove an endpoint; what waits for it is not told any more."""
    at = desk.sit_down("partners:write", slug)
    with transaction() as db:
        endpoints.remove(db, by=_by(at), public_id=endpoint_id, now=clock.now())
    flash("The endpoint is removed. It is told nothing any more.", "good")
    return redirect(url_for("partners.show", slug=at.brand.slug), 303)


def _act(
    slug: str, endpoint_id: str, act: Callable[[Session, desk.Desk], None], words: str
) -> Response:
    """Do something to an endpoint, and lead back to its page with what came of it."""
    at = desk.sit_down("partners:write", slug)
    try:
        with transaction() as db:
            act(db, at)
        flash(words, "good")
    except Invalid as refusal:
        flash(str(refusal), "bad")
    return redirect(url_for("webhooks.show", slug=at.brand.slug, endpoint_id=endpoint_id), 303)


def _by(at: desk.Desk) -> Actor:
    return Actor(at.brand.brand_id, at.actor, settings().sealing_key)


def _form(
    at: desk.Desk,
    url: str = "",
    description: str = "",
    types: list[str] | None = None,
    *,
    errors: dict[str, str] | None = None,
) -> str:
    return render_template(
        "admin/webhook_new.html",
        at=at,
        url=url,
        description=description,
        types=types or [],
        kinds=events.SENTENCES,
        errors=errors or {},
    )
