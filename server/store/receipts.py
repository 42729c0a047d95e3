"""What a receipt tells of a consent, in one look: the words, and the brand that it is about."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, func, literal
from sqlalchemy import select as rows_of
from sqlmodel import Session

from server.store.brands import Brand, BrandDomain
from server.store.consent_texts import ConsentText
from server.store.consents import Consent
from server.store.offers import Offer
from server.store.questions import Question
from server.store.referrals import Referral
from server.store.shares import Share


class Fact(NamedTuple):
    """One consent, with its words and its brand; some have none."""

    id: int
    public_id: str
    member_id: int
    purpose: str
    text_hash: str
    text_version: str
    language: str
    surface: str
    given_at: datetime
    withdrawn_at: datetime | None
    words: str
    brand_slug: str | None
    brand_name: str | None
    brand_host: str | None


def _facts() -> Select[Any]:
    consent: Table = Consent.__table__  # type: ignore[attr-defined]
    text: Table = ConsentText.__table__  # type: ignore[attr-defined]
    share: Table = Share.__table__  # type: ignore[attr-defined]
    referral: Table = Referral.__table__  # type: ignore[attr-defined]
    offer: Table = Offer.__table__  # type: ignore[attr-defined]
    question: Table = Question.__table__  # type: ignore[attr-defined]
    brand: Table = Brand.__table__  # type: ignore[attr-defined]
    domain: Table = BrandDomain.__table__  # type: ignore[attr-defined]
    asking = (
        rows_of(func.min(question.c.brand_id))
        .where(literal("question:") + question.c.public_id == consent.c.purpose)
        .correlate(consent)
        .scalar_subquery()
    )
    host = (
        rows_of(func.min(domain.c.host))
        .where(domain.c.brand_id == brand.c.id)
        .correlate(brand)
        .scalar_subquery()
    )
    columns = (name for name in Fact._fields if name in consent.c)
    return (
        rows_of(
            *(consent.c[name] for name in columns), text.c.words, brand.c.slug, brand.c.name, host
        )
        .select_from(consent)
        .join(text, text.c.hash == consent.c.text_hash)
        .outerjoin(share, share.c.consent_id == consent.c.id)
        .outerjoin(referral, referral.c.consent_id == consent.c.id)
        .outerjoin(offer, offer.c.id == func.coalesce(share.c.offer_id, referral.c.offer_id))
        .outerjoin(brand, brand.c.id == func.coalesce(offer.c.brand_id, asking))
        .order_by(consent.c.id)
    )


_FACTS = _facts()
_CONSENT: Table = Consent.__table__  # type: ignore[attr-defined]


def find(db: Session, *, member_id: int, public_id: str) -> Fact | None:
    """Return what is to be told of a member's consent."""
    wanted = _FACTS.where(_CONSENT.c.member_id == member_id, _CONSENT.c.public_id == public_id)
    row = db.connection().execute(wanted).first()
    return Fact(*row) if row else None


def of_member(db: Session, *, member_id: int, after_id: int, limit: int) -> list[Fact]:
    """Return what is to be told of a member's consents, oldest first."""
    wanted = _FACTS.where(_CONSENT.c.member_id == member_id, _CONSENT.c.id > after_id)
    return [Fact(*row) for row in db.connection().execute(wanted.limit(limit))]
