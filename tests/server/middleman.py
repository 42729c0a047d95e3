"""Somebody between a client and a server who changes what they say, and so breaks promises."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import urllib3

CONNECTIONS = 40
OF_THE_WAY = {"connection", "transfer-encoding", "content-length", "keep-alive", "accept-encoding"}
"""Headers that belong to one part of the way, or that would let the answer come compressed."""


@dataclass
class Sent:
    """A request on its way; ``had_company`` when others for the same address were open."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    had_company: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, content: object) -> None:
        self.body = json.dumps(content).encode()


@dataclass
class Given:
    """An answer on its way back."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, content: object) -> None:
        self.body = json.dumps(content).encode()

    def is_problem(self, slug: str) -> bool:
        """Tell whether this is the problem document with this slug."""
        is_one = self.status >= 400 and self.headers.get("Content-Type", "").endswith("json")
        return is_one and str(self.json.get("type")).endswith(f"/problems/{slug}")


def honest(_sent: Sent, _given: Given) -> None:
    """Change nothing."""


def any_request(_sent: Sent) -> None:
    """Change nothing."""


@dataclass
class Middleman:
    """A WSGI application that asks the server at ``target`` and changes what it wants to.

    ``spoil_request`` and ``spoil_answer`` change what they are given in place.
    """

    target: str
    spoil_request: Callable[[Sent], None] = any_request
    spoil_answer: Callable[[Sent, Given], None] = honest
    _open: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=CONNECTIONS, block=True)
    )

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        sent = _read(environ)
        before = self._count(sent, 1) > 1
        try:
            self.spoil_request(sent)
            given = self._forward(sent)
        finally:
            sent.had_company = self._count(sent, -1) > 0 or before
        self.spoil_answer(sent, given)
        kept = [(k, v) for k, v in given.headers.items() if k.lower() not in OF_THE_WAY]
        start(f"{given.status} Answered", [*kept, ("Content-Length", str(len(given.body)))])
        return [given.body]

    def be_honest(self) -> None:
        """Change nothing from now on."""
        self.spoil_request, self.spoil_answer = any_request, honest

    def close(self) -> None:
        """Close the connections to the server."""
        self._pool.clear()

    def _forward(self, sent: Sent) -> Given:
        address = f"{self.target}{sent.path}" + (f"?{sent.query}" if sent.query else "")
        answer = self._pool.request(
            sent.method,
            address,
            headers=sent.headers,
            body=sent.body,
            redirect=False,
            retries=False,
            timeout=30,
        )
        return Given(answer.status, answer.headers, answer.data)

    def _count(self, sent: Sent, by: int) -> int:
        with self._lock:
            self._open[sent.path] = self._open.get(sent.path, 0) + by
            return self._open[sent.path]


def _read(environ: WSGIEnvironment) -> Sent:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    return Sent(
        environ["REQUEST_METHOD"],
        environ["RAW_URI"].partition("?")[0],
        environ["QUERY_STRING"],
        {k: v for k, v in headers.items() if v and k.lower() not in OF_THE_WAY},
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
    )
