"""Failures on demand: refusals, cut connections and slowness, before or after the effect.

A failure before the effect happens at Stripe's edge: nothing was done and nothing is remembered
for the idempotency key.  After the effect everything was done; a 500 is then what the key will be
answered with from now on, as Stripe documents it, while a cut connection hides an answer that a
repetition will get.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

MESSAGES = {
    429: "Too many requests hit the API too quickly. We recommend an exponential backoff of your "
    "requests.",
    500: "Something went wrong on Stripe's end.",
}


@dataclass
class Failure:
    """What shall happen to the next matching requests."""

    times: int
    path: str = ""
    method: str | None = None
    status: int | None = None
    cut: bool = False
    after_effect: bool = False
    seconds: float = 0.0
    hold: "Hold | None" = None
    reached: threading.Event = field(default_factory=threading.Event)
    """Set when a request has come to the point of failing: after the effect, it is done."""

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is meant."""
        return self.method in {None, method} and re.search(self.path, path) is not None

    def body(self) -> dict[str, Any]:
        """Return what the answer says."""
        if self.status == 429:
            error = {"type": "invalid_request_error", "code": "rate_limit"}
        else:
            error = {"type": "api_error"}
        default = MESSAGES[500]
        return {"error": {**error, "message": MESSAGES.get(self.status or 500, default)}}


@dataclass
class Hold:
    """A gate in the middle of a request: it has arrived, and waits until it is let go."""

    arrived: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


class Failures:
    """The failures that are still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: list[Failure] = []
        self._over = threading.Event()

    def add(self, failure: Failure) -> None:
        """Let it happen to the next requests that it matches."""
        with self._lock:
            self._coming.append(failure)

    def take(self, method: str, path: str) -> Failure | None:
        """Return what shall happen to this request, and count it."""
        with self._lock:
            for failure in self._coming:
                if failure.times > 0 and failure.matches(method, path):
                    failure.times -= 1
                    return failure
        return None

    def remove(self, failure: Failure) -> None:
        """Let it not happen any more."""
        with self._lock:
            self._coming.remove(failure)

    def wait(self, failure: Failure) -> None:
        """Let a request take its time, but not longer than the server lives."""
        failure.reached.set()
        self._over.wait(failure.seconds)

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._over.set()
        self.clear()

    @property
    def left(self) -> int:
        """How many failures have not happened yet."""
        with self._lock:
            return sum(failure.times for failure in self._coming)

    def clear(self) -> None:
        """Let nothing fail any more, and everything go that is held."""
        with self._lock:
            for failure in self._coming:
                if failure.hold is not None:
                    failure.hold.released.set()
            self._coming.clear()
