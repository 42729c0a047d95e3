"""Offers: drafted, published with frozen terms, ended; and their money at a glance."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from rewards import budget
from rewards.codec import terms_to_json
from rewards.errors import FactInvalid
from rewards.facts import BudgetRaised
from rewards.money import Money
from rewards.terms import Terms
from server import tokens
from server.errors import FieldInvalid, NotFound, OfferNotEditable
from server.services import audits, domains, drafts, forests
from server.services.drafts import Draft
from server.store import brands
from server.store import offers as store

_note = partial(audits.note_about, "offer")


@dataclass(frozen=True, slots=True)
class OfferView:
    """One offer, as its brand and its customers see it."""

    public_id: str
    title: str
    page_url: str
    share_text: str
    status: str
    terms: Terms
    code_rate_basis_points: int | None
    code_min_order_minor: int
    landing: str
    budget_minor: int
    remaining_minor: int
    created_at: datetime
    published_at: datetime | None
    ended_at: datetime | None
    brand_name: str
    brand_slug: str
    currency: str


def draft(db: Session, *, brand_id: int, actor: str, wanted: Draft, now: datetime) -> OfferView:
    """Begin an offer that nobody can see yet.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.

    """
    terms = _terms(db, brand_id, wanted)
    row = store.Offer(
        public_id=tokens.public_id(),
        brand_id=brand_id,
        terms=terms_to_json(terms),
        created_at=now,
        title="",
        page_url="",
    )
    _fill(row, wanted)
    db.add(row)
    db.flush()
    _note(db, row, actor, "offer.drafted", now=now, after=_described(row))
    return view(db, row)


def edit(
    db: Session, *, brand_id: int, public_id: str, actor: str, wanted: Draft, now: datetime
) -> OfferView:
    """Change a draft.

    Raises:
        NotFound: the brand has no such offer.
        OfferNotEditable: it was published.
        FieldInvalid: a field does not work; it says which and what to do.

    """
    row = _lock_draft(db, brand_id, public_id)
    before = _described(row)
    row.terms = terms_to_json(_terms(db, brand_id, wanted))
    _fill(row, wanted)
    db.flush()
    _note(db, row, actor, "offer.edited", now=now, before=before, after=_described(row))
    return view(db, row)


def publish(db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime) -> OfferView:
    """Publish a draft: from now on its terms are frozen and customers can share it.

    Raises:
        NotFound: the brand has no such offer.
        OfferNotEditable: it was published before.

    """
    row = _lock_draft(db, brand_id, public_id)
    row.status, row.published_at = store.OfferStatus.PUBLISHED, now
    db.flush()
    _note(db, row, actor, "offer.published", now=now, after=_described(row))
    return view(db, row)


def end(db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime) -> OfferView:
    """End an offer: no new shares and visits; what was earned still vests and can be taken.

    Raises:
        NotFound: the brand has no such offer.
        OfferNotEditable: it is a draft, or it has ended.

    """
    row = _lock(db, brand_id, public_id)
    if row.status != store.OfferStatus.PUBLISHED:
        raise OfferNotEditable("Only a published offer can end.")
    row.status, row.ended_at = store.OfferStatus.ENDED, now
    db.flush()
    _note(db, row, actor, "offer.ended", now=now)
    return view(db, row)


def set_budget(
    db: Session, *, brand_id: int, public_id: str, actor: str, budget_minor: int, now: datetime
) -> OfferView:
    """Set the budget of a published offer, at the lowest to what is already promised.

    Raises:
        NotFound: the brand has no such offer.
        OfferNotEditable: it is not published.
        FieldInvalid: the budget is none, or lower than what is already promised.

    """
    row = _lock(db, brand_id, public_id)
    if row.status != store.OfferStatus.PUBLISHED:
        raise OfferNotEditable("Only a published offer has a budget to raise; edit the draft.")
    before = row.budget_minor
    opened = forests.load(db, row)
    try:
        fact = BudgetRaised(f"budget:{row.public_id}:{now.isoformat()}", budget_minor)
        decision = forests.apply(db, opened, fact, now=now)
    except FactInvalid as error:
        raise FieldInvalid("budget", str(error)) from error
    if decision.refused:
        least = Money(
            budget.liability_minor_rounded_up(forests.totals_of(row)), opened.terms.currency
        )
        raise FieldInvalid("budget", f"{least} are already promised; choose at least this.")
    _note(
        db,
        row,
        actor,
        "offer.budget_set",
        now=now,
        before={"budget_minor": before},
        after={"budget_minor": budget_minor},
    )
    return view(db, row)


def find(db: Session, *, brand_id: int, public_id: str) -> OfferView:
    """Return the brand's offer.

    Raises:
        NotFound: the brand has no such offer.

    """
    return view(db, _find(db, brand_id, public_id))


def of_brand(db: Session, *, brand_id: int) -> list[OfferView]:
    """Return the offers of a brand, newest first."""
    return [view(db, row) for row in store.of_brand(db, brand_id)]


def public_of_brand(
    db: Session, *, brand_id: int, before_id: int | None, limit: int
) -> list[tuple[int, OfferView]]:
    """Return published and ended offers of a brand with their row ids, newest first."""
    rows = store.public_of_brand(db, brand_id, before_id=before_id, limit=limit)
    return [(row.id or 0, view(db, row)) for row in rows]


def published(db: Session) -> list[tuple[OfferView, list[str]]]:
    """Return every offer that can be shared now, with the hosts of its brand.

    A name that has come to be everybody's since it was added is left out.
    """
    rows = store.published(db)
    hosts: dict[int, list[str]] = {}
    for domain in brands.domains(db, sorted({row.brand_id for row in rows})):
        if not domains.is_shared(domain.host):
            hosts.setdefault(domain.brand_id, []).append(domain.host)
    return [(view(db, row), hosts.get(row.brand_id, [])) for row in rows]


def view(db: Session, row: store.Offer) -> OfferView:
    """Return an offer row as others see it."""
    brand = brands.find(db, row.brand_id)
    assert brand is not None
    return OfferView(
        public_id=row.public_id,
        title=row.title,
        page_url=row.page_url,
        share_text=row.share_text,
        status=row.status,
        terms=forests.terms_of(row),
        code_rate_basis_points=row.code_rate_basis_points,
        code_min_order_minor=row.code_min_order_minor,
        landing=row.landing,
        budget_minor=row.budget_minor,
        remaining_minor=forests.remaining_minor(row),
        created_at=row.created_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
        brand_name=brand.name,
        brand_slug=brand.slug,
        currency=brand.currency,
    )


def _find(db: Session, brand_id: int, public_id: str) -> store.Offer:
    row = store.find_by_public_id(db, public_id)
    if row is None or row.brand_id != brand_id:
        raise NotFound("There is no such offer.")
    return row


def _lock(db: Session, brand_id: int, public_id: str) -> store.Offer:
    row = _find(db, brand_id, public_id)
    assert row.id is not None
    return store.lock(db, row.id)


def _lock_draft(db: Session, brand_id: int, public_id: str) -> store.Offer:
    row = _lock(db, brand_id, public_id)
    if row.status != store.OfferStatus.DRAFT:
        raise OfferNotEditable("This offer is published and frozen; publish a successor instead.")
    return row


def _terms(db: Session, brand_id: int, wanted: Draft) -> Terms:
    brand = brands.find(db, brand_id)
    assert brand is not None
    hosts = {domain.host for domain in brands.domains(db, [brand_id])}
    drafts.check(wanted, hosts=hosts)
    return drafts.terms(wanted, currency=brand.currency)


def _fill(row: store.Offer, wanted: Draft) -> None:
    row.title, row.page_url = wanted.title.strip(), wanted.page_url
    row.share_text, row.budget_minor = wanted.share_text.strip(), wanted.budget_minor
    row.code_rate_basis_points = wanted.code_rate_basis_points
    row.code_min_order_minor = wanted.code_min_order_minor
    row.landing = wanted.landing


def _described(row: store.Offer) -> dict[str, object]:
    return {
        "title": row.title,
        "page_url": row.page_url,
        "budget_minor": row.budget_minor,
        "terms": row.terms,
        "code_rate_basis_points": row.code_rate_basis_points,
        "code_min_order_minor": row.code_min_order_minor,
        "landing": row.landing,
    }
