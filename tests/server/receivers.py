"""Receivers of webhooks: real servers on this machine that answer well, badly, slowly or never."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[[socket.socket], None]
"""What a receiver does with a connection once it has read the request."""


@dataclass(frozen=True)
class Request:
    """One request as it came; names of headers in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A server that keeps what it was sent."""

    port: int
    behaviour: Behaviour
    host: str = "127.0.0.1"
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    most_at_once: int = 0
    on_connection: Callable[[], None] = lambda: None
    on_request: Callable[[], None] = lambda: None
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _open: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hook"

    def wait(self, requests: int = 1, seconds: float = 20) -> None:
        """Wait until so many more requests came."""
        for _ in range(requests):
            assert self.came.acquire(timeout=seconds), f"{len(self.requests)} requests came"

    def serve(self, link: socket.socket) -> None:
        with self._lock:
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
        try:
            with suppress(OSError):
                self.on_connection()
                self.requests.append(_read(link))
                self.came.release()
                self.on_request()
                self.behaviour(link)
        finally:
            with self._lock:
                self._open -= 1


@contextmanager
def receiving(
    behaviour: Behaviour | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    name: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Receiver]:
    """Listen on an address of this machine until the block ends."""
    listener = socket.create_server((host, port))
    listener.settimeout(0.05)
    receiver = Receiver(
        listener.getsockname()[1], behaviour or says(), name or host, "https" if tls else "http"
    )
    ended = threading.Event()
    threads: list[threading.Thread] = []

    def talk(plain: socket.socket) -> None:
        plain.settimeout(30)
        with suppress(OSError), plain:
            link = tls.wrap_socket(plain, server_side=True) if tls else plain
            with link:
                receiver.serve(link)

    def accept() -> None:
        while not ended.is_set():
            try:
                link, _ = listener.accept()
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=talk, args=(link,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield receiver
    finally:
        ended.set()
        accepting.join()
        listener.close()


def says(status: int = 200, body: bytes = b"ok", **headers: str) -> Behaviour:
    """Answer at once; ``retry_after="5"`` is a header."""

    def answer(link: socket.socket) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        link.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave in one way after the other, and stay with the last."""
    left = list(behaviours)

    def answer(link: socket.socket) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(link)

    return answer


def waits_for(released: threading.Event, then: Behaviour | None = None) -> Behaviour:
    """Say nothing until somebody says so."""

    def answer(link: socket.socket) -> None:
        released.wait(60)
        (then or says())(link)

    return answer


def drips(head: bytes, drop: bytes, *, pause: float = 0.0) -> Behaviour:
    """Say a little again and again, without end."""

    def answer(link: socket.socket) -> None:
        link.sendall(head)
        while True:
            link.sendall(drop)
            time.sleep(pause)

    return answer


def _read(link: socket.socket) -> Request:
    came = b""
    while b"\r\n\r\n" not in came:
        piece = link.recv(65_536)
        if not piece:
            raise ConnectionError
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)
    }
    while len(body) < int(headers.get("content-length", "0")):
        body += link.recv(65_536)
    return Request(method, path, headers, body)
