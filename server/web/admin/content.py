"""Exclusive content of a brand: added, published, made easier to reach, withdrawn."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server import clock
from server.errors import Conflict, FieldInvalid, NotAllowed, NotFound, NotSignedIn
from server.gateways.uploads import Upload
from server.services import content_items, offers
from server.services.content_items import ContentDraft
from server.web import caller
from server.web.admin import content_form, desk
from server.web.admin.content_form import ContentForm
from server.web.database import reading, transaction
from server.web.uploads import request_bytes_max, uploads

bp = Blueprint("content", __name__, url_prefix="/brands/<slug>/content")

Page = str | tuple[str, int] | Response
_PERMISSION = "offers:write"


@bp.url_value_preprocessor
def admit_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a request be large if it brings a file and comes from somebody who may.

    That is asked before anything of its body is read.  Whoever may not is told so by the view.
    """
    if endpoint != "content.create" or values is None:
        return
    try:
        caller.staff(_PERMISSION, values["slug"])
    except (NotSignedIn, NotFound, NotAllowed):
        return
    request.max_content_length = request_bytes_max()


@bp.get("")
def show_all(slug: str) -> str:
    """List what the brand gives, with the form to add more."""
    return _page(desk.sit_down(_PERMISSION, slug), ContentForm())


@bp.post("")
def create(slug: str) -> Page:
    """Add a draft."""
    at = desk.sit_down(_PERMISSION, slug)
    form = ContentForm()
    wanted = form.wanted()
    if wanted is None:
        return _page(at, form), 422
    try:
        _add(at, wanted)
    except FieldInvalid as error:
        form.note(error.field, str(error))
        return _page(at, form), 422
    flash("The draft is added. Nobody sees it until you publish it.", "good")
    return _back(at)


@bp.post("/<content_id>/publication")
def publish(slug: str, content_id: str) -> Response:
    """Publish a draft."""
    at = desk.sit_down(_PERMISSION, slug)
    with transaction() as db:
        content_items.publish(
            db, brand_id=at.brand.brand_id, public_id=content_id, actor=at.actor, now=clock.now()
        )
    flash("It is published. Whoever has reached it can open it now.", "good")
    return _back(at)


@bp.post("/<content_id>/threshold")
def lower(slug: str, content_id: str) -> Response:
    """Let an item take fewer visits."""
    at = desk.sit_down(_PERMISSION, slug)
    try:
        with transaction() as db:
            content_items.lower(
                db,
                brand_id=at.brand.brand_id,
                public_id=content_id,
                actor=at.actor,
                threshold_visits=content_form.visits(request.form.get("threshold", "")),
                now=clock.now(),
            )
    except (FieldInvalid, Conflict) as error:
        flash(str(error), "bad")
        return _back(at)
    flash("It takes fewer visits now. Whoever has them can open it.", "good")
    return _back(at)


@bp.post("/<content_id>/withdrawal")
def withdraw(slug: str, content_id: str) -> Response:
    """Let nobody unlock an item any more."""
    at = desk.sit_down(_PERMISSION, slug)
    with transaction() as db:
        content_items.withdraw(
            db, brand_id=at.brand.brand_id, public_id=content_id, actor=at.actor, now=clock.now()
        )
    flash("It is withdrawn. Whoever unlocked it before keeps it.", "good")
    return _back(at)


def _add(at: desk.Desk, wanted: ContentDraft) -> None:
    """Keep the file, if there is one, and then the row that names it."""
    content_items.check(wanted, has_file=content_form.has_file())
    now = clock.now()
    file: Upload | None = None
    if content_form.has_file():
        file = uploads().keep(request.files["file"].stream, now=now)
    try:
        with transaction() as db:
            content_items.draft(
                db, brand_id=at.brand.brand_id, actor=at.actor, wanted=wanted, file=file, now=now
            )
    except FieldInvalid:
        if file is not None:
            uploads().remove(file.name)
        raise


def _back(at: desk.Desk) -> Response:
    return redirect(url_for("content.show_all", slug=at.brand.slug), 303)


def _page(at: desk.Desk, form: ContentForm) -> str:
    with reading() as db:
        mine = content_items.of_brand(db, brand_id=at.brand.brand_id)
        there = offers.of_brand(db, brand_id=at.brand.brand_id)
    return render_template(
        "admin/content.html",
        at=at,
        form=form,
        items=mine,
        offers=[offer for offer in there if offer.status != "ended"],
        kinds=content_form.KINDS,
    )
