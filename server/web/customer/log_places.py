"""Where a page of a person's log begins, in an address: sealed, so that it tells nothing."""

from datetime import UTC, datetime

from cryptography.fernet import InvalidToken

from server import sealing
from server.errors import NotFound
from server.store.attribution_log import Place
from server.web.database import settings

LONGEST = 400


def write(place: Place, member_id: int) -> str:
    """Return a place as an address carries it, for this member alone."""
    words = f"{member_id} {place.at.astimezone(UTC).isoformat()} {place.source:d} {place.row_id}"
    return sealing.seal(settings().secret_key, words)


def read(sealed: str, member_id: int) -> Place:
    """Return the place that an address carries.

    Raises:
        NotFound: this log of this member never gave it.

    """
    try:
        words = sealing.unseal(settings().secret_key, sealed[:LONGEST])
    except InvalidToken:
        raise _nowhere() from None
    owner, at, source, row_id = words.split(" ")
    if int(owner) != member_id:
        raise _nowhere()
    return Place(datetime.fromisoformat(at), int(source), int(row_id))


def _nowhere() -> NotFound:
    return NotFound("There is no such page of your log. Begin with the newest entries.")
