"""Idempotency keys: the first answer is the answer, for a day, for the same request only."""

import threading
from dataclasses import dataclass
from typing import Any

from tests.stripe_server.refusals import Refused

KEPT_SECONDS = 24 * 60 * 60
LENGTH_MAX = 255


@dataclass
class Answer:
    """What was answered."""

    status: int
    body: dict[str, Any]
    request_id: str


@dataclass
class _First:
    """The request that used a key first."""

    path: str
    form: dict[str, Any]
    at: int
    answer: Answer | None = None


class Idempotency:
    """Who used which key for what."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._firsts: dict[tuple[str, str], _First] = {}

    def begin(
        self, account_id: str, key: str, path: str, form: dict[str, Any], now: int
    ) -> Answer | None:
        """Return the answer to give again, or None for the first request with a key."""
        if len(key) > LENGTH_MAX:
            raise Refused(f"Idempotency keys can be up to {LENGTH_MAX} characters long.")
        with self._lock:
            first = self._firsts.get((account_id, key))
            if first is None or first.at + KEPT_SECONDS <= now:
                self._firsts[account_id, key] = _First(path, form, now)
                return None
            if first.path != path:
                raise _misused(
                    key,
                    f"for the same endpoint they were first used for ('{path}' vs '{first.path}')",
                )
            if first.form != form:
                raise _misused(key, "with the same parameters they were first used with")
            if first.answer is None:
                raise Refused(
                    "There is currently another in-progress request using this Idempotent Key "
                    "(that probably means you submitted twice, and the other request is still "
                    f"going through): {key}. Please try again later.",
                    status=409,
                    code="idempotency_key_in_use",
                )
            return first.answer

    def remember(self, account_id: str, key: str, answer: Answer) -> None:
        """Keep the answer: the endpoint has begun its work."""
        with self._lock:
            self._firsts[account_id, key].answer = answer

    def forget(self, account_id: str, key: str) -> None:
        """Let the key be used again: the endpoint never began its work."""
        with self._lock:
            self._firsts.pop((account_id, key), None)


def _misused(key: str, only: str) -> Refused:
    return Refused(
        f"Keys for idempotent requests can only be used {only}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
