"""The sender of webhooks: threads of the worker, so that a slow endpoint holds up nothing else.

Endpoints that work and endpoints that fail go on lanes of their own, with threads of their own.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import structlog

from server import clock
from server.gateways import webhooks as gateway
from server.services import webhook_sending as sending
from server.services.webhook_sending import Outcome, Parcel
from server.store.connection import Database

LOOKS_EVERY_SECONDS = 1.0
AT_ONCE, AT_ONCE_TO_FAILING = 24, 8

log = structlog.get_logger()


class Sender:
    """Looks for what is due once a second, and whenever something was sent; sends it in threads."""

    def __init__(
        self,
        database: Database,
        *,
        key: str,
        allow_loopback: bool,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """Prepare; ``key`` opens the endpoints' secrets."""
        self._database = database
        self._key = key
        self._allow_loopback = allow_loopback
        self._now = now
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._lanes = (_Lane(AT_ONCE, failing=False), _Lane(AT_ONCE_TO_FAILING, failing=True))
        self._looking = threading.Thread(target=self._look, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._looking.start()

    def stop(self) -> None:
        """Finish what is being sent, and end."""
        self._stopped.set()
        self._woken.set()
        if self._looking.is_alive():
            self._looking.join()
        for lane in self._lanes:
            lane.threads.shutdown()

    def begin_due(self) -> list[Future[None]]:
        """Claim what is due and for which there is room, and begin to send it."""
        return [begun for lane in self._lanes for begun in self._begin(lane)]

    def _look(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                self.begin_due()
            except Exception:  # the database may be away for a moment; claims run out by themselves
                log.exception("webhooks_not_claimed")
                self._stopped.wait(LOOKS_EVERY_SECONDS)
            self._woken.wait(LOOKS_EVERY_SECONDS)

    def _begin(self, lane: "_Lane") -> list[Future[None]]:
        busy = lane.busy()
        room = lane.at_once - sum(busy.values())
        if room <= 0:
            return []
        with self._database.reading() as db:  # most of the time nothing is due, and nobody waits
            due = sending.due(db, failing=lane.failing, busy=busy, now=self._now(), limit=room)
        if not due:
            return []
        with self._database.transaction() as db:
            parcels = sending.claim(db, delivery_ids=due, key=self._key, now=self._now())
        return [self._hand_over(lane, parcel) for parcel in parcels]

    def _hand_over(self, lane: "_Lane", parcel: Parcel) -> Future[None]:
        lane.count(parcel.endpoint_id, 1)
        return lane.threads.submit(self._send, lane, parcel)

    def _send(self, lane: "_Lane", parcel: Parcel) -> None:
        try:
            outcome = self._outcome(parcel)
            with self._database.transaction() as db:
                sending.record(db, parcel=parcel, outcome=outcome, now=self._now())
        except Exception:  # not recorded: the claim runs out, and the delivery is made again
            log.exception("webhook_not_recorded", delivery_id=parcel.delivery_id)
        finally:
            lane.count(parcel.endpoint_id, -1)
            self._woken.set()

    def _outcome(self, parcel: Parcel) -> Outcome:
        made_at = self._now()
        answer = gateway.send(
            parcel.url,
            headers=parcel.headers,
            body=parcel.body,
            allow_loopback=self._allow_loopback,
        )
        return Outcome(
            made_at=made_at,
            duration_ms=answer.duration_ms,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            error=answer.error,
            retry_after=answer.retry_after,
        )


class _Lane:
    """Threads of their own for some endpoints, and how many requests to each are on their way."""

    def __init__(self, at_once: int, *, failing: bool) -> None:
        """Prepare threads."""
        self.at_once = at_once
        self.failing = failing
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix="webhook")
        self._busy: Counter[int] = Counter()
        self._lock = threading.Lock()

    def busy(self) -> Counter[int]:
        """Return how many requests are on their way to each endpoint, to those alone with some."""
        with self._lock:
            return +self._busy

    def count(self, endpoint_id: int, by: int) -> None:
        """Note that a request to an endpoint begins or has ended."""
        with self._lock:
            self._busy[endpoint_id] += by
