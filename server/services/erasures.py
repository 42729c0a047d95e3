"""Erasing everything about a person, at once and for good, and saying before what that means.

Money facts stay without the person (docs/DECISIONS/0034): nothing that others earned, owe or count
changes by a cent, because the person's places in the trees, orders and codes stay as numbers.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import Conflict, NotSignedIn
from server.services import codes, privacy_requests, stripe_codes, wallets
from server.store import brands, erasures, members, offers, participants, person_counts, teams
from server.store import codes as code_store
from server.store.person_counts import PersonCounts
from server.store.privacy_requests import RequestKind
from server.store.teams import Role


@dataclass(frozen=True, slots=True)
class PlaceLeft:
    """What of one offer stays as numbers, and what the person gives up; in minor units."""

    brand: str
    offer_title: str
    currency: str
    earned_minor: int
    given_codes: int
    given_minor: int
    payable_minor: int
    can_take: bool
    open_codes: tuple[codes.CodeView, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing would do to one person."""

    goes: PersonCounts
    places: tuple[PlaceLeft, ...]
    leaves: tuple[str, ...]
    """The brands whose team the person leaves."""
    owns_alone: tuple[str, ...]
    """The brands that would have no owner: erasing is refused until they have."""


def preview(db: Session, *, member_id: int, now: datetime) -> Preview:
    """Say what erasing a person would do; changes nothing."""
    posts = teams.of_member(db, member_id)
    wallet = wallets.of_member(db, member_id=member_id)
    return Preview(
        goes=person_counts.of_member(db, member_id, now=now),
        places=tuple(_left(place) for place in wallet.places),
        leaves=tuple(brand.name for brand, _ in posts),
        owns_alone=tuple(_owned_alone(db, posts, member_id)),
    )


def erase(db: Session, *, member_id: int, now: datetime) -> None:
    """Erase a person: immediately, wholly, and never to be undone.

    Whoever writes something of the person at the same time is either before this, and it is erased
    with the rest, or is told that the person is gone.

    Raises:
        NotSignedIn: the person is erased already.
        Conflict: the person is the only owner of a brand.

    """
    if members.lock(db, member_id) is None:
        raise NotSignedIn(members.GONE)
    posts = teams.of_member(db, member_id)
    for brand_id in sorted(brand.id for brand, _ in posts if brand.id is not None):
        brands.lock(db, brand_id)  # of two owners who go at once, the second is the last one
    alone = _owned_alone(db, posts, member_id)
    if alone:
        raise Conflict(
            "You are the only owner of {brands}. Make somebody else an owner first.",
            brands=", ".join(alone),
        )
    for offer_id in erasures.offers_of(db, member_id):
        offers.lock(db, offer_id)
    bound = _bound_codes(db, member_id)
    erasures.run(db, erasures.begin(db, member_id=member_id, now=now))
    for code in bound:  # they are for whoever has them now, so Stripe may take them as well
        assert code.id is not None
        stripe_codes.follow(db, brand_id=code.brand_id, code_id=code.id, now=now)
    privacy_requests.note_done(db, member_id=member_id, kind=RequestKind.ERASURE, now=now)


def _owned_alone(db: Session, posts: list[tuple[brands.Brand, Role]], member_id: int) -> list[str]:
    return [
        brand.name
        for brand, role in posts
        if role is Role.OWNER
        and brand.id is not None
        and person_counts.other_owners(db, brand_id=brand.id, member_id=member_id) == 0
    ]


def _bound_codes(db: Session, member_id: int) -> list[code_store.DiscountCode]:
    """Return the open codes that only the person could use."""
    return [
        code
        for place in participants.of_member(db, member_id)
        if place.id is not None
        for code in code_store.of_participant(db, place.id)
        if code.state in code_store.OUT and code.holder_hash is not None
    ]


def _left(place: wallets.Place) -> PlaceLeft:
    given = [code for code in place.codes if code.state not in {"expired", "revoked"}]
    return PlaceLeft(
        brand=place.brand,
        offer_title=place.offer_title,
        currency=place.currency,
        earned_minor=place.earned_minor,
        given_codes=len(given),
        given_minor=sum(code.value_minor for code in given),
        payable_minor=max(0, place.payable_minor),
        can_take=place.takeable_minor > 0,
        open_codes=tuple(code for code in place.codes if code.state in code_store.OUT),
    )
