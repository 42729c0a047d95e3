"""An offer with a sharer, made new for each test, so that one process can serve all of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from server.services import consents, offers, shares
from server.services.drafts import Draft
from server.store.connection import Database
from tests import make

THEN = datetime(2026, 1, 1, 9, tzinfo=UTC)
DRAFT = {
    "title": "Winter boots",
    "share_text": "Warm feet",
    "average_order_minor": 6_000,
    "ceiling_basis_points": 1_000,
    "budget_minor": 100_000_00,
    "min_grant_minor": 500,
    "return_days": 14,
}


@dataclass(frozen=True)
class World:
    """Berta's Boots with one published offer."""

    database: Database
    brand_id: int
    offer_id: int
    public_id: str
    host: str
    page_url: str

    def share(self, subject: str | None = None, *, channel: str = "copy") -> str:
        """Let somebody share the offer and return their link code."""
        with self.database.transaction() as db:
            return shares.record(
                db,
                member_id=make.member(db, subject or f"sharer-{uuid4().hex}"),
                event_id=str(uuid4()),
                offer_public_id=self.public_id,
                channel=channel,
                shown_as="Ada",
                consent_hash=consents.text("share", "en").hash,
                language="en",
                surface="site",
                now=THEN,
            ).code

    def lead_to(self, page_url: str) -> None:
        """Change the offer's page to one that the brand could not enter."""
        wanted = "UPDATE offer SET page_url = :url WHERE id = :id"
        self.run(wanted, url=page_url, id=self.offer_id)

    def withdraw(self, code: str) -> None:
        with self.database.transaction() as db:
            member_id = db.execute(
                text("SELECT member_id FROM share WHERE code = :code"), {"code": code}
            ).scalar_one()
            shares.withdraw(db, member_id=member_id, code=code, now=datetime.now(UTC))

    def end(self) -> None:
        with self.database.transaction() as db:
            offers.end(
                db,
                brand_id=self.brand_id,
                public_id=self.public_id,
                actor="test",
                now=datetime.now(UTC),
            )

    def run(self, statement: str, **values: object) -> None:
        with self.database.transaction() as db:
            db.execute(text(statement), values)

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        with self.database.reading() as db:
            return [dict(row) for row in db.execute(text(statement), values).mappings()]

    def visits(self) -> list[dict[str, Any]]:
        wanted = "SELECT * FROM visit WHERE offer_id = :offer ORDER BY id"
        return self.rows(wanted, offer=self.offer_id)

    def counts(self) -> dict[str, int]:
        """Return how many clicks left no visit, by reason."""
        wanted = (
            "SELECT reason, sum(clicks) AS clicks FROM click_count"
            " JOIN share ON share.id = click_count.share_id"
            " WHERE share.offer_id = :offer GROUP BY reason"
        )
        return {row["reason"]: row["clicks"] for row in self.rows(wanted, offer=self.offer_id)}


def create(
    database: Database, *, host: str = "", path: str = "/boots?size=40#shop", **changed: Any
) -> World:
    """Return a new brand with a published offer; ``changed`` are members of its draft.

    ``host`` may be one of this machine.
    """
    name = uuid4().hex[:12]
    page_url = f"http://{host}{path}" if host else f"https://{name}.example{path}"
    host = host or f"{name}.example"
    with database.transaction() as db:
        brand_id = make.brand(db, f"bertas-{name}", hosts=(host, f"shop.{host}"))
        wanted = Draft(**{**DRAFT, "page_url": page_url, **changed})
        view = offers.draft(db, brand_id=brand_id, actor="test", wanted=wanted, now=THEN)
        offers.publish(db, brand_id=brand_id, public_id=view.public_id, actor="test", now=THEN)
        offer_id = db.execute(
            text("SELECT id FROM offer WHERE public_id = :id"), {"id": view.public_id}
        ).scalar_one()
    return World(database, brand_id, offer_id, view.public_id, host, page_url)
