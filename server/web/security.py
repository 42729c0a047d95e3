"""What protects every page: response headers, and a token in every form.

Scripts and styles come from our own files only, so the policy needs neither ``unsafe-inline`` nor
nonces: templates hold no ``<style>``, no ``<script>`` text and no ``style=`` attributes.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect

from server.settings import Settings

NO_COOKIE = ("/api/", "/hooks/", "/oauth/token", "/oauth/revoke", "/f/")
"""Paths whose callers prove who they are without a cookie, so that no form can speak for them."""

_csrf = CSRFProtect()


def init_app(app: Flask, settings: Settings) -> None:
    """Guard every form with a token, and send the security headers with every answer."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    _csrf.init_app(app)
    headers = _headers(settings)

    @app.before_request
    def check_form() -> None:
        if request.path.startswith(NO_COOKIE):
            return
        if any("\0" in words for words in (request.path, *request.values.values())):
            abort(400, "The request holds a null character, which no text here may hold.")
        _csrf.protect()

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer; a view that sets one of them itself wins."""
    headers = {
        "Content-Security-Policy": policy(settings),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    }
    if settings.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def policy(settings: Settings, *, also: str = "") -> str:
    """Return the content security policy; ``also`` is an origin that scripts and forms may use.

    Browsers hold a form to ``form-action`` through every redirect, so the identity providers
    (signing in) and the extension's return address (allowing it) are named there.
    """
    returns = [provider.issuer for provider in settings.identity_providers]
    origins = sorted({_origin(url) for url in returns + settings.extension_redirect_uris})
    own = f"'self' {also}".rstrip()
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own}",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src {own}",
            "manifest-src 'self'",
            " ".join([f"form-action {own}", *origins]),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
