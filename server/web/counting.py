"""Where requests are counted for the rate limits: in this process, or in Redis for all of them.

The counters of ``limits`` in memory start a thread for each hit and can fail when two do so at
once; these need a lock and nothing else.  When Redis does not answer, this process counts alone
and asks it again a few seconds later: a limit that is missing must not stop a till.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from limits.errors import StorageError
from limits.storage import RedisStorage, Storage

ALONE, SHARED = "fanfare-counts", "fanfare-redis"
"""The schemes under which the rate limiter finds the two."""
REDIS_ANSWERS_WITHIN_SECONDS = 0.25
ASKS_AGAIN_AFTER_SECONDS = 5
KEYS_AT_MOST = 100_000

log = structlog.get_logger()
T = TypeVar("T")


class Counts(Storage):
    """Counters in this process, by key, each with the moment at which it begins anew."""

    STORAGE_SCHEME = [ALONE]  # noqa: RUF012 - the base says so

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False) -> None:
        """Begin with nothing counted."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong here: nothing, but the base asks."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up; the first count of a window says when it ends."""
        now = time.time()
        with self._lock:
            if len(self._counts) >= KEYS_AT_MOST:
                self._forget_ended(now)
            count, ends = self._counts.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            self._counts[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        """Return the count of the window that runs now."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window that runs now ends; now, when none runs."""
        return max(self._counts.get(key, (0, 0.0))[1], time.time())

    def check(self) -> bool:
        """Say that counting works."""
        return True

    def reset(self) -> int:
        """Forget everything; return how much that was."""
        with self._lock:
            forgotten, self._counts = len(self._counts), {}
        return forgotten

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._lock:
            self._counts.pop(key, None)

    def _forget_ended(self, now: float) -> None:
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        if len(self._counts) >= KEYS_AT_MOST:  # a flood of callers: begin anew, never grow
            self._counts = {}


class SharedCounts(Counts):
    """Counters in Redis, for all processes; while it is silent, those of this process."""

    STORAGE_SCHEME = [SHARED]  # noqa: RUF012

    def __init__(
        self, uri: str | None = None, *, redis_url: str, wrap_exceptions: bool = False
    ) -> None:
        """Begin with Redis; it need not answer yet."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._redis = RedisStorage(
            redis_url,
            wrap_exceptions=True,
            socket_timeout=REDIS_ANSWERS_WITHIN_SECONDS,
            socket_connect_timeout=REDIS_ANSWERS_WITHIN_SECONDS,
        )
        self._silent_until = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up for everybody."""
        return self._ask(
            lambda: self._redis.incr(key, int(expiry), amount),
            lambda: super(SharedCounts, self).incr(key, expiry, amount),
        )

    def get(self, key: str) -> int:
        """Return what everybody counted together."""
        return self._ask(lambda: self._redis.get(key), lambda: super(SharedCounts, self).get(key))

    def get_expiry(self, key: str) -> float:
        """Return when everybody's window ends."""
        return self._ask(
            lambda: self._redis.get_expiry(key), lambda: super(SharedCounts, self).get_expiry(key)
        )

    def check(self) -> bool:
        """Say whether Redis answers."""
        return self._redis.check()

    def _ask(self, redis: Callable[[], T], alone: Callable[[], T]) -> T:
        if time.monotonic() < self._silent_until:
            return alone()
        try:
            answer = redis()
        except StorageError as error:
            if not self._silent_until:
                log.warning("rate_limits_count_alone", error=type(error.storage_error).__name__)
            self._silent_until = time.monotonic() + ASKS_AGAIN_AFTER_SECONDS
            return alone()
        if self._silent_until:
            log.warning("rate_limits_count_together_again")
            self._silent_until = 0.0
        return answer
