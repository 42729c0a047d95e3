"""Who clicked: from which address, and under which key of the day."""

import asyncio
import secrets
from datetime import date
from typing import NamedTuple

from rewards import networks
from server.links.records import Store
from server.services import addresses

SALT_BYTES = 16


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


class Network(NamedTuple):
    """The visitor's network, hashed under the keys of the even and the odd periods."""

    even: bytes | None
    odd: bytes | None


class Networks:
    """The two keys of networks (``rewards.networks``); old ones are forgotten as new ones come."""

    def __init__(self, store: Store) -> None:
        """Share keys with other processes through ``store``."""
        self._store = store
        self._today: tuple[date, tuple[bytes, bytes]] | None = None
        self._asking = asyncio.Lock()

    async def of(self, day: date, offer: str, address: str) -> Network:
        """Return the hashes of an address's network for an offer; none if it is no address.

        Raises:
            Unavailable: the database does not answer.

        """
        packed = addresses.packed(address)
        if packed is None:
            return Network(None, None)
        if self._today is None or self._today[0] != day:
            async with self._asking:
                if self._today is None or self._today[0] != day:
                    self._today = day, await self._keys(day)
        prefix = networks.prefix_of(packed)
        return Network(*networks.network_hashes(self._today[1], offer, prefix))

    async def _keys(self, day: date) -> tuple[bytes, bytes]:
        even, odd = [
            await self._store.network_key(date.fromordinal(first), secrets.token_bytes(SALT_BYTES))
            for first in networks.began(day.toordinal())
        ]
        return even, odd
