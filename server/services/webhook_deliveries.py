"""Telling endpoints what happened, at least once: what is due, what to send, what came of it.

A sender claims a delivery for a time in one transaction, sends outside of any, and records in
another.  A sender that dies in between leaves a claim that runs out, and the delivery is made again
under the same id, by which its receiver knows it.
"""

import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from sqlmodel import Session
from standardwebhooks import Webhook

from server import sealing
from server.errors import NotFound
from server.services import events
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
KEPT_FOR = timedelta(days=30)
AT_ONCE_TO_ONE, AT_ONCE_TO_A_FAILING_ONE = 4, 1
BATCH = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery that we claimed: where to send it, and what."""

    delivery_id: int
    endpoint_id: int
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


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event for one endpoint, and how far it came."""

    id: int
    public_id: str
    event_id: str
    type: str
    state: str
    attempts: int
    happened_at: datetime
    due_at: datetime
    done_at: datetime | None
    body: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One request to an endpoint and its answer."""

    made_at: datetime
    duration_ms: int
    request_headers: dict[str, str]
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    error: str | None


def claim_due(
    db: Session, *, key: str, busy: Mapping[int, int], now: datetime, limit: int
) -> list[Parcel]:
    """Claim what is due, a few for each endpoint, so that a slow one never holds up the others.

    ``busy`` says how many we are sending to each endpoint already.
    """
    taken = Counter(busy)
    parcels: list[Parcel] = []
    for delivery_id, endpoint_id, fails in store.due(db, now=now, each=AT_ONCE_TO_ONE, limit=BATCH):
        if len(parcels) == limit:
            break
        most = AT_ONCE_TO_A_FAILING_ONE if fails else AT_ONCE_TO_ONE
        if taken[endpoint_id] >= most:
            continue
        if store.claim(db, delivery_id, now=now, until=now + CLAIMED_FOR):
            taken[endpoint_id] += 1
            parcels.append(_parcel(db, delivery_id, endpoint_id, key, now))
    return parcels


def record(db: Session, *, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """Write what came of an attempt, and when the next one is; give up after the last.

    An endpoint that failed for all of the three days, or says that it is gone, is disabled.
    """
    endpoint = endpoints.lock(db, parcel.endpoint_id)  # before the delivery: one order of locks
    row = store.lock(db, parcel.delivery_id)
    db.add(_attempt(parcel, outcome))
    row.attempts += 1
    row.claimed_until = None
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


def of_endpoint(
    db: Session, *, brand_id: int, endpoint_id: str, before_id: int | None, limit: int
) -> list[DeliveryView]:
    """Return the deliveries to a brand's endpoint, newest first, from before an id on.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    endpoint = _endpoint(db, brand_id, endpoint_id)
    assert endpoint.id is not None
    rows = store.of_endpoint(db, endpoint_id=endpoint.id, before_id=before_id, limit=limit)
    return [_view(row, event) for row, event in rows]


def find(
    db: Session, *, brand_id: int, endpoint_id: str, public_id: str
) -> tuple[DeliveryView, list[AttemptView]]:
    """Return a delivery with its attempts, oldest first.

    Raises:
        NotFound: the brand has no such endpoint, or no such delivery was for it.

    """
    row = _delivery(db, brand_id, endpoint_id, public_id)
    assert row.id is not None
    attempts = [
        AttemptView(
            made_at=one.made_at,
            duration_ms=one.duration_ms,
            request_headers=one.request_headers,
            status=one.status,
            response_headers=one.response_headers,
            response_body=one.response_body,
            error=one.error,
        )
        for one in store.attempts_of(db, row.id)
    ]
    return _view(row, store.event(db, row.event_id)), attempts


def replay(
    db: Session, *, brand_id: int, endpoint_id: str, public_id: str, now: datetime
) -> DeliveryView:
    """Make a delivery once more, under the same id; one that waits is made now.

    Raises:
        NotFound: the brand has no such endpoint, or no such delivery was for it.

    """
    row = _delivery(db, brand_id, endpoint_id, public_id)
    assert row.id is not None
    row = store.lock(db, row.id)
    row.state, row.attempts, row.due_at, row.done_at = DeliveryState.WAITING, 0, now, None
    db.flush()
    return _view(row, store.event(db, row.event_id))


def replay_since(
    db: Session, *, brand_id: int, endpoint_id: str, since: datetime, now: datetime
) -> int:
    """Make every delivery of events since a moment once more; return how many that are.

    Raises:
        NotFound: the brand has no such endpoint.

    """
    endpoint = _endpoint(db, brand_id, endpoint_id)
    assert endpoint.id is not None
    return store.wait_again(db, endpoint_id=endpoint.id, since=since, now=now)


def forget_old(db: Session, *, now: datetime) -> int:
    """Forget events older than 30 days with all that became of them; return how many."""
    return store.remove_before(db, now - KEPT_FOR)


def _parcel(db: Session, delivery_id: int, endpoint_id: int, key: str, now: datetime) -> Parcel:
    row = store.lock(db, delivery_id)
    endpoint = endpoints.get(db, endpoint_id)
    assert endpoint is not None
    event = store.event(db, row.event_id)
    body = _body(event)
    secrets = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now:
        secrets.append(endpoint.old_secret)
    signatures = [
        Webhook(sealing.unseal(key, secret)).sign(event.public_id, now, body) for secret in secrets
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Fanfare-Webhooks/1",
        "webhook-id": event.public_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Parcel(delivery_id, endpoint_id, endpoint.url, headers, body.encode())


def _body(event: store.WebhookEvent) -> str:
    told = {"type": event.type, "timestamp": event.happened_at.isoformat(), "data": event.data}
    return json.dumps(told, separators=(",", ":"))


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
    told = events.EndpointDisabled(endpoint.public_id, endpoint.url, endpoint.disabled_why)
    events.publish(db, brand_id=endpoint.brand_id, event=told, now=now)


def _endpoint(db: Session, brand_id: int, public_id: str) -> endpoints.WebhookEndpoint:
    found = endpoints.find(db, brand_id=brand_id, public_id=public_id)
    if found is None:
        raise NotFound("There is no such endpoint.")
    return found


def _delivery(
    db: Session, brand_id: int, endpoint_id: str, public_id: str
) -> store.WebhookDelivery:
    endpoint = _endpoint(db, brand_id, endpoint_id)
    assert endpoint.id is not None
    row = store.find(db, endpoint_id=endpoint.id, public_id=public_id)
    if row is None:
        raise NotFound("There is no such delivery to this endpoint.")
    return row


def _view(row: store.WebhookDelivery, event: store.WebhookEvent) -> DeliveryView:
    assert row.id is not None
    return DeliveryView(
        id=row.id,
        public_id=row.public_id,
        event_id=event.public_id,
        type=event.type,
        state=row.state,
        attempts=row.attempts,
        happened_at=event.happened_at,
        due_at=row.due_at,
        done_at=row.done_at,
        body=_body(event),
    )
