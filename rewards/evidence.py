"""From a click to a verified visit: what is human, and what is real (docs/ENGINE.md §7).

Only verified visits and orders ever count.  The visitor's IP address enters a keyed hash with a
salt that the caller destroys after two days, and is not kept.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from enum import StrEnum

KEY_BYTES = 8
SINCE_LOAD_MS_MIN = 1_000
VISIBLE_MS_MIN = 10_000

_SPECULATIVE = re.compile(r"prefetch|prerender|preview")
_PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")


class Level(StrEnum):
    """How much is known about a visit, from least to most."""

    CLICK = "click"
    HUMAN = "human"
    VERIFIED = "verified"


class NotHuman(StrEnum):
    """Why a request was not made by a person who wants to see the page."""

    HEAD = "head"
    SPECULATIVE = "speculative"
    """The browser fetched the page in advance; nobody has seen it."""
    NO_USER_AGENT = "no_user_agent"
    CRAWLER = "crawler"
    DATACENTRE = "datacentre"
    """The address lies in a network of the operator's list; the caller looks it up."""


class NotVerified(StrEnum):
    """Why a beacon does not make a visit verified."""

    TOO_SOON = "too_soon"
    NOT_ENGAGED = "not_engaged"


def visitor_key(salt: bytes, offer: str, ip: str, user_agent: str) -> bytes:
    """Return the first 8 bytes of HMAC-SHA256(salt, offer | IP | user agent).

    ``salt`` is the random salt of the UTC day.  Lengths are written in front of the parts, so that
    no two different visitors share a message.
    """
    parts = (part.encode("utf-8", "surrogatepass") for part in (offer, ip, user_agent))
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(salt, message, hashlib.sha256)[:KEY_BYTES]


def not_human(method: str, headers: Mapping[str, str], crawler: re.Pattern[str]) -> NotHuman | None:
    """Return why a request is not a person's, or None if it may be.

    ``headers`` has lower-case names; ``crawler`` matches the user agents of known crawlers and of
    the fetchers that make link previews.
    """
    user_agent = headers.get("user-agent", "").strip()
    if method.upper() == "HEAD":
        return NotHuman.HEAD
    if any(_SPECULATIVE.search(headers.get(name, "").lower()) for name in _PURPOSE_HEADERS):
        return NotHuman.SPECULATIVE
    if not user_agent:
        return NotHuman.NO_USER_AGENT
    if crawler.search(user_agent):
        return NotHuman.CRAWLER
    return None


def not_verified(
    *, since_load_ms: int, visible_ms: int, interacted: bool, second_page: bool
) -> NotVerified | None:
    """Return why a beacon does not verify its visit, or None if it does.

    At least a second after loading, and ten seconds in view, an interaction or a second page.
    """
    if since_load_ms < SINCE_LOAD_MS_MIN:
        return NotVerified.TOO_SOON
    if not is_engaged(visible_ms=visible_ms, interacted=interacted) and not second_page:
        return NotVerified.NOT_ENGAGED
    return None


def is_engaged(*, visible_ms: int, interacted: bool) -> bool:
    """Tell whether somebody read the page, as the nightly look at visits counts it."""
    return interacted or visible_ms >= VISIBLE_MS_MIN


def is_verified(
    *, since_load_ms: int, visible_ms: int, interacted: bool, second_page: bool
) -> bool:
    """Tell whether a beacon verifies its visit."""
    return (
        not_verified(
            since_load_ms=since_load_ms,
            visible_ms=visible_ms,
            interacted=interacted,
            second_page=second_page,
        )
        is None
    )
