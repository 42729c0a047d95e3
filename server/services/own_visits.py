"""Visits of sharers to their own links, and of those above them, once somebody says who they are.

A click says nothing of who it was.  Whoever signs in and claims to have come by their own link, or
by a link of somebody whom they brought, is refused, and has shown whose visit it was.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.facts import VisitRemoved
from server.services import forests
from server.store import arrivals, offers, visits
from server.store.visits import VisitOutcome


def recognise(db: Session, *, member_id: int, visit_token: str, now: datetime) -> int:
    """Take the member's own visits from whoever they counted for; return how many there were.

    These are the visits of this visitor, by links of the member or of somebody below them.  One
    that has vested stays: what somebody was told that they have is not taken back.
    """
    db.flush()
    visit = visits.arrived(db, visit_token)
    if visit is None:
        return 0
    offer = offers.lock(db, visit.offer_id)
    kept = arrivals.lock_of_visitor(db, offer_id=visit.offer_id, token=visit_token)
    opened = forests.load(db, offer, *{one.participant_id for one in kept})
    own = [
        one
        for one in kept
        if one.outcome in {None, VisitOutcome.COUNTED}
        and one.vested_at is None
        and not one.is_confirmed
        and member_id in opened.members_above(one.participant_id)
    ]
    for one in own:
        if one.outcome == VisitOutcome.COUNTED:
            _take_back(opened, one)
    forests.save(db, opened, now=now)
    visits.save(db, [_row(one, member_id) for one in own if one.outcome is None])
    gone = {"outcome": VisitOutcome.OWN_VISIT, "credited": False, "vests_at": None}
    visits.save(db, [{**_row(one, member_id), **gone} for one in own if one.outcome is not None])
    return len(own)


def _take_back(opened: forests.Opened, visit: arrivals.Kept) -> None:
    fact = VisitRemoved(
        f"visit-own:{visit.id}",
        visit.participant_id,
        vested=False,
        credited=visit.credited,
        undoes=f"visit:{visit.id}",
    )
    forests.decide(opened, fact)


def _row(visit: arrivals.Kept, member_id: int) -> dict[str, object]:
    """Return what the worker needs to know of a visit that it has not decided yet."""
    return {"row_id": visit.id, "friend_id": member_id}
