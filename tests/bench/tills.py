"""Many tills that ask at once, each the next thing as soon as it has its answer.

Runs in a process of its own, so that it does not take turns with what it measures.
"""

import asyncio
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, cast

Ask = tuple[str, dict[str, Any]]
"""A path and a body."""


@dataclass
class Asked:
    """What came of many requests: how long they took, each and together, and the answers."""

    seconds: float = 0.0
    client_seconds: float = 0.0
    """Of the processor, in this process."""
    server_seconds: float = 0.0
    """Of the processor, in the server; whoever asked fills it in."""
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def ask(port: int, token: str, asks: list[Ask], tills: int) -> Asked:
    """Post every ask once and return what came of it."""
    head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
    waiting = deque(_request(head, path, body) for path, body in asks)
    return asyncio.run(_ask(port, waiting, tills))


async def _ask(port: int, waiting: deque[bytes], tills: int) -> Asked:
    loop, asked = asyncio.get_running_loop(), Asked()
    began, used = time.perf_counter(), time.process_time()
    at_work = [_Till(waiting, asked, loop.create_future()) for _ in range(tills)]
    for till in at_work:
        await loop.create_connection(lambda till=till: till, "127.0.0.1", port)
    await asyncio.gather(*(till.done for till in at_work))
    asked.seconds = time.perf_counter() - began
    asked.client_seconds = time.process_time() - used
    return asked


class _Till(asyncio.Protocol):
    """One connection."""

    def __init__(self, waiting: deque[bytes], asked: Asked, done: asyncio.Future[None]) -> None:
        self.done = done
        self._waiting, self._asked = waiting, asked
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._asked.latencies.append(time.perf_counter() - self._since)
        self._asked.statuses[int(head.split(b" ", 2)[1])] += 1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        if not self._waiting:
            self.done.set_result(None)
            self._transport.close()
            return
        self._answer, self._since = b"", time.perf_counter()
        self._transport.write(self._waiting.popleft())


def _request(head: str, path: str, body: dict[str, Any]) -> bytes:
    content = json.dumps(body)
    kind = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{head}{kind}\r\n{content}".encode()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    assert found, head
    return int(rest.split(b"\r\n", 1)[0])
