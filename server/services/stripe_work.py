"""The words in which the handlers of Stripe's events speak: what happened, what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.gateways.stripe.codes import Promotion
from server.services.identities import Identity
from server.store import outbox

WORK = "stripe.event"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event to work; ``promotions`` are those that Stripe was asked about.

    ``buyer`` has keyed hashes of Stripe's number for the buyer and of what paid.
    """

    account_id: int
    brand_id: int
    event_id: int
    payment_ref: str | None
    happened_at: datetime
    facts: dict[str, Any]
    promotions: dict[str, Promotion] = field(default_factory=dict)
    buyer: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an event, in a sentence for the brand; not done means it was none of ours."""

    sentence: str
    is_done: bool = True


class Later(Exception):
    """The event cannot be worked yet; the sentence says for what it waits."""


def wake(db: Session, *, account_id: int, event_id: int, due_at: datetime) -> None:
    """Let an event be worked once it is due."""
    content = {"account_id": account_id, "event_id": event_id}
    outbox.put(db, kind=WORK, content=content, due_at=due_at)
