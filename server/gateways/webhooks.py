"""Sending a request to an address that somebody else chose, within limits of time and size.

``targets.py`` says where to.  The connection goes to exactly the addresses that were looked at, and
the certificate must be the name's.  No redirect is followed, no proxy of the environment is used.
"""

import http.client
import io
import socket
import ssl
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, cast

from server.errors import FieldInvalid
from server.gateways import targets
from server.gateways.targets import NotPublicError, Target

SECONDS_FOR_ALL, SECONDS_TO_CONNECT = 10, 5
ANSWER_READ_BYTES = 65_536
"""Of an answer, head and body together, at most this is read."""
BODY_KEPT_CHARACTERS = 2_000
HEADERS_KEPT, HEADER_KEPT_CHARACTERS = 20, 200
LONGEST_RETRY_AFTER_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered; without a ``status`` nothing, and ``error`` says why."""

    duration_ms: int = 0
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
        targets.addresses(
            targets.read(url, allow_loopback=allow_loopback), allow_loopback=allow_loopback
        )
    except NotPublicError as refusal:
        raise FieldInvalid("url", str(refusal)) from refusal
    except OSError:  # a name that does not resolve yet may do so later; sending looks again
        return


def send(url: str, *, headers: dict[str, str], body: bytes, allow_loopback: bool) -> Answer:
    """Post a body to an address and return what came of it; whatever goes wrong is an answer."""
    begun = time.monotonic()
    try:
        target = targets.read(url, allow_loopback=allow_loopback)
        addresses = targets.addresses(target, allow_loopback=allow_loopback)
        wire = _connected(target, addresses, begun + SECONDS_FOR_ALL)
        with closing(wire.link):
            found = _post(wire, target, headers, body)
    except NotPublicError as refusal:
        found = Answer(error=str(refusal))
    except (http.client.HTTPException, OSError, ValueError) as error:
        found = Answer(error=_told(error))
    return replace(found, duration_ms=round((time.monotonic() - begun) * 1000))


class _Wire(io.RawIOBase):
    """A connection with one limit of time for all of it, and one of size for what it reads.

    A socket's own timeout begins anew with every byte.
    """

    def __init__(self, link: socket.socket, until: float) -> None:
        """Limit a connection; ``until`` is on the monotonic clock."""
        self.link = link
        self._until = until
        self._left = ANSWER_READ_BYTES

    def secure(self, host: str) -> None:
        """Go on in TLS, with the certificate of a name."""
        self.link.settimeout(_left(self._until))
        self.link = _tls().wrap_socket(self.link, server_hostname=host)

    def sendall(self, content: bytes) -> None:
        """Send all of it."""
        self.link.settimeout(_left(self._until))
        self.link.sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what is read from here on; it ends where our patience with its size does."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - buffers have no common type yet
        """Read what is there, waiting for it as long as there is time."""
        wanted = min(len(buffer), self._left)
        if wanted == 0:
            return 0
        self.link.settimeout(_left(self._until))
        count = self.link.recv_into(buffer, wanted)
        self._left -= count
        return count

    def close(self) -> None:
        """Stay open for what is read after the head; ``send`` closes the connection itself."""


def _connected(target: Target, addresses: list[str], until: float) -> _Wire:
    """Connect to the first of the addresses that lets us."""
    failed: OSError | None = None
    for address in addresses:
        try:
            seconds = min(SECONDS_TO_CONNECT, _left(until))
            wire = _Wire(socket.create_connection((address, target.port), seconds), until)
        except OSError as error:
            failed = error
            continue
        if target.is_secure:
            try:
                wire.secure(target.host)
            except BaseException:
                wire.link.close()
                raise
        return wire
    raise failed or OSError("the name has no address")


def _post(wire: _Wire, target: Target, headers: dict[str, str], body: bytes) -> Answer:
    connection = http.client.HTTPConnection(target.host)
    connection.sock = cast("socket.socket", wire)
    head = {**headers, "Host": target.authority, "Connection": "close"}
    connection.request("POST", target.path, body, head)
    response = connection.getresponse()
    read, error = _body(response)
    kept = response.getheaders()[:HEADERS_KEPT]
    return Answer(
        status=response.status,
        headers={name: _kept(value, HEADER_KEPT_CHARACTERS) for name, value in kept},
        body=_kept(read.decode(errors="replace"), BODY_KEPT_CHARACTERS),
        error=error,
        retry_after=_retry_after(response.getheader("Retry-After", "")),
    )


def _body(response: http.client.HTTPResponse) -> tuple[bytes, str | None]:
    """Read the body as far as it comes: the status was said before it."""
    read = b""
    try:
        while piece := response.read1(ANSWER_READ_BYTES):
            read += piece
    except (http.client.HTTPException, OSError, ValueError):
        return read, "its answer did not end well"
    return read, None


def _kept(said: str, characters: int) -> str:
    """Cut what a machine said, and leave out the character that PostgreSQL cannot keep."""
    return said.replace("\0", "\ufffd")[:characters]


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Read the machine's authorities once: that takes longer than most requests."""
    return ssl.create_default_context()


def _retry_after(said: str) -> timedelta | None:
    """Read how long the target asks us to wait: seconds, or a moment."""
    if said.isascii() and said.isdigit():
        return timedelta(seconds=int(said[:LONGEST_RETRY_AFTER_DIGITS]))
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(at - datetime.now(UTC), timedelta())


def _told(error: Exception) -> str:
    """Say what went wrong in words that name none of our own addresses."""
    words = {
        TimeoutError: "it did not answer in time",
        socket.gaierror: "its name cannot be resolved",
        ssl.SSLCertVerificationError: "its certificate is not a good one for this name",
        ssl.SSLError: "it speaks no TLS that we understand",
        ConnectionRefusedError: "it refused the connection",
        http.client.HTTPException: "it did not answer in HTTP",
        ValueError: "it did not answer in HTTP",
    }
    for kind, said in words.items():
        if isinstance(error, kind):
            return said
    return "the connection broke"
