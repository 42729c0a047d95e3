"""What a customer unlocked, what comes next, and reading it.

Only reach decides (docs/ENGINE.md §6): no profile, no answer and no order is ever looked at.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import ContentLocked, NotFound
from server.services import sign_ins
from server.store import brands, offers, participants
from server.store import content_items as items
from server.store import content_unlocks as store
from server.store.content_items import ContentItem, ContentState
from server.store.content_unlocks import Standing


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One item in a customer's wallet: unlocked, or the next to come."""

    public_id: str
    title: str
    kind: str
    needed_visits: int
    reach_visits: int
    unlocked_at: datetime | None
    is_opened: bool

    @property
    def is_unlocked(self) -> bool:
        """Whether it can be opened."""
        return self.unlocked_at is not None

    @property
    def missing_visits(self) -> int:
        """How many visits it still takes."""
        return max(0, self.needed_visits - self.reach_visits)


@dataclass(frozen=True, slots=True)
class Content:
    """One unlocked item, with what its reader needs, and the numbers that unlocked it.

    ``body`` and ``file_name`` are empty until it was opened.
    """

    public_id: str
    title: str
    brand: str
    offer_title: str
    kind: str
    body: str
    file_name: str
    media_type: str
    size: int | None
    sha256: str
    unlocked_at: datetime
    reach_visits: int
    needed_visits: int
    first_opened_at: datetime | None


def of_participant(db: Session, place: participants.Participant) -> tuple[ShelfLine, ...]:
    """Return what a participant unlocked, oldest first, and then what unlocks next."""
    assert place.id is not None
    there = items.of_offer(db, place.offer_id)
    if not there:
        return ()
    mine = {unlock.item_id: unlock for unlock in store.standing(db, [place.id])}
    known = {item.id: item for item in there}
    unlocked = [_line(known[unlock.item_id], unlock, place.reach) for unlock in mine.values()]
    to_come = (
        item for item in there if item.id not in mine and item.state == ContentState.PUBLISHED
    )
    upcoming = next(to_come, None)
    return (*unlocked, *([_line(upcoming, None, place.reach)] if upcoming else []))


def find(db: Session, *, member_id: int, public_id: str) -> Content:
    """Return an item that a member unlocked.

    Raises:
        NotFound: there is no such item, or nobody can unlock it and the member did not.
        ContentLocked: it takes more visits; the sentence says how many.

    """
    item, unlock = _unlocked(db, member_id=member_id, public_id=public_id)
    offer, brand = offers.find(db, item.offer_id), brands.find(db, item.brand_id)
    assert offer is not None
    assert brand is not None
    is_opened = unlock.first_opened_at is not None
    return Content(
        public_id=item.public_id,
        title=item.title,
        brand=brand.name,
        offer_title=offer.title,
        kind=item.kind,
        body=item.body if is_opened else "",
        file_name=(item.file_name or "") if is_opened else "",
        media_type=item.media_type,
        size=item.size,
        sha256=item.sha256 or "",
        unlocked_at=unlock.unlocked_at,
        reach_visits=unlock.reach_visits,
        needed_visits=unlock.needed_visits,
        first_opened_at=unlock.first_opened_at,
    )


def open_first(db: Session, *, member_id: int, public_id: str, now: datetime) -> bool:
    """Note that a member opens an item, which makes it theirs for good; tell whether it is new.

    Raises:
        NotFound: there is no such item, or nobody can unlock it and the member did not.
        ContentLocked: it takes more visits, perhaps again.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    item = items.find(db, public_id)
    if item is None:
        raise NotFound("There is no such content.")
    offers.lock(db, item.offer_id)  # a visit that is taken back now is before this or after it
    _, unlock = _unlocked(db, member_id=member_id, public_id=public_id)
    return store.note_opening(db, unlock_id=unlock.id, now=now)


def _unlocked(db: Session, *, member_id: int, public_id: str) -> tuple[ContentItem, Standing]:
    item = items.find(db, public_id)
    if item is None or item.state == ContentState.DRAFT:
        raise NotFound("There is no such content.")
    place = participants.find_by_member(db, offer_id=item.offer_id, member_id=member_id)
    if place is not None and place.id is not None:
        for unlock in store.standing(db, [place.id]):
            if unlock.item_id == item.id:
                return item, unlock
    if item.state == ContentState.WITHDRAWN:
        raise NotFound("There is no such content.")
    reach = place.reach if place is not None else 0
    raise ContentLocked(
        "This is not unlocked yet. Real visits that it takes: {needed}. You have: {reach}."
        " Still missing: {missing}.",
        needed=item.threshold_visits,
        reach=reach,
        missing=max(0, item.threshold_visits - reach),
    )


def _line(item: ContentItem, unlock: Standing | None, reach: int) -> ShelfLine:
    return ShelfLine(
        public_id=item.public_id,
        title=item.title,
        kind=item.kind,
        needed_visits=unlock.needed_visits if unlock else item.threshold_visits,
        reach_visits=unlock.reach_visits if unlock else reach,
        unlocked_at=unlock.unlocked_at if unlock else None,
        is_opened=unlock is not None and unlock.first_opened_at is not None,
    )
