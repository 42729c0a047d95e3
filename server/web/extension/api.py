"""Every part of the extension's API under one address."""

from flask_openapi3 import OpenAPI

from server.web.extension import cors, meetings, offers, referrals, shares, wallet


def init_app(app: OpenAPI) -> None:
    """Add the extension's API to the app."""
    for part in (offers, shares, referrals, meetings, wallet):
        app.register_api(part.bp)
    cors.init_app(app)
