"""Forgetting a friend who never signed up: everything that could lead to them goes at once.

The key of a visit is made for one offer and one day, so what the friend's other visits of that day
to that offer left goes too; nothing else can be recognised as theirs, by us or by anybody.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from rewards.facts import VisitRemoved
from server.services import forests
from server.store import arrivals, offers, visits
from server.store.visits import VisitOutcome


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting did: visits erased, those of them no longer counted, numbers that stay."""

    erased: int = 0
    taken_back: int = 0
    stay: int = 0


def forget(db: Session, *, visit_token: str, now: datetime) -> Forgotten:
    """Erase whoever carries a visit's token; doing it again finds nothing.

    A visit that counts is taken back from its sharer while it has not vested, and until the end of
    its UTC day in any case, because until then a new click has the same key: so nobody can be
    forgotten, click again and count twice.  Later it stays as a number without a visitor.
    """
    db.flush()
    visit = visits.arrived(db, visit_token)
    if visit is None:
        return Forgotten()
    offer = offers.lock(db, visit.offer_id)
    kept = arrivals.lock_of_visitor(db, offer_id=visit.offer_id, token=visit_token)
    if not kept:  # somebody was quicker
        return Forgotten()

    taken_back = [visit for visit in kept if _is_taken_back(visit, now)]
    _take_back(db, offer, taken_back, now=now)
    arrivals.let_go(
        db,
        [visit.id for visit in kept],
        confirmed=[visit.id for visit in kept if visit.is_confirmed],
    )
    _erase(db, kept, taken_back)
    stay = sum(_counts(visit) for visit in kept) - len(taken_back)
    return Forgotten(len(kept), len(taken_back), stay)


def _counts(visit: arrivals.Kept) -> bool:
    return visit.outcome == VisitOutcome.COUNTED


def _is_taken_back(visit: arrivals.Kept, now: datetime) -> bool:
    is_of_today = visit.clicked_at.astimezone(UTC).date() == now.astimezone(UTC).date()
    return _counts(visit) and (visit.vested_at is None or is_of_today)


def _take_back(
    db: Session, offer: offers.Offer, taken_back: list[arrivals.Kept], *, now: datetime
) -> None:
    opened = forests.load(db, offer, *{visit.participant_id for visit in taken_back})
    for visit in taken_back:
        fact = VisitRemoved(
            f"visit-forgotten:{visit.id}",
            visit.participant_id,
            vested=visit.vested_at is not None,
            credited=visit.credited,
            undoes=f"visit:{visit.id}",
        )
        forests.decide(opened, fact)
    forests.save(db, opened, now=now)


def _erase(db: Session, kept: list[arrivals.Kept], taken_back: list[arrivals.Kept]) -> None:
    """Delete what nothing stands on; what the ledger or a referral names stays, blank."""
    gone = []
    for visit in kept:
        if visit in taken_back:
            arrivals.blank(
                db,
                visit.id,
                outcome=VisitOutcome.FORGOTTEN,
                credited=False,
                vests_at=None,
                vested_at=None,
            )
        elif _counts(visit):
            arrivals.blank(db, visit.id)
        elif visit.is_confirmed and visit.outcome is None:
            arrivals.blank(db, visit.id, verified_at=None)
        elif visit.is_confirmed:
            arrivals.blank(db, visit.id)
        else:
            gone.append(visit.id)
    arrivals.delete_all(db, gone)
