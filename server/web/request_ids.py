"""The name of every request: in its answer, in its problem and in our logs.

A caller may bring a name of its own, so that both sides' logs can be laid beside each other.
"""

import re

import structlog
from flask import Flask, Response, request

from server import tokens

HEADER = "X-Request-Id"
_GIVEN = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,64}")
"""What is taken over: visible characters that need no quotes, in a log or in a shell."""
_KEPT_AS = "fanfare.request_id"


def init_app(app: Flask) -> None:
    """Name every request before anything else, and every answer after everything else."""
    app.before_request(_bind)
    app.after_request(_tell)


def current() -> str:
    """Return the name of the request that is being answered."""
    known = request.environ.get(_KEPT_AS)
    if known is None:
        given = request.headers.get(HEADER, "")
        known = given if _GIVEN.fullmatch(given) else tokens.public_id()
        request.environ[_KEPT_AS] = known
    return str(known)


def _bind() -> None:
    structlog.contextvars.clear_contextvars()
    name = current()  # of a caller's own making, so an address of e-mail stays out of our logs
    structlog.contextvars.bind_contextvars(request_id="given" if "@" in name else name)


def _tell(response: Response) -> Response:
    response.headers[HEADER] = current()
    return response
