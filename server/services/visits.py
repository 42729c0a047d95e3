"""Verified visits: which of them count, and when they vest.

The click process only appends and a beacon only marks; this decides, in batches, so that the hot
path never touches a tree.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rewards.facts import VisitVerified, VisitVested
from server.services import forests
from server.store import clicks, offers, participants, shares
from server.store import visits as store
from server.store.visits import VisitOutcome

SALT_LIFETIME = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Applied:
    """How many visits of one batch were decided, and how."""

    counted: int = 0
    repeated: int = 0
    other_link_first: int = 0
    own_visit: int = 0
    share_withdrawn: int = 0
    offer_ended: int = 0

    @property
    def decided(self) -> int:
        """How many visits were decided in all; 0 means that nothing is left to do."""
        return (
            self.counted
            + self.repeated
            + self.other_link_first
            + self.own_visit
            + self.share_withdrawn
            + self.offer_ended
        )


def apply_verified(db: Session, *, now: datetime, limit: int) -> Applied:
    """Decide verified visits, oldest first, and credit those that count.

    A visitor counts once per offer, for the first link that brought them.
    """
    outcomes: Counter[str] = Counter()
    for offer_id, visit_ids in _by_offer(store.waiting(db, limit=limit)):
        offer = offers.lock(db, offer_id)
        for visit_id in visit_ids:
            visit = store.lock(db, visit_id)
            if visit.outcome is None:
                outcomes[_decide(db, visit, offer, now=now)] += 1
    return Applied(**outcomes)


def vest_due(db: Session, *, now: datetime, limit: int) -> int:
    """Let visits whose review time is over count as vested; return how many."""
    vested = 0
    for offer_id, visit_ids in _by_offer(store.due(db, now=now, limit=limit)):
        offer = offers.lock(db, offer_id)
        for visit_id in visit_ids:
            visit = store.lock(db, visit_id)
            if visit.vested_at is None and visit.outcome == VisitOutcome.COUNTED:
                _vest(db, visit, offer, now=now)
                vested += 1
    return vested


def destroy_old_salts(db: Session, *, now: datetime) -> int:
    """Destroy the salts that are 48 hours old, and with them the meaning of those days' keys.

    Returns how many there were.  A salt is as old as the UTC day that it belongs to.
    """
    born_until = now.astimezone(UTC) - SALT_LIFETIME
    newest = born_until.date()
    assert datetime.combine(newest, time.min, UTC) <= born_until
    return clicks.destroy_salts(db, newest=newest)


def _by_offer(waiting: list[store.Visit]) -> list[tuple[int, list[int]]]:
    """Group visits by offer, in the order in which everybody locks offers."""
    grouped: dict[int, list[int]] = {}
    for visit in waiting:
        assert visit.id is not None
        grouped.setdefault(visit.offer_id, []).append(visit.id)
    return sorted(grouped.items())


def _decide(db: Session, visit: store.Visit, offer: offers.Offer, *, now: datetime) -> str:
    share = shares.find(db, visit.share_id)
    assert share is not None
    reason = _reason_against(db, visit, share, offer)
    if reason is None and not _count(db, visit):
        reason = VisitOutcome.REPEATED
    if reason is not None:
        visit.outcome = reason
        db.flush()
        return reason
    opened = forests.load(db, offer, share.participant_id)
    fact = VisitVerified(f"visit:{visit.id}", share.participant_id)
    visit.credited = forests.apply(db, opened, fact, now=now).credited
    assert visit.verified_at is not None
    visit.vests_at = visit.verified_at + timedelta(days=opened.terms.return_days)
    db.flush()
    return VisitOutcome.COUNTED


def _reason_against(
    db: Session, visit: store.Visit, share: shares.Share, offer: offers.Offer
) -> VisitOutcome | None:
    assert visit.verified_at is not None
    if offer.ended_at is not None and visit.clicked_at > offer.ended_at:
        return VisitOutcome.OFFER_ENDED
    if share.withdrawn_at is not None and visit.verified_at >= share.withdrawn_at:
        return VisitOutcome.SHARE_WITHDRAWN
    if visit.friend_id is not None:
        above = participants.path(db, share.participant_id)
        if any(row["member_id"] == visit.friend_id for row in above):
            return VisitOutcome.OWN_VISIT
    return _earlier(db, visit, share)


def _earlier(db: Session, visit: store.Visit, share: shares.Share) -> VisitOutcome | None:
    """Say whether the visitor came before: through somebody else's link, or already counted."""
    offer_id, visitor_key = visit.offer_id, visit.visitor_key
    first = store.first_of_visitor(db, offer_id=offer_id, visitor_key=visitor_key)
    assert first is not None, "the visit itself is one of the visitor's"
    first_share = shares.find(db, first.share_id)
    assert first_share is not None
    if first_share.participant_id != share.participant_id:
        return VisitOutcome.OTHER_LINK_FIRST
    if store.has_counted(db, offer_id=offer_id, visitor_key=visitor_key):
        return VisitOutcome.REPEATED
    return None


def _count(db: Session, visit: store.Visit) -> bool:
    """Let the visit be the one of its visitor that counts, unless another one is already."""
    try:
        with db.begin_nested():  # the unique index decides who was first
            visit.outcome = VisitOutcome.COUNTED
    except IntegrityError:
        db.refresh(visit)
        return False
    return True


def _vest(db: Session, visit: store.Visit, offer: offers.Offer, *, now: datetime) -> None:
    share = shares.find(db, visit.share_id)
    assert share is not None
    opened = forests.load(db, offer, share.participant_id)
    fact = VisitVested(f"visit-vest:{visit.id}", share.participant_id, visit.credited)
    forests.apply(db, opened, fact, now=now)
    visit.vested_at = now
    db.flush()
