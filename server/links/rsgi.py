"""The part of Granian's RSGI interface that we use, typed; Granian's own stubs say less."""

from collections.abc import AsyncIterator
from typing import Protocol


class Headers(Protocol):
    """A request's headers, by lower-case names."""

    def get(self, key: str, default: str = "", /) -> str:
        """Return the first value, or the default."""

    def get_all(self, key: str, /) -> list[str]:
        """Return every value, one a line of the request."""


class Scope(Protocol):
    """A request."""

    @property
    def headers(self) -> Headers:
        """What the request says about itself."""

    @property
    def client(self) -> str:
        """The peer, as ``address:port``."""

    @property
    def method(self) -> str:
        """``GET`` and the like."""

    @property
    def path(self) -> str:
        """The path, decoded."""


class Exchange(Protocol):
    """How the body is read and the answer sent."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the body, piece by piece."""

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        """Answer without a body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer with a body."""
