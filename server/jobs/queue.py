"""The worker: Huey, on SQLite or PostgreSQL, with signed messages.

Huey's own clock counts in minutes, so once a minute it plans the sweeps of that minute.  A sweep
looks for everything that is due; nothing is lost when one is missed.
"""

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.serializer import SignedSerializer

from server import clock, logs
from server.gateways.uploads import Uploads
from server.jobs import outbox
from server.jobs.stripe import Caller
from server.jobs.sweep import sweep
from server.jobs.webhooks import Sender
from server.services import stripe_means
from server.settings import Settings
from server.store.connection import Database

NAME = "fanfare"


def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; a sweep that has begun is finished first."""
    logs.configure(strict=settings.demo)
    clock.follow(settings.clock_file)
    consumer = build(settings).create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM")
    consumer.run()


def build(settings: Settings) -> Huey:
    """Return the queue with its tasks."""
    queue = _queue(settings)
    database = Database(settings.database)
    handlers = outbox.handlers(settings)
    uploads = Uploads(settings.uploads, settings.upload_bytes_max)

    @queue.task()
    def sweep_now() -> None:
        sweep(database, now=clock.now(), by=handlers, uploads=uploads)

    @queue.periodic_task(crontab(minute="*"))
    def plan_the_minute() -> None:
        for delay in range(0, 60, settings.jobs_every_seconds):
            sweep_now.schedule(delay=delay)

    sender = Sender(database, key=settings.sealing_key, allow_loopback=settings.demo)
    caller = Caller(database, stripe_means.of(settings))
    queue.on_startup("stripe")(caller.start)
    queue.on_shutdown("stripe")(caller.stop)
    queue.on_startup()(lambda: sweep(database, now=clock.now(), by=handlers))
    queue.on_startup("webhooks")(sender.start)
    queue.on_shutdown()(sender.stop)
    return queue


def _queue(settings: Settings) -> Huey:
    serializer = SignedSerializer(secret=settings.secret_key)
    if settings.database.startswith("sqlite"):
        return SqliteHuey(
            NAME,
            results=False,
            serializer=serializer,
            filename=str(settings.fanfare_data / "queue.sqlite3"),
        )
    dsn = settings.database.replace("postgresql+psycopg://", "postgresql://", 1)
    return PostgresHuey(NAME, results=False, serializer=serializer, dsn=dsn)
