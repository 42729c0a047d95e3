"""The sender of webhooks: a thread of the worker, so that a slow endpoint holds up nothing else."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import structlog

from server import clock
from server.gateways import webhooks as gateway
from server.services import webhook_deliveries as deliveries
from server.services.webhook_deliveries import Outcome, Parcel
from server.store.connection import Database

LOOKS_EVERY_SECONDS = 1.0
AT_ONCE = 16

log = structlog.get_logger()


class Sender:
    """Looks once a second for what is due and sends it, some at a time."""

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
        self._busy: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._looking = threading.Thread(target=self._look, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._looking.start()

    def stop(self) -> None:
        """Finish what is being sent, and end."""
        self._stopped.set()
        if self._looking.is_alive():
            self._looking.join()
        self._threads.shutdown()

    def begin_due(self) -> list[Future[None]]:
        """Claim what is due and for which there is room, and begin to send it."""
        with self._lock:
            busy = dict(self._busy)
        room = AT_ONCE - sum(busy.values())
        if room <= 0:
            return []
        with self._database.transaction() as db:
            parcels = deliveries.claim_due(
                db, key=self._key, busy=busy, now=self._now(), limit=room
            )
        return [self._begin(parcel) for parcel in parcels]

    def _look(self) -> None:
        while not self._stopped.wait(LOOKS_EVERY_SECONDS):
            try:
                while not self._stopped.is_set() and self.begin_due():
                    pass
            except Exception:  # the database may be away for a moment; claims run out by themselves
                log.exception("webhooks_not_claimed")

    def _begin(self, parcel: Parcel) -> Future[None]:
        with self._lock:
            self._busy[parcel.endpoint_id] += 1
        return self._threads.submit(self._send, parcel)

    def _send(self, parcel: Parcel) -> None:
        try:
            self._record(parcel, self._outcome(parcel))
        except Exception:  # not recorded: the claim runs out, and the delivery is made again
            log.exception("webhook_not_recorded", delivery_id=parcel.delivery_id)
        finally:
            with self._lock:
                self._busy[parcel.endpoint_id] -= 1

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

    def _record(self, parcel: Parcel, outcome: Outcome) -> None:
        with self._database.transaction() as db:
            deliveries.record(db, parcel=parcel, outcome=outcome, now=self._now())
