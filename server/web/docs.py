"""The APIs described: for programs at ``/openapi.json``, for people at ``/docs``."""

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask_openapi3 import OpenAPI

from rewards.money import Money
from server.errors import RefusalKey
from server.services import refusal_texts
from server.services.clients import PARTNER_SCOPES
from server.web import advice
from server.web.database import settings
from server.web.openapi import document, page

LEAST = Money(10_00, "EUR")
"""The smallest order in the sentences that name one."""

bp = Blueprint("docs", __name__)


@bp.get("/openapi.json")
def openapi() -> Response:
    """Describe the APIs as OpenAPI 3.1; with ``If-None-Match``, only when something changed."""
    response = jsonify(_document())
    response.add_etag()
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@bp.get("/docs")
def docs() -> str:
    """Describe the APIs to people, made from the same document."""
    limits = settings()
    return render_template(
        "docs.html",
        site=settings().site_url,
        apis=page.apis(_document()),
        events=page.events(_document()),
        partner_scopes=PARTNER_SCOPES,
        requests=limits.requests_per_minute,
        guesses=limits.code_guesses_per_minute,
        anonymous=limits.anonymous_requests_per_minute,
        refusals={key: refusal_texts.sentences(key, LEAST)["en"] for key in RefusalKey},
    )


@bp.get("/problems")
def problems() -> str:
    """List every kind of problem."""
    kinds = sorted(advice.by_slug().values(), key=lambda kind: (kind.status or 999, kind.slug))
    return render_template("problem_kinds.html", kinds=kinds, advice=advice.ADVICE)


def _document() -> dict[str, Any]:
    return document.of(cast("OpenAPI", current_app), settings().site_url)
