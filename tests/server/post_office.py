"""Berta's systems, which want to be told; a moved clock; and the worker's sender."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import select

from server.jobs.webhooks import Sender
from server.services import events
from server.services import webhook_deliveries as deliveries
from server.services import webhook_endpoints as endpoints
from server.services.webhook_deliveries import AttemptView, DeliveryView
from server.services.webhook_endpoints import Actor, EndpointView
from server.store import audit
from server.store.connection import Database
from server.store.webhook_deliveries import WebhookDelivery
from tests.server.town import NOON

KEY = "the key of these tests"


def redemption(number: int = 1) -> events.RedemptionCreated:
    return events.RedemptionCreated(f"r{number}", "7KQF-9M2X-4TBH", f"A-{number}", 5_00, "EUR")


@dataclass
class PostOffice:
    """Everything between an event and a receiver, at a moment that stories move."""

    database: Database
    brand_id: int
    now: datetime = NOON
    key: str = KEY
    secrets: dict[str, str] = field(default_factory=dict)

    def by(self, brand_id: int | None = None) -> Actor:
        return Actor(brand_id or self.brand_id, "member:1", self.key)

    def add(self, url: str, *types: str, brand_id: int | None = None) -> EndpointView:
        """Add an endpoint and keep its secret, as its owner does."""
        with self.database.transaction() as db:
            made = endpoints.add(
                db, by=self.by(brand_id), url=url, description="Till", types=types, now=self.now
            )
        self.secrets[made.public_id] = str(made.secret)
        return made

    def happens(self, *told: events.Event, brand_id: int | None = None) -> None:
        """Let something happen at Berta's, or at another brand."""
        with self.database.transaction() as db:
            for event in told or (redemption(),):
                events.publish(db, brand_id=brand_id or self.brand_id, event=event, now=self.now)

    def sender(self, key: str | None = None) -> Sender:
        return Sender(self.database, key=key or self.key, allow_loopback=True, now=lambda: self.now)

    def sends(self, key: str | None = None) -> int:
        """Let the worker send until nothing is due now; return how many requests that took."""
        sender, count = self.sender(key), 0
        while begun := sender.begin_due():
            for one in begun:
                one.result(timeout=30)
            count += len(begun)
        sender.stop()
        return count

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def endpoint(self, of: EndpointView, brand_id: int | None = None) -> EndpointView:
        with self.database.reading() as db:
            return endpoints.find(db, brand_id=brand_id or self.brand_id, public_id=of.public_id)

    def log(self, of: EndpointView) -> list[DeliveryView]:
        """Return what an endpoint was told, newest first."""
        with self.database.reading() as db:
            return deliveries.of_endpoint(
                db, brand_id=self.brand_id, endpoint_id=of.public_id, before_id=None, limit=100
            )

    def attempts(self, of: EndpointView, number: int = 0) -> list[AttemptView]:
        with self.database.reading() as db:
            return deliveries.find(
                db,
                brand_id=self.brand_id,
                endpoint_id=of.public_id,
                public_id=self.log(of)[number].public_id,
            )[1]

    def due_at(self, of: EndpointView) -> datetime:
        return self.log(of)[0].due_at

    def audited(self) -> list[audit.AuditEntry]:
        with self.database.reading() as db:
            return list(db.exec(select(audit.AuditEntry).order_by(audit.AuditEntry.id)))

    def kept(self) -> Sequence[WebhookDelivery]:
        with self.database.reading() as db:
            return db.exec(select(WebhookDelivery)).all()
