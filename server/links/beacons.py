"""Beacons: how a brand's page reports that a visit is real (docs/ENGINE.md §7).

``POST /b/open`` gives a page that was loaded with a visit's token a nonce, and ``POST /b/seen``
uses it up.  Bodies are JSON sent as ``text/plain``, which browsers send without asking first.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from rewards import evidence
from server import clock
from server.links import answers
from server.links.answers import Answer
from server.links.records import Opening, Sighting, Store, VisitRow
from server.links.rsgi import Exchange, Scope
from server.links.words import Page
from server.links.writer import Writer
from server.services import people

BODY_BYTES_MAX = 1024
AGE_MAX = timedelta(hours=24)
NONCE_BYTES = 16
SLUG = "beacon-refused"
TITLE = "The beacon does not count"

_SECOND_PAGE = 2
_DAY_MS = 86_400_000
_PAGES_MAX = 10_000
_TOKEN_LENGTH_MAX = 32


class Refusal(Enum):
    """Why a beacon does not count: its stable key, status, and sentence."""

    TOO_LARGE = ("too_large", 413, "A beacon has at most 1024 bytes.")
    MALFORMED = ("malformed", 400, "Send a JSON object with exactly the documented members.")
    FOREIGN_ORIGIN = (
        "foreign_origin",
        403,
        "Beacons come from pages of the brand's own domains; this page is on another one.",
    )
    UNKNOWN_VISIT = ("unknown_visit", 404, "We do not know a visit with this token.")
    PRIVACY_CONTROL = (
        "privacy_control",
        403,
        "This browser asks by Global Privacy Control not to be recognised, so nothing is counted.",
    )
    TOO_OLD = ("too_old", 410, "The visit is older than 24 hours.")
    ALREADY_VERIFIED = ("already_verified", 409, "The visit is verified; a nonce works only once.")
    WRONG_NONCE = (
        "wrong_nonce",
        409,
        "This is not the visit's current nonce: it is used, replaced, or another visit's.",
    )
    TOO_SOON = ("too_soon", 422, "The page was loaded less than a second ago.")
    NOT_ENGAGED = (
        "not_engaged",
        422,
        "Verified is 10 seconds in view, an interaction, or a second page.",
    )


class Refused(Exception):
    """The beacon does not count."""

    def __init__(self, refusal: Refusal) -> None:
        """Say why."""
        super().__init__(refusal.value[0])
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Seen:
    token: str
    nonce: str
    visible_ms: int
    interacted: bool
    pages: int


class Beacons:
    """What answers beacons."""

    def __init__(self, store: Store, writer: Writer, site_url: str) -> None:
        """Read from ``store``, write through ``writer``."""
        self._store = store
        self._writer = writer
        self._site_url, self._site_host = site_url, _host(site_url)

    async def answer(self, scope: Scope, exchange: Exchange, action: str) -> Answer:
        """Answer ``open``, ``seen``, or a browser that asks whether it may send them.

        Raises:
            Unavailable: the database does not answer.

        """
        origin = scope.headers.get("origin") or None
        if scope.method == "OPTIONS":
            return await self._preflight(origin)
        if scope.method != "POST":
            page = answers.page(405, Page.FOR_PROGRAMS, scope.headers)
            return answers.with_headers(page, ("allow", "POST, OPTIONS"))
        allowed = None
        try:
            body = _object(await _limited_body(scope, exchange))
            visit = await self._visit(body)
            allowed = await self._allowed_origin(visit, origin)
            _check_privacy(scope)
            done = self._opened(body, visit) if action == "open" else self._seen(body, visit)
            answer = await done
        except Refused as refused:
            key, status, sentence = refused.refusal.value
            answer = answers.problem(self._site_url, SLUG, status, TITLE, sentence, key=key)
        return _readable_by(allowed, answer)

    async def _preflight(self, origin: str | None) -> Answer:
        host = _host(origin)
        is_ours = host is not None and (
            host == self._site_host or await self._store.is_host_of_a_brand(host)
        )
        if not is_ours:
            return Answer(403, [("vary", "origin")])
        more = [
            ("access-control-allow-methods", "POST"),
            ("access-control-allow-headers", "content-type"),
            ("access-control-max-age", "86400"),
        ]
        return _readable_by(origin, Answer(204, more))

    async def _visit(self, body: dict[str, Any]) -> VisitRow:
        token = body.get("token")
        if not isinstance(token, str) or not 0 < len(token) <= _TOKEN_LENGTH_MAX:
            raise Refused(Refusal.MALFORMED)
        visit = await self._store.visit(token) if token.isascii() and token.isprintable() else None
        if visit is None:
            raise Refused(Refusal.UNKNOWN_VISIT)
        return visit

    async def _allowed_origin(self, visit: VisitRow, origin: str | None) -> str | None:
        """Return the origin if it is the brand's, or ours where the visit begins on the card.

        Programs that are no browsers send none.
        """
        if origin is None:
            return None
        if visit.has_card and _host(origin) == self._site_host:
            return origin
        if _host(origin) not in await self._store.hosts(visit.brand_id):
            raise Refused(Refusal.FOREIGN_ORIGIN)
        return origin

    async def _opened(self, body: dict[str, Any], visit: VisitRow) -> Answer:
        """Give the page a nonce, which replaces that of an earlier page."""
        if set(body) != {"token"}:
            raise Refused(Refusal.MALFORMED)
        now = clock.now()
        _check_age(visit, now - visit.clicked_at)
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        if not await self._writer.write(Opening(visit.visit_id, body["token"], nonce, now)):
            raise Refused(Refusal.ALREADY_VERIFIED)
        headers = [("content-type", "application/json"), ("cache-control", "no-store")]
        return Answer(200, headers, json.dumps({"nonce": nonce}).encode())

    async def _seen(self, body: dict[str, Any], visit: VisitRow) -> Answer:
        """Verify the visit if the page has really been in front of somebody."""
        seen = _seen_of(body)
        now = clock.now()
        _check_age(visit, now - visit.clicked_at)
        if visit.opened_at is None or visit.nonce is None or seen.nonce != visit.nonce:
            raise Refused(Refusal.WRONG_NONCE)
        since_load_ms = int((now - visit.opened_at) / timedelta(milliseconds=1))
        visible_ms = min(seen.visible_ms, since_load_ms)  # a page cannot be seen before it is
        reason = evidence.not_verified(
            since_load_ms=since_load_ms,
            visible_ms=visible_ms,
            interacted=seen.interacted,
            second_page=seen.pages >= _SECOND_PAGE,
        )
        if reason is not None:
            raise Refused(Refusal[reason.name])
        engaged = evidence.is_engaged(visible_ms=visible_ms, interacted=seen.interacted)
        sighting = Sighting(visit.visit_id, seen.token, seen.nonce, now, engaged)
        if not await self._writer.write(sighting):
            raise Refused(Refusal.WRONG_NONCE)
        return Answer(204, [("cache-control", "no-store")])


def _check_privacy(scope: Scope) -> None:
    if people.wants_no_key(scope.headers):
        raise Refused(Refusal.PRIVACY_CONTROL)


def _check_age(visit: VisitRow, age: timedelta) -> None:
    if visit.is_verified:
        raise Refused(Refusal.ALREADY_VERIFIED)
    if age > AGE_MAX:
        raise Refused(Refusal.TOO_OLD)


async def _limited_body(scope: Scope, exchange: Exchange) -> bytes:
    """Read the body, but never more than a beacon can have."""
    announced = scope.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > BODY_BYTES_MAX:
        raise Refused(Refusal.TOO_LARGE)
    body = b""
    async for chunk in exchange:
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise Refused(Refusal.TOO_LARGE)
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(Refusal.MALFORMED) from None
    if not isinstance(members, dict):
        raise Refused(Refusal.MALFORMED)
    return members


def _seen_of(body: dict[str, Any]) -> _Seen:
    if set(body) != {"token", "nonce", "visible_ms", "interacted", "pages"}:
        raise Refused(Refusal.MALFORMED)
    seen = _Seen(**body)
    well_formed = (
        isinstance(seen.nonce, str)
        and isinstance(seen.interacted, bool)
        and _is_whole(seen.visible_ms, 0, _DAY_MS)
        and _is_whole(seen.pages, 1, _PAGES_MAX)
    )
    if not well_formed:
        raise Refused(Refusal.MALFORMED)
    return seen


def _is_whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _host(origin: str | None) -> str | None:
    """Return the host and port of a web origin, or None for ``null`` and the like."""
    try:
        parts = urlsplit(origin or "")
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in {"http", "https"} else None


def _readable_by(origin: str | None, answer: Answer) -> Answer:
    answer = answers.with_headers(answer, ("vary", "origin"))
    if origin is None:
        return answer
    return answers.with_headers(answer, ("access-control-allow-origin", origin))
