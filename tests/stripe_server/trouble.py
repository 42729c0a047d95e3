"""Trouble: the part of the server that lets requests fail when a test says so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.stripe_server.failures import Failure, Hold
from tests.stripe_server.insides import Insides


class Trouble(Insides):
    """Failures on demand."""

    def fail(
        self,
        times: int = 1,
        status: int = 500,
        path: str = "",
        *,
        method: str | None = None,
        after_effect: bool = False,
    ) -> None:
        """Let the next requests whose path contains this expression fail."""
        self._api.failures.add(
            Failure(times, path, method, status=status, after_effect=after_effect)
        )

    def cut(
        self,
        times: int = 1,
        path: str = "",
        *,
        method: str | None = None,
        after_effect: bool = False,
    ) -> None:
        """Cut the connection of the next matching requests, without an answer."""
        self._api.failures.add(Failure(times, path, method, cut=True, after_effect=after_effect))

    def slow(
        self, seconds: float, times: int = 1, path: str = "", *, after_effect: bool = False
    ) -> threading.Event:
        """Let the next matching requests take their time; the event says that one has begun to."""
        failure = Failure(times, path, seconds=seconds, after_effect=after_effect)
        self._api.failures.add(failure)
        return failure.reached

    @contextmanager
    def holding(self, path: str = "", *, method: str | None = None) -> Iterator[Hold]:
        """Hold the next matching request in its middle until the block ends."""
        hold = Hold()
        failure = Failure(1, path, method, hold=hold)
        self._api.failures.add(failure)
        try:
            yield hold
        finally:
            hold.released.set()
            self._api.failures.remove(failure)

    def recover(self) -> None:
        """Let nothing fail any more."""
        self._api.failures.clear()
