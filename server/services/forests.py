"""Where the pure engine meets the database.

A change of an offer's money goes: lock the offer, open the path from one participant to the root,
apply facts, and everything that changed is written back with its ledger entries in the same
transaction.  That is O(depth) rows, whatever the size of the tree.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from rewards import budget, engine
from rewards.codec import terms_from_json
from rewards.decision import Decision
from rewards.facts import Fact
from rewards.forest import Aggregates, Forest, Participant, Totals
from rewards.ledger import Transfer
from rewards.terms import Terms
from server.services import content_unlocks
from server.services.content_unlocks import Move
from server.store import ledger, offers, participants

_POT = tuple((member.name, f"pot_{member.name}") for member in fields(Aggregates))
_VEST = tuple((member.name, f"vest_{member.name}") for member in fields(Aggregates))


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked offer with the part of its forest that may change, and what waits to be booked."""

    offer: offers.Offer
    forest: Forest
    members: dict[int, int]
    """Whose each place in this part of the forest is."""
    reaches: dict[int, int]
    """How many visits each place reached, as it was last written."""
    unbooked: list[Transfer] = field(default_factory=list)

    @property
    def terms(self) -> Terms:
        """The offer's frozen terms."""
        return self.forest.terms

    def members_above(self, participant_id: int) -> Iterator[int]:
        """Yield the member who has a place, and the members of all places above it."""
        return (self.members[node.id] for node in self.forest.path(participant_id))


def terms_of(offer: offers.Offer) -> Terms:
    """Return the terms of an offer."""
    return _terms(json.dumps(offer.terms))


@lru_cache(maxsize=256)
def _terms(members: str) -> Terms:
    """Read terms once: they are frozen, and needed for every event."""
    return terms_from_json(json.loads(members))


def totals_of(offer: offers.Offer) -> Totals:
    """Return the running totals of an offer's money."""
    return Totals(offer.budget_minor, pot=offer.pot, vest=offer.vest, debt=offer.debt)


def remaining_minor(offer: offers.Offer) -> int:
    """Return what is left of the budget, rounded down, as customers and the brand see it."""
    return budget.remaining_minor_rounded_down(totals_of(offer))


def load(db: Session, offer: offers.Offer, *participant_ids: int) -> Opened:
    """Open the paths from some participants to their roots; the offer must be locked."""
    rows = participants.paths(db, participant_ids) if participant_ids else []
    nodes = [participant_of(row) for row in rows]
    members = {row["id"]: row["member_id"] for row in rows}
    reaches = {row["id"]: row["reach"] for row in rows}
    return Opened(offer, Forest(terms_of(offer), totals_of(offer), nodes), members, reaches)


def apply(db: Session, opened: Opened, fact: Fact, *, now: datetime) -> Decision:
    """Apply one fact and write what it changed.

    Raises:
        RewardsError: the fact contradicts what happened before; nothing was written.

    """
    decision = decide(opened, fact)
    save(db, opened, now=now)
    return decision


def decide(opened: Opened, fact: Fact) -> Decision:
    """Apply one fact of several; ``save`` then writes what all of them changed.

    Raises:
        RewardsError: the fact contradicts what happened before; nothing was changed.

    """
    decision = engine.apply(opened.forest, fact)
    opened.unbooked.extend(decision.transfers)
    return decision


def save(db: Session, opened: Opened, *, now: datetime) -> None:
    """Write what the facts since the last time changed."""
    forest = opened.forest
    changed = [forest.participants[id_] for id_ in sorted(forest.changed)]
    participants.save(db, [_columns(node) for node in changed])
    forest.changed.clear()
    _follow_reach(db, opened, changed, now=now)
    _save_totals(db, opened)
    ledger.book(db, [_booked(opened, transfer, now) for transfer in opened.unbooked])
    opened.unbooked.clear()


def participant_of(row: dict[str, Any]) -> Participant:
    """Return the engine's view of a participant's columns."""
    return Participant(
        id=row["id"],
        parent=row["parent_id"],
        root=row["root_id"],
        depth=row["depth"],
        pot=Aggregates(**{name: row[column] for name, column in _POT}),
        vest=Aggregates(**{name: row[column] for name, column in _VEST}),
        reach=row["reach"],
        granted_minor=row["granted_minor"],
        redeemed_minor=row["redeemed_minor"],
    )


def _columns(node: Participant) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "row_id": node.id,
        "reach": node.reach,
        "granted_minor": node.granted_minor,
        "redeemed_minor": node.redeemed_minor,
    }
    for sums, names in ((node.pot, _POT), (node.vest, _VEST)):
        for name, column in names:
            columns[column] = getattr(sums, name)
    return columns


def _booked(opened: Opened, transfer: Transfer, now: datetime) -> dict[str, Any]:
    return {
        "offer_id": opened.offer.id,
        "debit": str(transfer.debit),
        "credit": str(transfer.credit),
        "amount_minor": transfer.amount_minor,
        "cause": transfer.cause,
        "rule_version": transfer.rule_version,
        "reason": transfer.reason,
        "undoes": transfer.undoes,
        "booked_at": now,
    }


def _follow_reach(
    db: Session, opened: Opened, changed: list[Participant], *, now: datetime
) -> None:
    """Let content open and lock where a reach changed."""
    moves = [
        Move(node.id, before, node.reach)
        for node in changed
        if (before := opened.reaches.get(node.id, 0)) != node.reach
    ]
    if moves:
        assert opened.offer.id is not None
        content_unlocks.follow(db, offer_id=opened.offer.id, moves=moves, now=now)
        opened.reaches.update((move.participant_id, move.after) for move in moves)


def _save_totals(db: Session, opened: Opened) -> None:
    totals, offer = opened.forest.totals, opened.offer
    if totals == totals_of(offer):  # codes move money that the totals count already
        return
    offer.budget_minor = totals.budget_minor
    offer.pot, offer.vest, offer.debt = totals.pot, totals.vest, totals.debt
    db.flush()
