"""What a request says of whoever sent it: a person or not, and whether they may be recognised."""

from functools import lru_cache
from typing import Protocol

from rewards import evidence
from server.services import crawlers

USER_AGENT_MAX = 512

_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


class Headers(Protocol):
    """A request's headers, whatever serves it."""

    def get(self, key: str, default: str, /) -> str:
        """Return the first value, or the default."""


def not_human(method: str, headers: Headers) -> evidence.NotHuman | None:
    """Return why a request is not a person's, or None if it may be."""
    purposes = tuple(headers.get(name, "") for name in _PURPOSES)
    return _not_human(method, user_agent(headers), purposes)


def user_agent(headers: Headers) -> str:
    """Return the user agent, without an end that is longer than any browser's."""
    return headers.get("user-agent", "")[:USER_AGENT_MAX]


def wants_no_key(headers: Headers) -> bool:
    """Tell whether the visitor asked not to be recognised, by Global Privacy Control."""
    return headers.get("sec-gpc", "").strip() == "1"


def is_fetched_ahead(headers: Headers) -> bool:
    """Tell whether a browser keeps the answer for a click that may come; it drops an error."""
    said = " ".join(headers.get(name, "") for name in _PURPOSES).lower()
    return "prefetch" in said or "prerender" in said


@lru_cache(maxsize=20_000)
def _not_human(method: str, agent: str, purposes: tuple[str, ...]) -> evidence.NotHuman | None:
    """Remember answers: 1500 patterns take a millisecond, and browsers come in few kinds."""
    headers = {"user-agent": agent, **dict(zip(_PURPOSES, purposes, strict=True))}
    return evidence.not_human(method, headers, crawlers.PATTERN)
