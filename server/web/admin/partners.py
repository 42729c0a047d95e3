"""The back ends that may speak for a brand."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import Invalid, NotFound
from server.services import clients, webhook_endpoints
from server.web.admin import desk
from server.web.database import reading, transaction

bp = Blueprint("partners", __name__, url_prefix="/brands/<slug>/partners")


@bp.get("")
def show(slug: str) -> str:
    """List the programs that may speak for the brand."""
    return _page(desk.sit_down("partners:write", slug))


@bp.post("")
def create(slug: str) -> tuple[str, int]:
    """Make a client, and show its secret on this answer and nowhere else."""
    at = desk.sit_down("partners:write", slug)
    title = request.form.get("title", "")
    try:
        with transaction() as db:
            new = clients.create(
                db, brand_id=at.brand.brand_id, actor=at.actor, title=title, now=clock.now()
            )
    except Invalid as error:
        return _page(at, title=title, error=str(error)), 422
    return render_template("admin/partner_new.html", at=at, new=new, title=title.strip()), 201


@bp.get("/<client_id>/revocation")
def before_revoking(slug: str, client_id: str) -> str:
    """Say what stops working when a client is revoked."""
    at = desk.sit_down("partners:write", slug)
    return render_template("admin/partner_revoke.html", at=at, client=_client(at, client_id))


@bp.post("/<client_id>/revocation")
def revoke(slug: str, client_id: str) -> Response:
    """Revoke a client and its tokens at once."""
    at = desk.sit_down("partners:write", slug)
    with transaction() as db:
        clients.revoke(
            db, brand_id=at.brand.brand_id, client_id=client_id, actor=at.actor, now=clock.now()
        )
    flash("The client is revoked. Its tokens no longer work.", "good")
    return redirect(url_for("partners.show", slug=at.brand.slug), 303)


def _client(at: desk.Desk, client_id: str) -> clients.ClientView:
    with reading() as db:
        known = clients.of_brand(db, brand_id=at.brand.brand_id)
    for client in known:
        if client.client_id == client_id and client.revoked_at is None:
            return client
    raise NotFound("This brand has no such client, or it was revoked before.")


def _page(at: desk.Desk, *, title: str = "", error: str = "") -> str:
    with reading() as db:
        known = clients.of_brand(db, brand_id=at.brand.brand_id)
        endpoints = webhook_endpoints.of_brand(db, brand_id=at.brand.brand_id)
    return render_template(
        "admin/partners.html",
        at=at,
        clients=known,
        endpoints=endpoints,
        scopes=clients.PARTNER_SCOPES,
        title=title,
        error=error,
    )
