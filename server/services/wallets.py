"""What a customer earned, why, and when the rest of it comes."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import explain, grants
from rewards.explain import Explanation
from rewards.schedule import Schedule
from server.errors import NotFound
from server.services import codes, content_shelves, conversions, forests, hold_words
from server.services.content_shelves import ShelfLine
from server.services.sentences import Sentence
from server.store import brands, counts, offers, participants, shares
from server.store import codes as code_store
from server.store import conversions as conversion_store
from server.store import findings as finding_store
from server.store import holds as held_store
from server.store import visits as visit_store


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order that counts for the customer's own links: with how much, why, and when it vests."""

    ordered_at: datetime
    credited_minor: int
    why: Explanation
    vests_at: datetime | None
    vested_at: datetime | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class HoldLine:
    """Something of a place that waits because somebody looks at it: since when, until when, why."""

    case_public_id: str
    began_at: datetime
    ends_at: datetime
    why: Sentence


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's place in one offer; amounts in minor units of ``currency``."""

    participant_id: int
    offer_public_id: str
    offer_title: str
    page_url: str
    has_ended: bool
    brand_id: int
    brand: str
    currency: str
    earned_minor: int
    pending_minor: int
    payable_minor: int
    takeable_minor: int
    min_grant_minor: int
    remaining_minor: int
    reach: int
    schedule: Schedule
    return_days: int
    why: Explanation
    orders: tuple[OrderLine, ...]
    pending_visits: int
    holds: tuple[HoldLine, ...]
    codes: tuple[codes.CodeView, ...]
    content: tuple[ShelfLine, ...]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One share with what came through it."""

    code: str
    offer_public_id: str
    offer_title: str
    brand: str
    channel: str
    shown_as: str
    created_at: datetime
    withdrawn_at: datetime | None
    visits: int
    orders: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """Everything a customer earned, an offer at a time, and what they shared."""

    places: tuple[Place, ...]
    shares: tuple[ShareLine, ...]


def of_member(db: Session, *, member_id: int) -> Wallet:
    """Return a member's wallet."""
    places = [_place(db, row) for row in participants.of_member(db, member_id)]
    return Wallet(tuple(places), tuple(_share(db, row) for row in shares.of_member(db, member_id)))


def share_of_member(db: Session, *, member_id: int, code: str) -> ShareLine:
    """Return one share of a member with what came through it.

    Raises:
        NotFound: the member has no such share.

    """
    row = shares.find_by_code(db, code)
    if row is None or row.member_id != member_id:
        raise NotFound("You have no share with this link.")
    return _share(db, row)


def _place(db: Session, row: participants.Participant) -> Place:
    assert row.id is not None
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    terms = forests.terms_of(offer)
    node = forests.participant_of(row.model_dump())
    why = explain.why(terms, node)
    return Place(
        participant_id=row.id,
        offer_public_id=offer.public_id,
        offer_title=offer.title,
        page_url=offer.page_url,
        has_ended=offer.status == offers.OfferStatus.ENDED,
        brand_id=offer.brand_id,
        brand=brand.name,
        currency=terms.currency,
        earned_minor=why.amount_minor,
        pending_minor=why.numbers["pending_minor"],
        payable_minor=why.numbers["payable_minor"],
        takeable_minor=grants.largest_grant_minor(terms, node),
        min_grant_minor=terms.min_grant_minor,
        remaining_minor=forests.remaining_minor(offer),
        reach=row.reach,
        schedule=terms.schedule,
        return_days=terms.return_days,
        why=why,
        orders=_orders(db, row.id),
        pending_visits=visit_store.count_pending(db, row.id),
        holds=tuple(
            HoldLine(case, one.began_at, one.ends_at, hold_words.reasons(one.anomalies)[0])
            for one, case in finding_store.of_participant_in_cases(db, row.id)
        ),
        codes=tuple(codes.view(code, offer) for code in code_store.of_participant(db, row.id)),
        content=content_shelves.of_participant(db, row),
    )


def _orders(db: Session, participant_id: int) -> tuple[OrderLine, ...]:
    rows = conversion_store.of_participant(db, participant_id)
    counting = [row for row in rows if conversions.counts(row)]
    held = held_store.orders_held(db, [row.id for row in counting if row.id is not None])
    return tuple(_order(db, row, is_held=row.id in held) for row in counting)


def _order(db: Session, row: conversion_store.Conversion, *, is_held: bool) -> OrderLine:
    return OrderLine(
        is_held=is_held,
        ordered_at=row.ordered_at,
        credited_minor=row.credited_minor,
        why=conversions.explained(db, row),
        vests_at=row.vests_at,
        vested_at=row.vested_at,
    )


def _share(db: Session, row: shares.Share) -> ShareLine:
    assert row.id is not None
    offer = offers.find(db, row.offer_id)
    assert offer is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    visits, orders = counts.of_share(db, share_id=row.id, participant_id=row.participant_id)
    return ShareLine(
        code=row.code,
        offer_public_id=offer.public_id,
        offer_title=offer.title,
        brand=brand.name,
        channel=row.channel,
        shown_as=row.shown_as,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
        visits=visits,
        orders=orders,
    )
