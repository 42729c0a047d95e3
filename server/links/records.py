"""What the click process writes and reads, in words of its own; each database turns it into SQL."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

PATIENCE_SECONDS = 10.0
"""How long a click waits for a locked or slow database before it is answered with 503."""


class Arrival(NamedTuple):
    """A person came through a link; written only while the share and its offer are alive."""

    token: str
    share_id: int
    visitor_key: bytes
    clicked_at: datetime
    network_even: bytes | None = None
    network_odd: bytes | None = None
    device: str | None = None


class Uncounted(NamedTuple):
    """A request left no visit; only the day's count of its reason grows."""

    share_id: int
    day: date
    reason: str


class Opening(NamedTuple):
    """A page with the visit's token was loaded; the nonce replaces any earlier one."""

    visit_id: int
    token: str
    nonce: str
    opened_at: datetime


class Sighting(NamedTuple):
    """The page saw a person; written only while the nonce is the current one and unused."""

    visit_id: int
    token: str
    nonce: str
    verified_at: datetime
    engaged: bool


Record = Arrival | Uncounted | Opening | Sighting


class LinkRow(NamedTuple):
    """What a link code stands for, as read from the database."""

    share_id: int
    offer_public_id: str
    page_url: str
    is_withdrawn: bool
    is_published: bool
    title: str
    brand: str
    brand_id: int
    has_card: bool
    sharer_id: int


class VisitRow(NamedTuple):
    """What a beacon must know of its visit."""

    visit_id: int
    clicked_at: datetime
    nonce: str | None
    opened_at: datetime | None
    is_verified: bool
    brand_id: int
    has_card: bool


class Store(Protocol):
    """A database, as the click process needs it.

    Every method raises ``server.errors.Unavailable`` when the database does not answer in time.
    """

    async def check(self) -> None:
        """Connect, and find out whether the tables are there."""

    async def link(self, code: str) -> LinkRow | None:
        """Return what the code stands for."""

    async def visit(self, token: str) -> VisitRow | None:
        """Return the visit that carries the token."""

    async def hosts(self, brand_id: int) -> set[str]:
        """Return the host names that the brand proved to own."""

    async def is_host_of_a_brand(self, host: str) -> bool:
        """Tell whether any brand proved to own this host."""

    async def salt(self, day: date, fresh: bytes) -> bytes:
        """Return the salt of the day, which is ``fresh`` if nobody else was first."""

    async def network_key(self, began: date, fresh: bytes) -> bytes:
        """Return the key of networks that began on a day; ``fresh`` if nobody else was first."""

    async def write(self, records: Sequence[Record]) -> list[bool]:
        """Write all records durably, or none; return for each whether it took effect."""

    async def close(self) -> None:
        """Let go of the database."""
