"""How a customer gets a place in the forest of an offer."""

from datetime import datetime

from sqlmodel import Session

from rewards import engine
from rewards.facts import Joined
from server.services import forests
from server.store import offers, participants, referrals, shares

_NEWCOMER = 0


def ensure(db: Session, *, offer: offers.Offer, member_id: int, now: datetime) -> int:
    """Return the member's place in the offer, which they take when they first share.

    The parent is whoever brought them in by the first verified referral; it never changes.  The
    offer must be locked.
    """
    assert offer.id is not None
    there = participants.find_by_member(db, offer_id=offer.id, member_id=member_id)
    if there is not None and there.id is not None:
        return there.id
    parent_id = _brought_by(db, offer_id=offer.id, member_id=member_id)
    opened = forests.load(db, offer, parent_id)
    # The engine decides where the newcomer stands (depth is capped); the row then gets its id.
    engine.apply(opened.forest, Joined(f"join:{member_id}", _NEWCOMER, parent_id))
    node = opened.forest.participants[_NEWCOMER]
    row = participants.Participant(
        offer_id=offer.id,
        member_id=member_id,
        parent_id=node.parent,
        root_id=node.root if node.parent is not None else None,
        depth=node.depth,
        joined_at=now,
    )
    db.add(row)
    db.flush()
    assert row.id is not None
    if node.parent is None:
        row.root_id = row.id
        db.flush()
    return row.id


def _brought_by(db: Session, *, offer_id: int, member_id: int) -> int | None:
    referral = referrals.find(db, offer_id=offer_id, friend_id=member_id)
    if referral is None:
        return None
    share = shares.find(db, referral.share_id)
    return share.participant_id if share else None
