"""The site's process: Granian serves the Flask app."""

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from server import logs
from server.settings import Settings

THREADS = 8


def serve(settings: Settings) -> None:
    """Serve the site until SIGTERM or SIGINT."""
    logs.configure(strict=settings.demo)
    host, _, port = settings.site_bind.rpartition(":")
    Granian(
        "server.app:site",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_dictconfig=logs.GRANIAN,
        websockets=False,
    ).serve()
