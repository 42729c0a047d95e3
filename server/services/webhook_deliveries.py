"""What endpoints were told and what came of it, and telling it again."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import NotFound
from server.services import webhook_sending
from server.store import webhook_deliveries as store
from server.store import webhook_endpoints as endpoints
from server.store.webhook_deliveries import DeliveryState


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
        body=webhook_sending.body_of(event),
    )
