"""The APIs described: for programs at ``/openapi.json``, for people at ``/docs``."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, request
from flask_openapi3 import OpenAPI

from server.web.database import settings
from server.web.openapi import document

bp = Blueprint("docs", __name__)


@bp.get("/openapi.json")
def openapi() -> Response:
    """Describe the APIs as OpenAPI 3.1; with ``If-None-Match``, only when something changed."""
    response = jsonify(document.of(cast("OpenAPI", current_app), settings().site_url))
    response.add_etag()
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
