"""How a customer gets a place in the forest of an offer."""

from datetime import datetime

from sqlmodel import Session

from rewards import engine
from rewards.facts import Joined
from server.services import forests
from server.store import offers, participants, referrals, writing

_NEWCOMER = 0


def ensure(db: Session, *, offer: offers.Offer, member_id: int, now: datetime) -> int:
    """Return the member's place in the offer, which they take when they first share.

    The parent is whoever brought them in by the first verified referral, unless they took that
    back before; it never changes.  The offer must be locked.
    """
    assert offer.id is not None
    there = participants.id_of_member(db, offer_id=offer.id, member_id=member_id)
    if there is not None:
        return there
    parent_id = referrals.parent_id(db, offer_id=offer.id, friend_id=member_id)
    opened = forests.load(db, offer, *([] if parent_id is None else [parent_id]))
    # The engine decides where the newcomer stands (depth is capped); the row then gets its id.
    engine.apply(opened.forest, Joined(f"join:{member_id}", _NEWCOMER, parent_id))
    node = opened.forest.participants[_NEWCOMER]
    new_id = writing.put(
        db,
        participants.Participant,
        {
            "offer_id": offer.id,
            "member_id": member_id,
            "parent_id": node.parent,
            "root_id": node.root if node.parent is not None else None,
            "depth": node.depth,
            "joined_at": now,
        },
    )
    if node.parent is None:
        participants.save(db, [{"row_id": new_id, "root_id": new_id}])
    return new_id
