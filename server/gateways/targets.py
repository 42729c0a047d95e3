"""Which addresses that somebody else chose may be sent to, and which machines they lead to.

A target is https on the ordinary port of a public address.  Its name is resolved once; all that it
resolves to must be public, and only what was looked at is connected to: a name that changes its
mind between look and use gains nothing.  On a developer's machine (``allow_loopback``) the names of
that machine itself may be used, without https too.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from server.settings import LOOPBACK

URL_MAX = 500
PORTS = {"https": 443, "http": 80}
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_UNICAST = ipaddress.ip_network("2000::/3")
"""What the IPv6 internet is made of.  NAT64, mapped and compatible IPv4 all lie outside of it."""
_INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""IPv6 that looks public: protocols (Teredo among them), examples, and 6to4 around an IPv4."""
_SPECIAL = tuple(ipaddress.ip_network(network) for network in ("192.0.0.0/24", "192.88.99.0/24"))
"""IPv4 that looks public: protocols, and the way into 6to4."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublicError(Exception):
    """The target is not one that we send to; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: ``authority`` is what its Host header says."""

    is_secure: bool
    host: str
    port: int
    authority: str
    path: str


def read(url: str, *, allow_loopback: bool) -> Target:
    """Read an address.

    Raises:
        NotPublicError: it is none, or none that we would ever send to.

    """
    parts = _split(url)
    host = parts.hostname or ""
    is_ours = allow_loopback and host in LOOPBACK
    if parts.scheme != "https" and not (is_ours and parts.scheme == "http"):
        raise NotPublicError("Give an address that begins with https://.")
    if "@" in parts.netloc or "#" in url:
        raise NotPublicError("Leave names, passwords and #fragments out of the address.")
    if not is_ours and parts.port not in {None, PORTS["https"]}:
        raise NotPublicError("Use the ordinary port of https, 443.")
    if not (_is_ipv6(host) if "[" in parts.netloc else _NAME.fullmatch(host)):
        raise NotPublicError(
            "The address names no machine; give one like https://example.com/hook."
        )
    return Target(
        is_secure=parts.scheme == "https",
        host=host,
        port=parts.port or PORTS[parts.scheme],
        authority=parts.netloc,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def addresses(target: Target, *, allow_loopback: bool) -> list[str]:
    """Resolve a target and return its addresses, in the order in which to try them.

    Raises:
        NotPublicError: one of them is not public.
        OSError: the name cannot be resolved.

    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise NotPublicError("The address names no machine.") from error
    plain = [str(entry[4][0]).partition("%")[0] for entry in found]
    is_ours = allow_loopback and target.host in LOOPBACK
    for address in map(ipaddress.ip_address, plain):
        if not (is_public(address) or (is_ours and address.is_loopback)):
            raise NotPublicError(
                "The address leads to a machine that is not on the public internet."
            )
    return list(dict.fromkeys(plain))


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, and hides none that is not."""
    if isinstance(address, ipaddress.IPv6Address):
        special = _INSIDE if address in _UNICAST else (ipaddress.ip_network("::/0"),)
    else:
        special = _SPECIAL
    is_special = any(address in network for network in special)
    return address.is_global and not (is_special or address.is_multicast or address.is_reserved)


def _split(url: str) -> SplitResult:
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise NotPublicError(f"Write the address in at most {URL_MAX} visible ASCII characters.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise NotPublicError(
            "This is no address; give one like https://example.com/hook."
        ) from error
    return parts


def _is_ipv6(host: str) -> bool:
    try:
        return "%" not in host and ipaddress.ip_address(host).version == 6  # noqa: PLR2004
    except ValueError:
        return False
