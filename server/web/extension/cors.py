"""Letting exactly our extensions read these answers, so that they need no host permission."""

import re
from urllib.parse import urlsplit

from flask import Flask, Response, request

from server.web.database import settings
from server.web.extension import PREFIX

PATHS = (f"{PREFIX}/", "/oauth/token", "/oauth/revoke")
_CHROMIUM, _FIREFOX = ".chromiumapp.org", ".extensions.allizom.org"
_UUID = re.compile(r"moz-extension://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def init_app(app: Flask) -> None:
    """Answer preflights, and name the extension's origin in every answer, refusals included."""
    app.before_request(_preflight)
    app.after_request(_name_origin)


def _preflight() -> Response | None:
    is_preflight = request.method == "OPTIONS" and request.path.startswith(PATHS)
    return Response(status=204) if is_preflight else None


def _name_origin(response: Response) -> Response:
    if not request.path.startswith(PATHS):
        return response
    response.vary.add("Origin")
    if request.origin is not None and _is_ours(request.origin):
        response.headers["Access-Control-Allow-Origin"] = request.origin
        response.headers["Access-Control-Expose-Headers"] = (
            "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
        )
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, If-None-Match"
            )
            response.headers["Access-Control-Max-Age"] = "7200"
    return response


def _is_ours(origin: str) -> bool:
    """Tell whether an origin is an extension to which a sign-in may return.

    Firefox gives every installation an origin of its own, so there any extension's is let in: it
    still needs a token that only a redirect to our own address gives away.
    """
    hosts = [urlsplit(uri).netloc for uri in settings().extension_redirect_uris]
    if any(host.endswith(_FIREFOX) for host in hosts) and _UUID.fullmatch(origin):
        return True
    return origin in {
        f"chrome-extension://{host.removesuffix(_CHROMIUM)}"
        for host in hosts
        if host.endswith(_CHROMIUM)
    }
