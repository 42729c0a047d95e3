"""What a share set in motion: its own visits and orders, and the people below it.

Whoever shared sees the own link exactly.  Of others there are no more than generations, counted in
whole threes as they stood at the last midnight, so that between any two looks at least three people
came; and one sum over everybody who was brought to the offer (docs/DECISIONS/0045).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import aggregates
from server.services import shares
from server.store import branches as store
from server.store import counts, participants
from server.store import shares as share_store

PEOPLE_MAX = 10_000
"""How many people are counted; of a larger branch, those who stand nearest."""
GENERATIONS = 4
"""How many are told apart; whoever stands deeper is counted in the last."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What one share set in motion.

    ``generations`` has friends, their friends and so on, each in whole threes and 0 for nobody or
    a few, up to the last one that is shown.  ``others`` is about everybody whom the sharer brought
    to the offer by any share, or None while no generation is shown.
    """

    as_of: datetime
    visits: int
    orders: int
    generations: tuple[int, ...]
    others: aggregates.BranchTotals | None
    is_cut: bool
    """Whether there are more people than were counted."""


def of_share(db: Session, *, member_id: int, code: str, now: datetime) -> Branch:
    """Return what a member's share set in motion.

    Raises:
        NotFound: the member has no such share.

    """
    share = share_store.find(db, shares.of_member(db, member_id=member_id, code=code).share_id)
    assert share is not None
    assert share.id is not None
    place = participants.find(db, share.participant_id)
    assert place is not None
    as_of = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = store.generations(
        db,
        participant_id=share.participant_id,
        share_id=share.id,
        before=as_of,
        most=PEOPLE_MAX + 1,
    )
    visits, orders = counts.of_share(db, share_id=share.id, participant_id=share.participant_id)
    generations = _generations(found, place.depth)
    others = None
    if generations:
        others = aggregates.branch(
            people=sum(generations),
            visits=store.reach_below(db, share.participant_id),
            orders=sum(row.orders for row in found),
        )
    is_cut = sum(row.people for row in found) > PEOPLE_MAX
    return Branch(as_of, visits, orders, generations, others, is_cut)


def _generations(found: list[store.Generation], depth: int) -> tuple[int, ...]:
    """Count the people of a share by generation, in whole threes, up to the last that has one."""
    people = [0] * GENERATIONS
    for row in found:
        if row.is_by_share:
            people[min(row.depth - depth, GENERATIONS) - 1] += row.people
    shown = [aggregates.in_threes(count) for count in people]
    while shown and not shown[-1]:
        shown.pop()
    return tuple(shown)
