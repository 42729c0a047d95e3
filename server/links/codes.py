"""The table of link codes in memory.

An entry is asked for again when it is a second old, and an unknown code is asked for every time.
So a new share works at once.  A share that is withdrawn stops at once for people, because their
arrival is only written while it is alive (see ``statements.ALIVE``); for everything that writes no
visit, such as previews, it stops within the second.
"""

import re
import time
from enum import StrEnum
from typing import NamedTuple

import structlog

from server.links.records import LinkRow, Store
from server.services import landings, mutes
from server.settings import Settings

MAX_AGE_SECONDS = 1.0
ENTRIES_MAX = 100_000
_CODE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{10}")

log = structlog.get_logger()


class State(StrEnum):
    """Whether a link leads on."""

    ALIVE = "alive"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Target(NamedTuple):
    """Where a link leads.

    ``before`` and ``after`` are the address around a visit's token, ``page`` is the brand's page,
    and ``unknown`` is where people are led of whom we may keep nothing.  ``sharer`` is the name
    under which browsers mute whoever shared it.
    """

    share_id: int
    offer_public_id: str
    state: State
    page: str
    before: str
    after: str
    unknown: str
    sharer: str
    title: str
    brand: str


class _Entry(NamedTuple):
    target: Target
    read_at: float


class CodeTable:
    """What the codes that were asked for lately stand for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Ask ``store`` for what is not in memory."""
        self._store = store
        self._site_url, self._key = settings.site_url, settings.secret_key
        self._known: dict[str, _Entry] = {}

    async def find(self, code: str) -> Target | None:
        """Return what the code stands for.

        Raises:
            Unavailable: the database does not answer.

        """
        now = time.monotonic()
        entry = self._known.get(code)
        if entry is not None:
            if now - entry.read_at < MAX_AGE_SECONDS:
                return entry.target
            self._known[code] = _Entry(entry.target, now)  # one asks, the others need not
        elif not _CODE.fullmatch(code):
            return None
        return await self._ask(code)

    async def ask_again(self, code: str) -> Target | None:
        """Return what the code stands for now, whatever is in memory.

        Raises:
            Unavailable: the database does not answer.

        """
        return await self._ask(code)

    async def _ask(self, code: str) -> Target | None:
        asked_at = time.monotonic()
        row = await self._store.link(code)
        if row is None:
            self._known.pop(code, None)
            return None
        target = self._target(code, row, await self._store.hosts(row.brand_id))
        if len(self._known) >= ENTRIES_MAX:
            self._known.clear()
        self._known[code] = _Entry(target, asked_at)
        return target

    def _target(self, code: str, row: LinkRow, hosts: set[str]) -> Target:
        """Return where a link leads: to the offer's page, and only on a host of the brand."""
        state = State.ALIVE
        if row.is_withdrawn:
            state = State.WITHDRAWN
        elif not row.is_published:
            state = State.ENDED
        elif not landings.is_on(row.page_url, hosts):
            log.error("offer_page_outside_the_brand", offer=row.offer_public_id)
            state = State.ENDED
        page = landings.written(row.page_url)
        before, after = landings.around_token(row.page_url)
        if row.has_card:
            before, after = f"{self._site_url}/f/", ""
        return Target(
            share_id=row.share_id,
            offer_public_id=row.offer_public_id,
            state=state,
            page=page,
            before=before,
            after=after,
            unknown=f"{self._site_url}/f/share/{code}" if row.has_card else page,
            sharer=mutes.name_of(self._key, row.sharer_id),
            title=row.title,
            brand=row.brand,
        )
