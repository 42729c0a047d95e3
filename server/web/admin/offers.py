"""Offers of a brand: drafted, published, watched, ended."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from rewards.money import text
from server import clock
from server.errors import FieldInvalid, Invalid, OfferNotEditable
from server.services import figures, offers
from server.services.drafts import Draft
from server.store.offers import OfferStatus
from server.web import forms
from server.web.admin import desk, forecast
from server.web.admin.offer_form import OfferForm
from server.web.database import reading, transaction
from server.web.presentation import money

bp = Blueprint("offers", __name__, url_prefix="/brands/<slug>/offers")

Page = str | tuple[str, int] | Response


@bp.get("")
def show_all(slug: str) -> str:
    """List a brand's offers, newest first."""
    at = desk.sit_down("offers:read", slug)
    with reading() as db:
        mine = offers.of_brand(db, brand_id=at.brand.brand_id)
    return render_template("admin/offers.html", at=at, offers=mine)


@bp.get("/new")
def new(slug: str) -> str:
    """Show the form of a new offer."""
    at = desk.sit_down("offers:write", slug)
    return _form_page(at, OfferForm.usual(at.brand.currency))


@bp.post("")
def create(slug: str) -> Page:
    """Save a new draft, or show what it would mean."""
    return _receive(desk.sit_down("offers:write", slug), None)


@bp.get("/<public_id>")
def show(slug: str, public_id: str) -> str:
    """Show an offer with its figures."""
    return _offer_page(desk.sit_down("offers:read", slug), public_id)


@bp.get("/<public_id>/edit")
def edit(slug: str, public_id: str) -> str:
    """Show the form of a draft."""
    at = desk.sit_down("offers:write", slug)
    offer = _editable(at, public_id)
    meaning = forecast.of_offer(offer)
    return _form_page(at, OfferForm.of(offer), offer, meaning)


@bp.post("/<public_id>/edit")
def save(slug: str, public_id: str) -> Page:
    """Save a changed draft, or show what it would mean."""
    at = desk.sit_down("offers:write", slug)
    return _receive(at, _editable(at, public_id))


@bp.get("/<public_id>/publication")
def before_publishing(slug: str, public_id: str) -> str:
    """Say what becomes frozen when the offer is published."""
    at = desk.sit_down("offers:write", slug)
    offer = _editable(at, public_id)
    meaning = forecast.of_offer(offer)
    return render_template("admin/offer_publish.html", at=at, offer=offer, forecast=meaning)


@bp.post("/<public_id>/publication")
def publish(slug: str, public_id: str) -> Response:
    """Publish a draft."""
    at = desk.sit_down("offers:write", slug)
    with transaction() as db:
        offers.publish(
            db, brand_id=at.brand.brand_id, public_id=public_id, actor=at.actor, now=clock.now()
        )
    flash("The offer is published. Customers can share it now.", "good")
    return _to_offer(at, public_id)


@bp.post("/<public_id>/budget")
def set_budget(slug: str, public_id: str) -> Page:
    """Change the budget, at the lowest to what is promised already."""
    at = desk.sit_down("offers:write", slug)
    typed = request.form.get("budget", "")
    try:
        budget_minor = forms.amount(typed, at.brand.currency)
        with transaction() as db:
            offers.set_budget(
                db,
                brand_id=at.brand.brand_id,
                public_id=public_id,
                actor=at.actor,
                budget_minor=budget_minor,
                now=clock.now(),
            )
    except Invalid as error:
        return _offer_page(at, public_id, typed=typed, error=str(error)), 422

    flash(f"The budget is {money(budget_minor, at.brand.currency)} now.", "good")
    return _to_offer(at, public_id)


@bp.get("/<public_id>/ending")
def before_ending(slug: str, public_id: str) -> str:
    """Say what ends and what does not when the offer ends."""
    at = desk.sit_down("offers:write", slug)
    with reading() as db:
        offer = offers.find(db, brand_id=at.brand.brand_id, public_id=public_id)
        sums = _figures(db, at, public_id)
    if offer.status != OfferStatus.PUBLISHED:
        raise OfferNotEditable("Only a published offer can end.")
    return render_template("admin/offer_end.html", at=at, offer=offer, figures=sums)


@bp.post("/<public_id>/ending")
def end(slug: str, public_id: str) -> Response:
    """End an offer."""
    at = desk.sit_down("offers:write", slug)
    with transaction() as db:
        offers.end(
            db, brand_id=at.brand.brand_id, public_id=public_id, actor=at.actor, now=clock.now()
        )
    flash("The offer has ended. What customers earned stays theirs.", "good")
    return _to_offer(at, public_id)


def _editable(at: desk.Desk, public_id: str) -> offers.OfferView:
    with reading() as db:
        offer = offers.find(db, brand_id=at.brand.brand_id, public_id=public_id)
    if offer.status != OfferStatus.DRAFT:
        raise OfferNotEditable("This offer is published, so what it pays is frozen.")
    return offer


def _figures(db: Session, at: desk.Desk, public_id: str) -> figures.OfferFigures:
    return figures.of_offer(db, brand_id=at.brand.brand_id, public_id=public_id, now=clock.now())


def _to_offer(at: desk.Desk, public_id: str) -> Response:
    return redirect(url_for("offers.show", slug=at.brand.slug, public_id=public_id), 303)


def _offer_page(at: desk.Desk, public_id: str, *, typed: str = "", error: str = "") -> str:
    with reading() as db:
        offer = offers.find(db, brand_id=at.brand.brand_id, public_id=public_id)
        sums = _figures(db, at, public_id)
    return render_template(
        "admin/offer.html",
        at=at,
        offer=offer,
        figures=sums,
        forecast=forecast.of_offer(offer),
        typed=typed or text(offer.budget_minor, offer.currency),
        error=error,
    )


def _receive(at: desk.Desk, offer: offers.OfferView | None) -> Page:
    """Read the sent form; keep it as a draft, preview it, or show it again with what is wrong."""
    form = OfferForm()
    wanted = form.wanted(at.brand.currency)
    if wanted is None:
        return _form_page(at, form, offer), 422
    try:
        if "preview" in request.form:
            return _form_page(at, form, offer, forecast.of_draft(wanted, at.brand.currency))
        with transaction() as db:
            kept = _keep(db, at, offer, wanted)
    except FieldInvalid as error:
        form.note(error.field, str(error))
        return _form_page(at, form, offer), 422

    flash("The draft is saved. Nobody sees it until you publish it.", "good")
    return _to_offer(at, kept.public_id)


def _keep(
    db: Session, at: desk.Desk, offer: offers.OfferView | None, wanted: Draft
) -> offers.OfferView:
    now, brand_id = clock.now(), at.brand.brand_id
    if offer is None:
        return offers.draft(db, brand_id=brand_id, actor=at.actor, wanted=wanted, now=now)
    return offers.edit(
        db, brand_id=brand_id, public_id=offer.public_id, actor=at.actor, wanted=wanted, now=now
    )


def _form_page(
    at: desk.Desk,
    form: OfferForm,
    offer: offers.OfferView | None = None,
    meaning: forecast.Forecast | None = None,
) -> str:
    """Show the form, beside what it means when that is known."""
    return render_template("admin/offer_form.html", at=at, form=form, offer=offer, forecast=meaning)
