"""Who clicked: a person or not, from which address, and under which key of the day."""

import asyncio
import re
import secrets
from datetime import date
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from rewards import evidence
from server.links.records import Store
from server.links.rsgi import Headers

SALT_BYTES = 16
USER_AGENT_MAX = 512

_NOT_LISTED = ("Bluesky Cardyb",)
"""Makers of link previews that the list of crawlers does not have."""
CRAWLERS = re.compile(
    "|".join([*(entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA), *_NOT_LISTED])
)
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def not_human(method: str, headers: Headers) -> evidence.NotHuman | None:
    """Return why a request is not a person's, or None if it may be."""
    purposes = tuple(headers.get(name, "") for name in _PURPOSES)
    return _not_human(method, user_agent(headers), purposes)


def user_agent(headers: Headers) -> str:
    """Return the user agent, without an end that is longer than any browser's."""
    return headers.get("user-agent", "")[:USER_AGENT_MAX]


@lru_cache(maxsize=20_000)
def _not_human(method: str, agent: str, purposes: tuple[str, ...]) -> evidence.NotHuman | None:
    """Remember answers: 1500 patterns take a millisecond, and browsers come in few kinds."""
    headers = {"user-agent": agent, **dict(zip(_PURPOSES, purposes, strict=True))}
    return evidence.not_human(method, headers, CRAWLERS)


def wants_no_key(headers: Headers) -> bool:
    """Tell whether the visitor asked not to be recognised, by Global Privacy Control."""
    return headers.get("sec-gpc", "").strip() == "1"


def client_address(peer: str, forwarded_for: list[str], trusted_proxies: int) -> str:
    """Return the visitor's address: the peer's, or what the outermost proxy of ours saw.

    ``peer`` is ``host:port``.  Each proxy appends whom it heard from, so with two proxies the
    second entry from the right is true, and everything left of it is hearsay.
    """
    if trusted_proxies:
        entries = [entry.strip() for line in forwarded_for for entry in line.split(",")]
        if len(entries) >= trusted_proxies and entries[-trusted_proxies]:
            return entries[-trusted_proxies]
    return peer.rpartition(":")[0].strip("[]")


class Salts:
    """The salt of the current UTC day; yesterday's is forgotten as soon as today's is needed."""

    def __init__(self, store: Store) -> None:
        """Share salts with other processes through ``store``."""
        self._store = store
        self._today: tuple[date, bytes] | None = None
        self._asking = asyncio.Lock()

    async def of(self, day: date) -> bytes:
        """Return the day's salt, made now if this is the first click of the day anywhere.

        Raises:
            Unavailable: the database does not answer.

        """
        if self._today is None or self._today[0] != day:
            async with self._asking:
                if self._today is None or self._today[0] != day:
                    fresh = secrets.token_bytes(SALT_BYTES)
                    self._today = (day, await self._store.salt(day, fresh))
        return self._today[1]
