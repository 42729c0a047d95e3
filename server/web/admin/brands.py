"""The brands that a member works for."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.services import teams
from server.web import caller
from server.web.admin import desk
from server.web.database import reading

bp = Blueprint("brands", __name__)


@bp.get("/brands")
def show() -> str:
    """List the brands that a member works for; everybody may look at their own list."""
    member_id = caller.customer().member_id
    with reading() as db:
        mine = teams.posts(db, member_id=member_id)
    return render_template("admin/brands.html", brands=mine)


@bp.get("/brands/<slug>")
def enter(slug: str) -> Response:
    """Open the first page of a brand: its offers."""
    at = desk.sit_down("offers:read", slug)
    return redirect(url_for("offers.show_all", slug=at.brand.slug), 303)
