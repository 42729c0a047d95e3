"""The pages that everybody may read, and the parts that make up the site for people."""

from flask import Blueprint, Flask, redirect, render_template
from werkzeug.wrappers import Response

from rewards.explain import Language
from server.errors import NotFound
from server.settings import Settings
from server.web import advice, docs, languages, ops, presentation, security
from server.web.admin import (
    brands,
    codes,
    content,
    log,
    offers,
    partners,
    privacy,
    questions,
    stripe,
    webhooks,
)
from server.web.admin import (
    conversations as talks,
)
from server.web.customer import (
    answers,
    apps,
    cases,
    claims,
    contents,
    conversations,
    erasures,
    friends,
    meetings,
    my_data,
    preferences,
    receipts,
    requests,
    shares,
    showcases,
    wallet,
)
from server.web.presentation import is_signed_in

bp = Blueprint("pages", __name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Add the pages for people: protected, with their filters, customer and admin alike."""
    security.init_app(app, settings)
    languages.init_app(app)
    presentation.init_app(app)
    for part in (
        bp,
        ops.bp,
        docs.bp,
        answers.bp,
        apps.bp,
        cases.bp,
        claims.bp,
        contents.bp,
        conversations.bp,
        erasures.bp,
        friends.bp,
        meetings.bp,
        my_data.bp,
        preferences.bp,
        receipts.bp,
        requests.bp,
        shares.bp,
        showcases.bp,
        wallet.bp,
    ):
        app.register_blueprint(part)
    for part in (
        brands.bp,
        codes.bp,
        content.bp,
        log.bp,
        offers.bp,
        partners.bp,
        privacy.bp,
        questions.bp,
        talks.bp,
        webhooks.bp,
    ):
        app.register_blueprint(part)
    for part in (stripe.bp, stripe.arrivals):
        app.register_blueprint(part)


@bp.get("/")
def start() -> str | Response:
    """Say what Fanfare is, or take a member to their wallet."""
    if is_signed_in():
        return redirect("/wallet", 303)
    return render_template("start.html")


@bp.get("/problems/<slug>")
def problem(slug: str) -> str:
    """Explain one kind of problem; problem documents name this address as their type."""
    kind = advice.by_slug().get(slug)
    if kind is None:
        raise NotFound("There is no kind of problem with this name.")
    if slug not in advice.MET_BY_PEOPLE:
        languages.speak(Language.ENGLISH)
    return render_template("problem_kind.html", kind=kind, advice=advice.ADVICE[slug])
