"""Verified visits: which of them count, and when they vest.

The click process only appends and a beacon only marks; this decides, in batches, so that the hot
path never touches a tree.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rewards.facts import VisitVerified, VisitVested
from server.services import forests
from server.store import due_visits, offers, undecided_visits
from server.store import visits as store
from server.store.undecided_visits import Undecided
from server.store.visits import VisitOutcome

BATCH = 500


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
    def refused(self) -> dict[str, int]:
        """How many visits did not count, by outcome."""
        numbers = asdict(self)
        return {why: number for why, number in numbers.items() if number and why != "counted"}

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


def apply_verified(
    db: Session, *, now: datetime, limit: int, offer_id: int | None = None
) -> Applied:
    """Decide verified visits of one offer or of all, oldest first, and credit those that count.

    A visitor counts once per offer, for the first link that brought them.
    """
    db.flush()
    outcomes: Counter[str] = Counter()
    for found_id, visit_ids in _by_offer(store.waiting(db, limit=limit, offer_id=offer_id)):
        offer = offers.lock(db, found_id)
        outcomes.update(_decide(db, undecided_visits.lock(db, visit_ids), offer, now=now))
    return Applied(**outcomes)


def vest_due(db: Session, *, now: datetime, limit: int, offer_id: int | None = None) -> int:
    """Let visits of one offer or of all whose review time is over count as vested.

    What a hold, a watch or an unfinished night covers waits (``holds`` of the store).  Returns how
    many there were.
    """
    db.flush()
    vested = 0
    due = due_visits.due(db, now=now, limit=limit, offer_id=offer_id)
    for found_id, visit_ids in _by_offer(due):
        offer = offers.lock(db, found_id)
        batch = due_visits.lock(db, visit_ids, now=now)
        opened = forests.load(db, offer, *{visit.participant_id for visit in batch})
        for visit in batch:
            fact = VisitVested(f"visit-vest:{visit.id}", visit.participant_id, visit.credited)
            forests.decide(opened, fact)
        forests.save(db, opened, now=now)
        store.save(db, [{"row_id": visit.id, "vested_at": now} for visit in batch])
        vested += len(batch)
    return vested


def _by_offer(waiting: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Group visits by offer, in the order in which everybody locks offers, and into batches."""
    grouped: dict[int, list[int]] = {}
    for offer_id, visit_id in waiting:
        grouped.setdefault(offer_id, []).append(visit_id)
    for offer_id, visit_ids in sorted(grouped.items()):
        for start in range(0, len(visit_ids), BATCH):
            yield offer_id, visit_ids[start : start + BATCH]


def _decide(
    db: Session, batch: list[Undecided], offer: offers.Offer, *, now: datetime
) -> list[str]:
    """Decide a batch in order, credit what counts, and return the outcomes."""
    opened = forests.load(db, offer, *{visit.participant_id for visit in batch})
    outcomes: dict[int, VisitOutcome] = {}
    counted: set[bytes] = set()
    for visit in batch:
        outcomes[visit.id] = _outcome(visit, opened, counted)
    _write(db, batch, outcomes)
    credits_: list[dict[str, Any]] = []
    for visit in batch:
        if outcomes[visit.id] == VisitOutcome.COUNTED:
            fact = VisitVerified(f"visit:{visit.id}", visit.participant_id)
            credited = forests.decide(opened, fact).credited
            vests_at = visit.verified_at + timedelta(days=opened.terms.return_days)
            credits_.append({"row_id": visit.id, "credited": credited, "vests_at": vests_at})
    store.save(db, credits_)
    forests.save(db, opened, now=now)
    return list(outcomes.values())


def _outcome(visit: Undecided, opened: forests.Opened, counted: set[bytes]) -> VisitOutcome:
    """Say what becomes of a visit; ``counted`` are the visitors of this batch who count."""
    offer = opened.offer
    if offer.ended_at is not None and visit.clicked_at > offer.ended_at:
        return VisitOutcome.OFFER_ENDED
    if visit.withdrawn_at is not None and visit.verified_at >= visit.withdrawn_at:
        return VisitOutcome.SHARE_WITHDRAWN
    if visit.friend_id is not None and visit.friend_id in opened.members_above(
        visit.participant_id
    ):
        return VisitOutcome.OWN_VISIT
    if visit.first_participant_id != visit.participant_id:
        return VisitOutcome.OTHER_LINK_FIRST
    if visit.has_counted or visit.visitor_key in counted:
        return VisitOutcome.REPEATED
    counted.add(visit.visitor_key)
    return VisitOutcome.COUNTED


def _write(db: Session, batch: list[Undecided], outcomes: dict[int, VisitOutcome]) -> None:
    """Write the outcomes; the unique index has the last word on who is counted."""
    try:
        with db.begin_nested():
            store.save(db, [_row(visit, outcomes) for visit in batch])
    except IntegrityError:
        for visit in batch:
            try:
                with db.begin_nested():
                    store.save(db, [_row(visit, outcomes)])
            except IntegrityError:
                outcomes[visit.id] = VisitOutcome.REPEATED
                store.save(db, [_row(visit, outcomes)])


def _row(visit: Undecided, outcomes: dict[int, VisitOutcome]) -> dict[str, Any]:
    return {"row_id": visit.id, "outcome": outcomes[visit.id]}
