"""IP addresses as bytes."""

import socket

_V4_IN_V6 = bytes(10) + b"\xff\xff"


def packed(address: str) -> bytes | None:
    """Return the 4 or 16 bytes of an address, or None if it is none.

    An IPv4 address that is written as an IPv6 one is the same address.
    """
    try:
        found = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except (OSError, ValueError):
        return None
    return found.removeprefix(_V4_IN_V6)
