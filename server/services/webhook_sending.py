"""Telling endpoints what happened, at least once: what is due, what to send, what came of it.

A sender claims a delivery for a time in one transaction, sends outside of any, and records in
another.  A sender that dies in between leaves a claim that runs out, and the delivery is made again
under the same id, by which its receiver knows it.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from cryptography.fernet import InvalidToken
from sqlmodel import Session
from standardwebhooks import Webhook

from server import sealing
from server.services import audits, events
from server.store import webhook_deliveries as store
from server.store import webhook_endpoints as endpoints
from server.store.webhook_deliveries import DeliveryState

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long to wait after each failed attempt: ten attempts in a little over three days."""
SPREAD = 0.1
"""Pauses are lengthened by up to a tenth, so that many failures do not come back together."""
LONGEST_ASKED_PAUSE = timedelta(hours=24)
CLAIMED_FOR = timedelta(minutes=2)
AT_ONCE_TO_ONE, AT_ONCE_TO_A_FAILING_ONE = 4, 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that we claimed until a moment: where to send it, and what."""

    delivery_id: int
    endpoint_id: int
    claimed_until: datetime
    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; without a ``status`` nothing came, and ``error`` says why."""

    made_at: datetime
    duration_ms: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def arrived(self) -> bool:
        """Whether the endpoint took the event: any 2xx."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint says that it wants to hear no more."""
        return self.status == HTTPStatus.GONE

    @property
    def told(self) -> str:
        """What came of it, in words."""
        return self.error or f"it answered with {self.status}"


def due(
    db: Session, *, failing: bool, busy: Mapping[int, int], now: datetime, limit: int
) -> list[int]:
    """Return what can be sent now, a few for each endpoint, however much waits for it.

    Endpoints that fail are asked for apart, so that they never keep the others waiting.  ``busy``
    says how many requests are on their way to each endpoint already.
    """
    most = AT_ONCE_TO_A_FAILING_ONE if failing else AT_ONCE_TO_ONE
    found: list[int] = []
    for endpoint_id in store.endpoints_with_due(
        db, failing=failing, now=now, limit=limit + len(busy)
    ):
        room = min(most - busy.get(endpoint_id, 0), limit - len(found))
        if room > 0:
            found += store.due_to(db, endpoint_id=endpoint_id, now=now, limit=room)
    return found


def claim(db: Session, *, delivery_ids: Sequence[int], key: str, now: datetime) -> list[Parcel]:
    """Claim deliveries for us to send at once, as far as nobody else did."""
    until = now + CLAIMED_FOR
    return [
        parcel
        for delivery_id in delivery_ids
        if store.claim(db, delivery_id, now=now, until=until)
        if (parcel := _parcel(db, delivery_id, key, until, now)) is not None
    ]


def record(db: Session, *, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """Write what came of an attempt, and when the next one is; give up after the last.

    An endpoint that failed for all of the three days, or says that it is gone, is disabled.  When
    our claim ran out meanwhile, the attempt of whoever has it now decides, unless ours arrived.
    """
    endpoint = endpoints.lock(db, parcel.endpoint_id)  # before the delivery: one order of locks
    row = store.lock(db, parcel.delivery_id)
    db.add(_attempt(parcel, outcome))
    is_ours = row.claimed_until == parcel.claimed_until
    if is_ours:
        row.claimed_until = None
    if row.state == DeliveryState.DELIVERED or not (is_ours or outcome.arrived):
        return
    row.attempts += 1
    if outcome.arrived:
        row.state, row.done_at = DeliveryState.DELIVERED, now
        endpoint.failing_since = None
        return
    endpoint.failing_since = endpoint.failing_since or outcome.made_at
    if row.attempts <= len(PAUSES) and not outcome.is_gone:
        row.due_at = now + _pause(row.attempts, outcome.retry_after)
        return
    row.state, row.done_at = DeliveryState.GIVEN_UP, now
    failed_throughout = now - endpoint.failing_since >= sum(PAUSES, timedelta())
    if endpoint.disabled_at is None and (outcome.is_gone or failed_throughout):
        _disable(db, endpoint, outcome, now)


def body_of(event: store.WebhookEvent) -> str:
    """Return what is sent of an event, the same to the byte each time."""
    told = {"type": event.type, "timestamp": event.happened_at.isoformat(), "data": event.data}
    return json.dumps(told, separators=(",", ":"))


def _parcel(
    db: Session, delivery_id: int, key: str, until: datetime, now: datetime
) -> Parcel | None:
    """Return what to send; None, and a failed attempt, when our key does not open the secret."""
    row = store.lock(db, delivery_id)
    endpoint = endpoints.get(db, row.endpoint_id)
    assert endpoint is not None
    event = store.event(db, row.event_id)
    body = body_of(event)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Fanfare-Webhooks/1",
        "webhook-id": event.public_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    parcel = Parcel(delivery_id, row.endpoint_id, until, endpoint.url, headers, body.encode())
    try:
        secrets = [sealing.unseal(key, sealed) for sealed in endpoints.secrets(endpoint, now=now)]
    except InvalidToken:
        outcome = Outcome(made_at=now, duration_ms=0, error="our key does not open its secret")
        record(db, parcel=parcel, outcome=outcome, now=now)
        return None
    signatures = [Webhook(secret).sign(event.public_id, now, body) for secret in secrets]
    headers["webhook-signature"] = " ".join(signatures)
    return parcel


def _attempt(parcel: Parcel, outcome: Outcome) -> store.WebhookAttempt:
    return store.WebhookAttempt(
        delivery_id=parcel.delivery_id,
        made_at=outcome.made_at,
        duration_ms=outcome.duration_ms,
        request_headers=parcel.headers,
        status=outcome.status,
        response_headers=outcome.headers,
        response_body=outcome.body,
        error=outcome.error,
    )


def _pause(attempts: int, asked: timedelta | None) -> timedelta:
    """Return how long to wait after so many attempts; an endpoint may ask for longer."""
    pause = PAUSES[attempts - 1] * (1 + SPREAD * random.random())  # noqa: S311 - no secret
    return max(pause, min(asked, LONGEST_ASKED_PAUSE)) if asked else pause


def _disable(
    db: Session, endpoint: endpoints.WebhookEndpoint, outcome: Outcome, now: datetime
) -> None:
    endpoint.disabled_at = now
    endpoint.disabled_why = (
        "It said that it is gone (410)."
        if outcome.is_gone
        else f"Nothing arrived for three days; at last, {outcome.told}."
    )[:200]
    db.flush()
    audits.note(
        db,
        brand_id=endpoint.brand_id,
        actor="sender",
        action="webhook.disabled",
        subject=f"webhook:{endpoint.public_id}",
        after={"why": endpoint.disabled_why},
        now=now,
    )
    told = events.EndpointDisabled(endpoint.public_id, endpoint.disabled_why)
    wanting = endpoints.wanting(db, brand_id=endpoint.brand_id, type_=told.type)
    if others := [endpoint_id for endpoint_id in wanting if endpoint_id != endpoint.id]:
        events.deliver(db, brand_id=endpoint.brand_id, event=told, endpoint_ids=others, now=now)
