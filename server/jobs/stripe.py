"""The worker's thread that talks to Stripe, so that a slow Stripe holds up nothing else."""

import threading

import structlog

from server import clock
from server.jobs import calls
from server.services.stripe_means import Means
from server.store.connection import Database

LOOKS_EVERY_SECONDS = 1.0

log = structlog.get_logger()


class Caller:
    """Looks once a second for what Stripe must be asked, and asks it."""

    def __init__(self, database: Database, means: Means) -> None:
        """Prepare; nothing is asked yet."""
        self._database = database
        self._means = means
        self._stopped = threading.Event()
        self._looking = threading.Thread(target=self._look, name="stripe", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._looking.start()

    def stop(self) -> None:
        """Finish what is being asked, and end."""
        self._stopped.set()
        if self._looking.is_alive():
            self._looking.join()

    def _look(self) -> None:
        try:
            while not self._stopped.wait(LOOKS_EVERY_SECONDS):
                try:
                    calls.make_due(self._database, self._means, now=clock.now(), limit=20)
                except Exception:  # the database may be away for a moment
                    log.exception("stripe_not_called")
        finally:
            self._means.stripe.close()
