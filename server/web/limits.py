"""How many requests a caller may send, and what every answer says about it.

Three policies: ``requests`` for who shows a good token (a partner's client, or a person), counted
for them wherever they come from; ``anonymous`` for an address without one, so that guessing
secrets is slow; and ``guesses`` for tried codes that do not exist.  The headers follow
draft-ietf-httpapi-ratelimit-headers-10.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from typing import cast

from flask import Flask, Response, current_app, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded, RequestLimit

from server.errors import CodeRefused, RefusalKey
from server.settings import Settings
from server.web import caller, counting, problems

PATHS = ("/api/", "/oauth/token", "/oauth/revoke")
WINDOW = "minute"
TRIES = frozenset(
    {"partner_codes.validate", "partner_reservations.create", "partner_redemptions.create"}
)
"""Where a code is tried.  An order may name any code that its buyer used, so it is none."""
GUESSES = frozenset({RefusalKey.UNKNOWN, RefusalKey.WRONG_BRAND})
"""Refusals of a code that only a guess, or a slip of the finger, brings about."""

_KEY = "fanfare-limits"
_HANDED_OUT_TO_ONE = 64
"""How many leading bits of an IPv6 address belong to one customer of a provider."""

SENTENCES = {
    "requests": "You sent more requests than one caller may send in a minute.",
    "anonymous": "Your address sent more requests without a good token than it may in a minute.",
    "guesses": "You tried too many codes that do not exist in a minute.",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Count the requests to the APIs and to the authorization server."""
    app.after_request(_tell)  # runs after the limiter's own, which counts the guesses
    app.register_error_handler(RateLimitExceeded, _refuse)
    limiter = Limiter(
        _who,
        application_limits=_policies(settings),
        strategy="fixed-window",
        storage_uri=f"{counting.SHARED if settings.redis_url else counting.ALONE}://",
        storage_options={"redis_url": settings.redis_url} if settings.redis_url else {},
        headers_enabled=False,
        request_identifier=lambda: request.endpoint or "nothing",
    )
    limiter.init_app(app)
    app.extensions[_KEY] = limiter


def _policies(settings: Settings) -> list[str | Callable[[], str] | ApplicationLimit]:
    return [
        ApplicationLimit(
            f"{settings.requests_per_minute}/{WINDOW}",
            scope="requests",
            exempt_when=lambda: not _is_counted() or caller.access() is None,
            error_message=SENTENCES["requests"],
        ),
        ApplicationLimit(
            f"{settings.anonymous_requests_per_minute}/{WINDOW}",
            scope="anonymous",
            exempt_when=lambda: not _is_counted() or caller.access() is not None,
            error_message=SENTENCES["anonymous"],
        ),
        ApplicationLimit(
            f"{settings.code_guesses_per_minute}/{WINDOW}",
            scope="guesses",
            exempt_when=lambda: not _tries_a_code(),
            deduct_when=_is_guess,
            error_message=SENTENCES["guesses"],
        ),
    ]


def _is_counted() -> bool:
    return request.method != "OPTIONS" and request.path.startswith(PATHS)


def _tries_a_code() -> bool:
    return request.endpoint in TRIES and caller.access() is not None


def _is_guess(response: Response) -> bool:
    """Tell whether an answer says that a code does not exist; one that is repeated says nothing."""
    if response.status_code != problems.KINDS[CodeRefused].status:
        return False
    is_first = "Idempotent-Replayed" not in response.headers
    return is_first and response.get_json().get("key") in GUESSES


def _who() -> str:
    """Return who is counted: a partner's client, a person, or an address."""
    access = caller.access()
    if access is None:
        return f"address:{_network(request.remote_addr or '')}"
    if access.member_id is not None:
        return f"member:{access.member_id}"
    return f"client:{access.client_id}"


def _network(address: str) -> str:
    """Return what one customer of a provider holds: an IPv4 address, or a network of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 4:  # noqa: PLR2004 - the version of the protocol
        return str(found)
    return str(ipaddress.ip_network((found, _HANDED_OUT_TO_ONE), strict=False).network_address)


def _tell(response: Response) -> Response:
    """Say in every counted answer what the limits are and what is left of them."""
    counted = _limiter().current_limits
    if counted:
        response.headers["RateLimit-Policy"] = ", ".join(
            f'"{_name(one)}";q={one.limit.amount};w={one.limit.get_expiry()}' for one in counted
        )
        response.headers["RateLimit"] = ", ".join(_left(one) for one in counted)
    return response


def _refuse(error: RateLimitExceeded) -> Response:
    breached = [one for one in _limiter().current_limits if one.breached]
    wait = max(_seconds_to_go(one) for one in breached)
    response = problems.problem(
        problems.RATE_LIMITED,
        f"{error.description} Wait {wait} seconds.",
        **{"violated-policies": [_name(one) for one in breached]},
    )
    response.headers["Retry-After"] = str(wait)
    return response


def _limiter() -> Limiter:
    return cast("Limiter", current_app.extensions[_KEY])


def _name(one: RequestLimit) -> str:
    return one.request_args[-1]


def _left(one: RequestLimit) -> str:
    """Write what is left; without a request there is no window yet that could end."""
    left = f'"{_name(one)}";r={one.remaining}'
    return left if one.remaining == one.limit.amount else f"{left};t={_seconds_to_go(one)}"


def _seconds_to_go(one: RequestLimit) -> int:
    return max(1, math.ceil(one.window.reset_time - time.time()))
