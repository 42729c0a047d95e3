"""The people and brands of the tests, as plain functions that write them to a database."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from server.services import clients, sign_ins
from server.store.brands import Brand, BrandDomain
from server.store.teams import Role, TeamMember

ISSUER = "http://127.0.0.1:8002"
THEN = datetime(2026, 1, 1, 9, tzinfo=UTC)
"""When everybody came who was there before the story began."""


@dataclass(frozen=True)
class PartnerMade:
    """A partner's client with its secret, and the brand that it speaks for."""

    client_id: str
    client_secret: str
    brand_id: int


def member(db: Session, subject: str = "ada", *, now: datetime = THEN) -> int:
    """Return the id of the member whom the demo provider knows by this subject."""
    return sign_ins.sign_in(db, issuer=ISSUER, subject=subject, now=now).member_id


def brand(
    db: Session,
    slug: str = "bertas-boots",
    *,
    name: str = "Berta's Boots",
    currency: str = "EUR",
    hosts: tuple[str, ...] = ("127.0.0.1:8003",),
    now: datetime = THEN,
) -> int:
    """Return the id of a new brand that owns these hosts."""
    row = Brand(slug=slug, name=name, currency=currency, created_at=now)
    db.add(row)
    db.flush()
    assert row.id is not None
    db.add_all(BrandDomain(brand_id=row.id, host=host) for host in hosts)
    db.flush()
    return row.id


def team(db: Session, brand_id: int, member_id: int, role: str = Role.OWNER) -> None:
    """Let a member work for a brand."""
    db.add(TeamMember(brand_id=brand_id, member_id=member_id, role=Role(role)))
    db.flush()


def partner(
    db: Session, brand_id: int, *, title: str = "Coupondo", now: datetime = THEN
) -> PartnerMade:
    """Return a new partner client of a brand, with its secret."""
    new = clients.create(db, brand_id=brand_id, actor="test", title=title, now=now)
    return PartnerMade(new.client_id, new.client_secret, brand_id)
