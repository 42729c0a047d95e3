"""``create_app()``: every part of the site, once, in order."""

from flask_openapi3 import Info, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from server import clock, logs
from server.settings import Settings
from server.store.connection import Database
from server.web import (
    authorization,
    compression,
    database,
    limits,
    login,
    means,
    pages,
    problems,
    request_ids,
    wellknown,
)
from server.web.extension import api as extension
from server.web.hooks import stripe as stripe_hooks
from server.web.openapi import strict
from server.web.partner import api as partner

TITLE = "Fanfare"
VERSION = "0.1.0"


def site() -> OpenAPI:
    """Build the site from the environment, for the web server."""
    settings = Settings()
    logs.configure(strict=settings.demo)
    app = create_app(settings)
    app.wsgi_app = logs.LastResort(app.wsgi_app)  # type: ignore[method-assign]
    return app


def create_app(settings: Settings, store: Database | None = None) -> OpenAPI:
    """Build the site, the APIs and the authorization server.

    ``store`` is the database to use; by default the one that the settings name.
    """
    app = OpenAPI(
        __name__,
        info=Info(title=TITLE, version=VERSION),
        static_folder="../static",
        static_url_path="/static",
        doc_ui=False,
        validation_error_status=422,
        validation_error_callback=problems.invalid_body,
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SITE_URL=settings.site_url,
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=200_000,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    clock.follow(settings.clock_file)
    database.init_app(app, settings, store or Database(settings.database))
    means.init_app(app, settings)
    request_ids.init_app(app)
    problems.init_app(app)
    limits.init_app(app, settings)
    compression.init_app(app)
    strict.init_app(app)
    login.init_app(app, settings)
    authorization.init_app(app)
    wellknown.init_app(app)
    partner.init_app(app)
    extension.init_app(app)
    app.register_blueprint(stripe_hooks.bp)
    pages.init_app(app, settings)
    return app
