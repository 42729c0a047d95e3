"""Exclusive content opens and locks with the reach of a branch (docs/ENGINE.md §6).

An unlock is a grant without money: a row with the numbers that gave it, written in the transaction
that changed the reach.  The engine says what opens and what locks.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from rewards import grants
from rewards.forest import Participant
from server.store import content_items as items
from server.store import content_unlocks as store
from server.store.content_items import ContentItem, ContentState
from server.store.content_unlocks import Standing


@dataclass(frozen=True, slots=True)
class Move:
    """How the reach of one participant changed."""

    participant_id: int
    before: int
    after: int


def needed(item: ContentItem, unlock: Standing | None) -> int | None:
    """Return how many visits an item takes, for who holds an unlock of it or none.

    Whoever unlocked it needs no more than then, and no more than others need now.  None when it
    can no longer be unlocked.
    """
    if unlock is not None:
        return min(unlock.needed_visits, item.threshold_visits)
    return item.threshold_visits if item.state == ContentState.PUBLISHED else None


def follow(db: Session, *, offer_id: int, moves: Sequence[Move], now: datetime) -> None:
    """Unlock and lock what follows from changes of reach; the offer must be locked."""
    there = items.of_offer(db, offer_id)
    if not there:
        return
    held = _by_participant(store.standing(db, [move.participant_id for move in moves]))
    granted: list[dict[str, Any]] = []
    taken_back: list[int] = []
    for move in moves:
        mine = held.get(move.participant_id, {})
        change = _change(move, there, mine)
        granted += [
            {
                "item_id": item.id,
                "participant_id": move.participant_id,
                "unlocked_at": now,
                "reach_visits": move.after,
                "needed_visits": item.threshold_visits,
                "locked_at": None,
            }
            for item in there
            if item.public_id in change.unlocked
        ]
        taken_back += [
            mine[item.id].id
            for item in there
            if item.id in mine and item.public_id in change.locked_again
        ]
    store.grant(db, granted)
    if taken_back:
        store.lock_again(db, taken_back, now=now)


def wrong(db: Session, *, offer_id: int, nodes: Collection[Participant]) -> list[str]:
    """Return a sentence for each unlock of an offer that the engine would not have, or misses."""
    there = items.of_offer(db, offer_id)
    held = _by_participant(store.standing_of_offer(db, offer_id))
    found = []
    for node in nodes:
        mine = held.pop(node.id, {})
        for item in there:
            unlock = mine.pop(item.id or 0, None)
            if not _agree(node, item, unlock):
                what = "is unlocked" if unlock else "is locked"
                found.append(
                    f"content {item.public_id} {what} for participant {node.id}, "
                    f"who reached {node.reach} of {item.threshold_visits}"
                )
        found += [f"unlock {one.id} is of an item of another offer" for one in mine.values()]
    return found


def _change(
    move: Move, there: Sequence[ContentItem], mine: Mapping[int, Standing]
) -> grants.Unlocks:
    thresholds, opened = {}, set()
    for item in there:
        unlock = mine.get(item.id or 0)
        takes = needed(item, unlock)
        if takes is not None:
            thresholds[item.public_id] = takes
        if unlock is not None and unlock.first_opened_at is not None:
            opened.add(item.public_id)
    return grants.unlocks_between(move.before, move.after, thresholds, opened)


def _agree(node: Participant, item: ContentItem, unlock: Standing | None) -> bool:
    """Tell whether an unlock, or that there is none, is what the engine says."""
    takes = needed(item, unlock)
    if takes is None:
        return True
    opened = unlock is not None and unlock.first_opened_at is not None
    return (unlock is not None) == grants.is_unlocked(node, takes, opened=opened)


def _by_participant(unlocks: Sequence[Standing]) -> dict[int, dict[int, Standing]]:
    found: dict[int, dict[int, Standing]] = defaultdict(dict)
    for unlock in unlocks:
        found[unlock.participant_id][unlock.item_id] = unlock
    return dict(found)
