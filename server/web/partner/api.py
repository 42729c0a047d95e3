"""Every part of the partner API under one address."""

from flask_openapi3 import OpenAPI

from server.web.partner import (
    codes,
    conversions,
    offers,
    redemptions,
    reservations,
    webhook_deliveries,
    webhook_endpoints,
)

PARTS = (
    codes,
    reservations,
    redemptions,
    conversions,
    offers,
    webhook_endpoints,
    webhook_deliveries,
)


def init_app(app: OpenAPI) -> None:
    """Add the partner API to the app."""
    for part in PARTS:
        app.register_api(part.bp)
