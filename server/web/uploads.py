"""The folder of uploads, for views."""

from server.gateways.uploads import Uploads
from server.settings import Settings
from server.web.database import settings

FORM_BYTES = 300_000
"""What a form with a file may hold besides the file."""


def uploads() -> Uploads:
    """Return the folder of the running app."""
    return of(settings())


def of(chosen: Settings) -> Uploads:
    """Return the folder that settings name."""
    return Uploads(chosen.uploads, chosen.upload_bytes_max)


def request_bytes_max() -> int:
    """Return how large a request with a file may be."""
    return settings().upload_bytes_max + FORM_BYTES
