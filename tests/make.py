"""The people and brands of the tests, as plain functions that write them to a database."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import text
from sqlmodel import Session

from rewards.money import Money
from server import tokens
from server.jobs import outbox
from server.services import (
    clients,
    codes,
    consents,
    conversions,
    identities,
    offers,
    referrals,
    reversals,
    shares,
    sign_ins,
    visits,
)
from server.services.attribution import Evidence
from server.services.conversions import ConversionView
from server.services.drafts import Draft
from server.services.identities import Identity, Said
from server.services.offers import OfferView
from server.services.referrals import ReferralView
from server.services.reversals import ReversalView
from server.services.shares import ShareView
from server.store import oauth_clients, tables
from server.store import outbox as outbox_store
from server.store import shares as share_store
from server.store.brands import Brand, BrandDomain
from server.store.connection import Database
from server.store.teams import Role, TeamMember
from server.store.visits import Visit

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


def client_row(db: Session, client_id: str) -> int:
    """Return the row id of a partner's client."""
    row = oauth_clients.find(db, client_id)
    assert row is not None
    assert row.id is not None
    return row.id


BOOTS = Draft(
    title="Winter boots",
    page_url="http://127.0.0.1:8003/boots",
    share_text="These boots kept my feet warm all winter:",
    average_order_minor=60_00,
    ceiling_basis_points=1_000,
    budget_minor=5_000_00,
    min_grant_minor=5_00,
    return_days=14,
)
"""The offer of the stories: average order 60.00, rates from 4 % to 10 %."""


def offer(db: Session, brand_id: int, *, now: datetime = THEN, **changes: object) -> OfferView:
    """Return a published offer: the boots, with changes."""
    wanted = replace(BOOTS, **changes)
    made = offers.draft(db, brand_id=brand_id, actor="test", wanted=wanted, now=now)
    return offers.publish(db, brand_id=brand_id, public_id=made.public_id, actor="test", now=now)


def share(
    db: Session,
    member_id: int,
    offer: OfferView,
    *,
    now: datetime = THEN,
    event_id: str | None = None,
    channel: str = "copy",
    shown_as: str = "",
) -> ShareView:
    """Return a new share by a member."""
    return shares.record(
        db,
        member_id=member_id,
        event_id=event_id or str(uuid4()),
        offer_public_id=offer.public_id,
        channel=channel,
        shown_as=shown_as,
        consent_hash=consents.text(consents.SHARE).hash,
        language="en",
        surface="test",
        now=now,
    )


def visit(
    db: Session, code: str, *, now: datetime = THEN, is_verified: bool = False, **evidence: object
) -> str:
    """Return the token of a visit through a link, by a visitor who was never seen before.

    ``evidence`` is what the nightly look needs: networks, device and engagement.
    """
    row = share_store.find_by_code(db, code)
    assert row is not None
    token = tokens.secret()[:22]
    db.add(
        Visit(
            token=token,
            share_id=row.id,
            offer_id=row.offer_id,
            visitor_key=token.encode()[:8],
            clicked_at=now,
            verified_at=now if is_verified else None,
            **evidence,
        )
    )
    db.flush()
    return token


def claim(
    db: Session,
    member_id: int,
    visit_token: str,
    *,
    now: datetime = THEN,
    event_id: str | None = None,
) -> ReferralView:
    """Return the referral that a friend confirms."""
    return referrals.claim(
        db,
        member_id=member_id,
        event_id=event_id or str(uuid4()),
        visit_token=visit_token,
        consent_hash=consents.text(consents.REFERRAL).hash,
        language="en",
        surface="test",
        now=now,
    )


SEALING_KEY = "a key that seals"


def known_by(
    db: Session,
    brand_id: int,
    *,
    now: datetime = THEN,
    sealing_key: str = SEALING_KEY,
    **said: str | None,
) -> tuple[Identity, ...]:
    """Return the hashes of what is said of a buyer."""
    return identities.told(
        db, brand_id=brand_id, said=Said(**said), sealing_key=sealing_key, now=now
    )


def order(
    db: Session,
    brand_id: int,
    amount: str,
    *,
    now: datetime = THEN,
    order_ref: str | None = None,
    currency: str = "EUR",
    is_new_customer: bool = True,
    ordered_at: datetime | None = None,
    visit_token: str | None = None,
    code: str | None = None,
    **said: str | None,
) -> ConversionView:
    """Return what becomes of an order that is reported; ``said`` is what it says of the buyer."""
    buyer = known_by(db, brand_id, now=now, **said)
    return conversions.report(
        db,
        brand_id=brand_id,
        order_ref=order_ref or f"order-{uuid4().hex[:8]}",
        net=Money.parse(amount, currency),
        is_new_customer=is_new_customer,
        evidence=Evidence(visit_token, code, buyer),
        ordered_at=ordered_at,
        now=now,
    )


def code(
    db: Session, member_id: int, offer: OfferView, *, value: str | None = None, now: datetime = THEN
) -> codes.CodeView:
    """Return a code that a member takes, for all that is payable or for a value."""
    return codes.take(
        db,
        member_id=member_id,
        offer_public_id=offer.public_id,
        event_id=str(uuid4()),
        value_minor=Money.parse(value, offer.currency).minor if value else None,
        now=now,
    )


def refund(
    db: Session,
    brand_id: int,
    conversion: ConversionView,
    amount: str | None = None,
    *,
    reversal_ref: str | None = None,
    now: datetime = THEN,
) -> ReversalView:
    """Return what becomes of an order that is refunded, in part or whole."""
    return reversals.reverse(
        db,
        brand_id=brand_id,
        conversion_public_id=conversion.public_id,
        reversal_ref=reversal_ref or f"refund-{uuid4().hex[:8]}",
        amount_minor=Money.parse(amount, "EUR").minor if amount else None,
        now=now,
    )


def empty(database: Database) -> None:
    """Take every row out of a database."""
    with database.transaction() as db:
        for table in reversed(tables.METADATA.sorted_tables):
            db.execute(table.delete())


def restart(database: Database) -> None:
    """Take every row out of a database, and let rows be counted from 1 again."""
    empty(database)
    with database.transaction() as db:
        for table in tables.METADATA.sorted_tables:
            if database.dialect == "postgresql" and "id" in table.columns:
                db.execute(text(f'ALTER SEQUENCE IF EXISTS "{table.name}_id_seq" RESTART'))


def pass_time(db: Session, now: datetime) -> None:
    """Do everything that is due by now, as the worker does."""
    visits.apply_verified(db, now=now, limit=10_000)
    visits.vest_due(db, now=now, limit=10_000)
    for message_id in outbox_store.waiting(db, now=now, limit=10_000):
        outbox.deliver(db, message_id, now=now)
