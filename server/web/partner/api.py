"""Every part of the partner API under one address."""

from flask_openapi3 import OpenAPI

from server.web.partner import codes, conversions, offers, redemptions, reservations


def init_app(app: OpenAPI) -> None:
    """Add the partner API to the app."""
    for part in (codes, reservations, redemptions, conversions, offers):
        app.register_api(part.bp)
