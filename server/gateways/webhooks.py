"""Sending a request to an address that somebody else chose, without being sent where it hurts.

A target is https on a public address.  Its name is resolved once, every address that it has must be
public, and the connection goes to exactly the address that was looked at, with the certificate of
the name; so a name that changes its mind between look and use gains nothing.  Redirects are not
followed, proxies of the environment are not used, and time and size are limited.  On a developer's
machine (``allow_loopback``) plain http to that machine is allowed as well.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from server.errors import FieldInvalid
from server.settings import LOOPBACK

SECONDS_FOR_ALL, SECONDS_TO_CONNECT = 10, 5
BODY_READ_BYTES, BODY_KEPT_CHARACTERS = 65_536, 2_000
HEADERS_KEPT, HEADER_KEPT_CHARACTERS = 20, 200
URL_MAX = 500
_HIDDEN_IPV4 = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
    (ipaddress.ip_network("::/96"), 0),
)
"""IPv6 networks that lead to an IPv4 address, and how many bits stand behind that address."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublicError(Exception):
    """The target is not one that we send to; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered; without a ``status`` nothing, and ``error`` says why."""

    duration_ms: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None
    retry_after: timedelta | None = None


def check(url: str, *, allow_loopback: bool) -> None:
    """Refuse an address to which we would never send, as far as that shows now.

    Raises:
        FieldInvalid: it is none, not https, or leads to an address that is not public.

    """
    try:
        target = _target(url, allow_loopback=allow_loopback)
        _public_address(target, allow_loopback=allow_loopback)
    except NotPublicError as refusal:
        raise FieldInvalid("url", str(refusal)) from refusal
    except OSError:  # a name that does not resolve yet may do so later; sending looks again
        return


def send(url: str, *, headers: dict[str, str], body: bytes, allow_loopback: bool) -> Answer:
    """Post a body to an address and return what came of it; whatever goes wrong is an answer."""
    begun = time.monotonic()
    try:
        target = _target(url, allow_loopback=allow_loopback)
        address = _public_address(target, allow_loopback=allow_loopback)
        found = _post(target, address, headers, body)
    except NotPublicError as refusal:
        found = Answer(0, error=str(refusal))
    except socket.gaierror:
        found = Answer(0, error="the name cannot be resolved")
    except (http.client.HTTPException, OSError, ValueError) as error:
        found = Answer(0, error=_told(error, begun))
    spent = round((time.monotonic() - begun) * 1000)
    return Answer(spent, found.status, found.headers, found.body, found.error, found.retry_after)


def _target(url: str, *, allow_loopback: bool) -> SplitResult:
    """Read an address, or refuse its shape."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotPublicError(
            "This is no address; give one like https://example.com/hook."
        ) from error
    is_ours = allow_loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.scheme == "https" or is_ours) or not parts.hostname or len(url) > URL_MAX:
        raise NotPublicError(f"Give an https address of at most {URL_MAX} characters.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotPublicError("Leave names, passwords and #fragments out of the address.")
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        raise NotPublicError("Write the address in visible ASCII, as browsers do.")
    if not is_ours and port not in {None, 443}:
        raise NotPublicError("Use the ordinary port of https, 443.")
    return parts


def _public_address(target: SplitResult, *, allow_loopback: bool) -> str:
    """Resolve a target once and return its address; one that is not public refuses them all."""
    host = str(target.hostname)
    found = socket.getaddrinfo(host, _port(target), type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        ours = allow_loopback and ipaddress.ip_address(address).is_loopback
        if not (ours and host in LOOPBACK) and not _is_public(ipaddress.ip_address(address)):
            raise NotPublicError(
                "The address leads to a machine that is not on the public internet."
            )
    return addresses[0]


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address.teredo is not None:
            return False
        for network, behind in _HIDDEN_IPV4:
            if address in network:
                hidden = int(address) >> behind & 0xFFFFFFFF
                return _is_public(ipaddress.IPv4Address(hidden))
    return address.is_global and not address.is_multicast and not address.is_reserved


def _post(target: SplitResult, address: str, headers: dict[str, str], body: bytes) -> Answer:
    """Post to the address that was looked at, under the target's own name."""
    with (
        _connected(target, address) as link,
        _closed_after(SECONDS_FOR_ALL, link),
        closing(http.client.HTTPConnection(str(target.hostname))) as connection,
    ):
        connection.sock = link
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("POST", path, body, {**headers, "Host": target.netloc})
        response = connection.getresponse()
        read = response.read(BODY_READ_BYTES)
    kept = response.getheaders()[:HEADERS_KEPT]
    return Answer(
        0,
        response.status,
        {name: value[:HEADER_KEPT_CHARACTERS] for name, value in kept},
        read.decode(errors="replace").replace("\0", "\ufffd")[:BODY_KEPT_CHARACTERS],
        retry_after=_retry_after(response.getheader("Retry-After", "")),
    )


def _connected(target: SplitResult, address: str) -> socket.socket:
    link = socket.create_connection((address, _port(target)), SECONDS_TO_CONNECT)
    link.settimeout(SECONDS_FOR_ALL)
    if target.scheme != "https":
        return link
    try:
        return ssl.create_default_context().wrap_socket(link, server_hostname=target.hostname)
    except BaseException:
        link.close()
        raise


@contextmanager
def _closed_after(seconds: float, link: socket.socket) -> Iterator[None]:
    """Cut a connection that goes on and on; a socket's timeout begins anew with each byte."""

    def cut() -> None:
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _port(target: SplitResult) -> int:
    return target.port or {"https": 443, "http": 80}[target.scheme]


def _retry_after(said: str) -> timedelta | None:
    return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() and said else None


def _told(error: Exception, begun: float) -> str:
    """Say what went wrong in words that name none of our own addresses."""
    if isinstance(error, TimeoutError) or time.monotonic() - begun >= SECONDS_FOR_ALL:
        return "it did not answer in time"
    if isinstance(error, ssl.SSLError):
        return "its certificate is not one for this name"
    if isinstance(error, ConnectionRefusedError):
        return "it refused the connection"
    return "the connection broke"
