"""What a brand's own systems can be told, and telling it: the one place that names every event.

An event goes into the transaction of what it tells of, and only if some endpoint wants it.  Amounts
are in minor units, ids are those of the APIs, and nothing in an event is about a person.  A code
stands whole only where the partner named it itself or where nobody can use it any more.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Session

from server import tokens
from server.store import webhook_deliveries as deliveries
from server.store import webhook_endpoints as endpoints
from server.store import writing


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a brand; its fields are the members of ``data``."""

    type: ClassVar[str]


@dataclass(frozen=True, slots=True)
class GrantCreated(Event):
    """A customer turned payable money into a code; ``code_ending`` is its last group."""

    type = "grant.created"
    offer_id: str
    code_ending: str
    value_minor: int
    rate_basis_points: int | None
    currency: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OfHeldCode(Event):
    """A code, held for an order."""

    reservation_id: str
    code: str
    order_ref: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeReserved(OfHeldCode):
    """A code is held for an order until it expires."""

    type = "code.reserved"


@dataclass(frozen=True, slots=True)
class CodeReleased(OfHeldCode):
    """A code is no longer held for an order that did not use it."""

    type = "code.released"


@dataclass(frozen=True, slots=True)
class OfEndedCode(Event):
    """A code that nobody can use any more."""

    offer_id: str
    code: str
    value_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CodeExpired(OfEndedCode):
    """A code's time was over; its value went back to its holder."""

    type = "code.expired"


@dataclass(frozen=True, slots=True)
class CodeRevoked(OfEndedCode):
    """A code was revoked or put back; its value went back to its holder."""

    type = "code.revoked"


@dataclass(frozen=True, slots=True)
class RedemptionCreated(Event):
    """A code was used for an order."""

    type = "redemption.created"
    redemption_id: str
    code: str
    order_ref: str
    discount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RedemptionRolledBack(Event):
    """A use was undone, in part or whole; ``code_state`` is where that left the code."""

    type = "redemption.rolled_back"
    redemption_id: str
    rollback_ref: str
    code: str
    order_ref: str
    amount_minor: int
    rolled_back_minor: int
    code_state: str
    currency: str


@dataclass(frozen=True, slots=True)
class OfConversion(Event):
    """An order, as it stands."""

    conversion_id: str
    order_ref: str
    offer_id: str | None
    net_minor: int
    refunded_minor: int
    credited_minor: int
    currency: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ConversionCreated(OfConversion):
    """An order was recorded, credited or not."""

    type = "conversion.created"


@dataclass(frozen=True, slots=True)
class ConversionVested(OfConversion):
    """The return window of a credited order is over."""

    type = "conversion.vested"


@dataclass(frozen=True, slots=True)
class ConversionReversed(OfConversion):
    """An order was refunded, or turned out to be the sharer's own; it now stands like this."""

    type = "conversion.reversed"


@dataclass(frozen=True, slots=True)
class OfCase(Event):
    """A held matter; ``kind`` says of which kind, ``outcome`` how it ended."""

    case_id: str
    kind: str
    conversion_id: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class CaseOpened(OfCase):
    """Something is held until somebody has looked at it."""

    type = "case.opened"


@dataclass(frozen=True, slots=True)
class CaseClosed(OfCase):
    """What was held is decided."""

    type = "case.closed"


@dataclass(frozen=True, slots=True)
class EndpointDisabled(Event):
    """Another endpoint of the brand is no longer told anything, because it failed for too long."""

    type = "endpoint.disabled"
    endpoint_id: str
    why: str


@dataclass(frozen=True, slots=True)
class WebhookTest(Event):
    """A test, asked for by somebody of the brand; it goes to one endpoint, whatever that wants."""

    type = "webhook.test"
    sentence: str


ALL: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        GrantCreated,
        CodeReserved,
        CodeReleased,
        CodeExpired,
        CodeRevoked,
        RedemptionCreated,
        RedemptionRolledBack,
        ConversionCreated,
        ConversionVested,
        ConversionReversed,
        CaseOpened,
        CaseClosed,
        EndpointDisabled,
        WebhookTest,
    )
}
"""Every kind of event by its type."""
SENTENCES = {
    type_: (kind.__doc__ or "").partition(";")[0].partition(".")[0] + "."
    for type_, kind in ALL.items()
    if kind is not WebhookTest
}
"""What an endpoint can ask to hear of, and what that is; a test goes to whoever asks for it."""


def publish(db: Session, *, brand_id: int, event: Event, now: datetime) -> None:
    """Tell every endpoint of the brand that wants to hear of it, after this transaction."""
    wanting = endpoints.wanting(db, brand_id=brand_id, type_=event.type)
    if wanting:
        deliver(db, brand_id=brand_id, event=event, endpoint_ids=wanting, now=now)


def deliver(
    db: Session, *, brand_id: int, event: Event, endpoint_ids: list[int], now: datetime
) -> None:
    """Note an event, and that it must be told to these endpoints."""
    event_id = writing.put(
        db,
        deliveries.WebhookEvent,
        {
            "public_id": f"evt_{tokens.public_id()}",
            "brand_id": brand_id,
            "type": event.type,
            "data": data_of(event),
            "happened_at": now,
        },
    )
    for endpoint_id in endpoint_ids:
        writing.put(
            db,
            deliveries.WebhookDelivery,
            {
                "public_id": tokens.public_id(),
                "event_id": event_id,
                "endpoint_id": endpoint_id,
                "due_at": now,
            },
        )


def data_of(event: Event) -> dict[str, Any]:
    """Return the members of an event as JSON values; moments in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(event).items()
    }


def members_of(kind: type[Event]) -> list[str]:
    """Return the names of an event's members, for the documentation."""
    return [member.name for member in fields(kind)]
