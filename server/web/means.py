"""Stripe and the keys of the running app, for views."""

from typing import cast

from flask import Flask, current_app

from server.services import stripe_means
from server.services.stripe_means import Means
from server.settings import Settings

_KEY = "fanfare-stripe"


def init_app(app: Flask, settings: Settings) -> None:
    """Give the app its way to Stripe; nothing is asked yet."""
    app.extensions[_KEY] = stripe_means.of(settings)


def stripe() -> Means:
    """Return the way to Stripe of the running app."""
    return cast("Means", current_app.extensions[_KEY])
