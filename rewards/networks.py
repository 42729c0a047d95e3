"""Small networks, told apart for a while and never found again (docs/ENGINE.md §8).

A network is a prefix: /24, or /48 of IPv6.  Stored is its keyed hash, under keys that the caller
destroys.  A key serves for two periods of 14 days, and a new one begins with each period, so there
are always two.  Every visit is hashed under both; the older one covers all of the last 14 days.

Days are whole numbers of any one count.
"""

import hashlib

PERIOD_DAYS = 14
KEY_DAYS = 2 * PERIOD_DAYS
HASH_BYTES = 8

_V4_BYTES, _V6_BYTES = 3, 6
_V4_LENGTH = 4


def prefix_of(packed: bytes) -> bytes:
    """Return the network of a packed address of 4 or 16 bytes."""
    return packed[: _V4_BYTES if len(packed) == _V4_LENGTH else _V6_BYTES]


def network_hashes(keys: tuple[bytes, bytes], offer: str, prefix: bytes) -> tuple[bytes, bytes]:
    """Return BLAKE2b in 8 bytes, keyed, over offer | prefix, under both keys.

    Offers share no hashes.  BLAKE2b has a key of its own (RFC 7693) and takes a seventh of the time
    of HMAC-SHA256.
    """
    name = offer.encode("utf-8", "surrogatepass")
    message = len(name).to_bytes(4, "big") + name + prefix
    even, odd = keys
    return (
        hashlib.blake2b(message, key=even, digest_size=HASH_BYTES).digest(),
        hashlib.blake2b(message, key=odd, digest_size=HASH_BYTES).digest(),
    )


def began(day: int) -> tuple[int, int]:
    """Return the first days of the two keys of a day: of the even periods', and of the odd."""
    period = day // PERIOD_DAYS
    even, odd = (period - 1, period) if period % 2 else (period, period - 1)
    return even * PERIOD_DAYS, odd * PERIOD_DAYS


def is_even_older(day: int) -> bool:
    """Tell under which key visits of the 14 days before a day compare: the even periods'?"""
    return day // PERIOD_DAYS % 2 == 1
