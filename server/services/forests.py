"""Where the pure engine meets the database.

A change of an offer's money goes: lock the offer, open the path from one participant to the root,
apply facts, and everything that changed is written back with its ledger entries in the same
transaction.  That is O(depth) rows, whatever the size of the tree.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlmodel import Session

from rewards import budget, engine
from rewards.codec import terms_from_json
from rewards.decision import Decision
from rewards.facts import Fact
from rewards.forest import Aggregates, Forest, Participant, Totals
from rewards.terms import Terms
from server.store import ledger, offers, participants

_AGGREGATES = tuple(field.name for field in fields(Aggregates))


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked offer with the part of its forest that may change."""

    offer: offers.Offer
    forest: Forest

    @property
    def terms(self) -> Terms:
        """The offer's frozen terms."""
        return self.forest.terms


def terms_of(offer: offers.Offer) -> Terms:
    """Return the terms of an offer."""
    return terms_from_json(offer.terms)


def totals_of(offer: offers.Offer) -> Totals:
    """Return the running totals of an offer's money."""
    return Totals(offer.budget_minor, pot=offer.pot, vest=offer.vest, debt=offer.debt)


def remaining_minor(offer: offers.Offer) -> int:
    """Return what is left of the budget, rounded down, as customers and the brand see it."""
    return budget.remaining_minor_rounded_down(totals_of(offer))


def load(db: Session, offer: offers.Offer, participant_id: int | None = None) -> Opened:
    """Open the path from a participant to the root, or no path; the offer must be locked."""
    rows = [] if participant_id is None else participants.path(db, participant_id)
    nodes = [participant_of(row) for row in rows]
    return Opened(offer, Forest(terms_of(offer), totals_of(offer), nodes))


def apply(db: Session, opened: Opened, fact: Fact, *, now: datetime) -> Decision:
    """Apply one fact and write what it changed.

    Raises:
        RewardsError: the fact contradicts what happened before; nothing was written.

    """
    forest = opened.forest
    forest.changed.clear()
    decision = engine.apply(forest, fact)
    participants.save(db, [_columns(forest.participants[id_]) for id_ in sorted(forest.changed)])
    _save_totals(db, opened)
    ledger.book(
        db,
        [
            {
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
            for transfer in decision.transfers
        ],
    )
    return decision


def participant_of(row: dict[str, Any]) -> Participant:
    """Return the engine's view of a participant's columns."""
    return Participant(
        id=row["id"],
        parent=row["parent_id"],
        root=row["root_id"],
        depth=row["depth"],
        pot=Aggregates(**{name: row[f"pot_{name}"] for name in _AGGREGATES}),
        vest=Aggregates(**{name: row[f"vest_{name}"] for name in _AGGREGATES}),
        reach=row["reach"],
        granted_minor=row["granted_minor"],
        redeemed_minor=row["redeemed_minor"],
    )


def _columns(node: Participant) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "id": node.id,
        "reach": node.reach,
        "granted_minor": node.granted_minor,
        "redeemed_minor": node.redeemed_minor,
    }
    for layer, sums in (("pot", node.pot), ("vest", node.vest)):
        columns |= {f"{layer}_{name}": value for name, value in asdict(sums).items()}
    return columns


def _save_totals(db: Session, opened: Opened) -> None:
    totals, offer = opened.forest.totals, opened.offer
    offer.budget_minor = totals.budget_minor
    offer.pot, offer.vest, offer.debt = totals.pot, totals.vest, totals.debt
    db.flush()
