"""Who brought whom: claims by friends, each the first verified referral of that friend.

The edge counts in the forest when the friend shares for the first time.  A friend who already has
a place in the offer keeps it, because nobody ever moves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server.errors import AlreadyReferred, ClaimRefused, EventTaken
from server.services import consents, forests, sign_ins
from server.store import arrivals, brands, offers, participants, visits
from server.store import consents as consent_store
from server.store import referrals as store


@dataclass(frozen=True, slots=True)
class Preview:
    """What a friend sees before they confirm.  ``brought_by`` may be empty: names are optional.

    ``is_spent`` says that the budget has nothing left for new rewards at the moment.
    """

    offer_public_id: str
    offer_title: str
    brand: str
    brought_by: str
    until: datetime
    is_spent: bool


@dataclass(frozen=True, slots=True)
class ReferralView:
    """One referral, as the friend sees it."""

    offer_public_id: str
    offer_title: str
    brought_by: str
    claimed_at: datetime
    is_new: bool


def preview(db: Session, *, visit_token: str) -> Preview:
    """Return what a claim with this visit would say.

    Raises:
        ClaimRefused: the visit is unknown, or its share was withdrawn.

    """
    visit, offer = _visit(db, visits.arrived(db, visit_token))
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    return Preview(
        offer_public_id=offer.public_id,
        offer_title=offer.title,
        brand=brand.name,
        brought_by=visit.shown_as,
        until=visit.clicked_at + _window(offer),
        is_spent=not forests.remaining_minor(offer),
    )


def expect(db: Session, *, member_id: int, visit_token: str, now: datetime) -> None:
    """Find out before a friend agrees what ``claim`` would say; write nothing.

    Raises:
        ClaimRefused, AlreadyReferred: as ``claim``.

    """
    visit = visits.arrived(db, visit_token)
    if visit is not None:
        foresee(db, member_id=member_id, visit=visit, now=now)


def claim(
    db: Session,
    *,
    member_id: int,
    event_id: str,
    visit_token: str,
    consent_hash: str,
    language: str,
    surface: str,
    now: datetime,
) -> ReferralView:
    """Record that the sharer behind a visit brought this member to the offer.

    The same claim again returns the first referral.

    Raises:
        ClaimRefused: the visit is unknown, too old or the member's own, its share was withdrawn,
            the sharer stands below the member, the member already has a place of their own, or
            they took back who brought them.
        AlreadyReferred: somebody else brought the member to this offer before.
        ConsentMissing: the member agreed to other words than the current ones.
        EventTaken: the device already used this id for another claim.
        NotSignedIn: the member was erased.

    """

    def agree() -> int:
        return consents.give(
            db,
            member_id=member_id,
            purpose=consents.REFERRAL,
            text_hash=consent_hash,
            language=language,
            surface=surface,
            now=now,
        )

    return _refer(db, member_id, event_id, visit_token, agree, now=now)


def confirm(
    db: Session,
    *,
    member_id: int,
    event_id: str,
    visit_token: str,
    consent_id: int,
    now: datetime,
) -> ReferralView:
    """Record a referral for which the member agreed before, when they took somebody's code.

    Raises:
        ClaimRefused, AlreadyReferred, EventTaken: as ``claim``.
        ConsentMissing: the member took the consent back meanwhile.

    """
    return _refer(db, member_id, event_id, visit_token, lambda: consent_id, now=now)


def foresee(db: Session, *, member_id: int, visit: visits.Arrived, now: datetime) -> None:
    """Find out early what ``confirm`` would say about a visit that is still to be; write nothing.

    Raises:
        ClaimRefused, AlreadyReferred: as ``claim``.

    """
    visit, offer = _visit(db, visit)
    earlier = store.in_the_way(db, friend_id=member_id, offer_id=visit.offer_id, event_id="")
    for first in earlier:
        _first_referral(db, first, visit, offer)
    if not earlier:
        _check(db, member_id=member_id, visit=visit, offer=offer, now=now)


def _refer(
    db: Session,
    member_id: int,
    event_id: str,
    visit_token: str,
    agree: Callable[[], int],
    *,
    now: datetime,
) -> ReferralView:
    """Record a referral unless something is in the way; ``agree`` gives the consent's id."""
    sign_ins.lock_living(db, member_id)
    visit, offer = _visit(db, visits.arrived(db, visit_token))
    assert offer.id is not None
    offers.lock(db, offer.id)  # before the visit, in the order of those who forget visitors
    visit, offer = _visit(db, arrivals.lock(db, visit_token))
    earlier = store.in_the_way(db, friend_id=member_id, offer_id=visit.offer_id, event_id=event_id)
    first = next((one for one in earlier if one.offer_id == visit.offer_id), None)
    if first is not None:
        return _first_referral(db, first, visit, offer)
    if earlier:
        raise EventTaken("This event id was used for another claim; make a new one.")
    _check(db, member_id=member_id, visit=visit, offer=offer, now=now)
    values = {
        "event_id": event_id,
        "offer_id": visit.offer_id,
        "friend_id": member_id,
        "share_id": visit.share_id,
        "visit_id": visit.id,
        "consent_id": agree(),
        "claimed_at": now,
    }
    written = consent_store.put_consented(
        db, store.Referral, values, purpose=consents.REFERRAL, member_id=member_id
    )
    if written is None:  # the unique constraint decides
        raise EventTaken("This event id was used for another claim; make a new one.")
    visits.befriend(db, visit.id, member_id)
    return _view(now, visit, offer, is_new=True)


def _visit(db: Session, visit: visits.Arrived | None) -> tuple[visits.Arrived, offers.Offer]:
    if visit is None:
        raise ClaimRefused("unknown_visit", "We do not know this visit; open the link once more.")
    if visit.withdrawn_at is not None:
        raise ClaimRefused("withdrawn", "The person who shared this link has withdrawn it.")
    offer = offers.find(db, visit.offer_id)
    assert offer is not None
    return visit, offer


def _check(
    db: Session,
    *,
    member_id: int,
    visit: visits.Arrived,
    offer: offers.Offer,
    now: datetime,
) -> None:
    if visit.friend_id not in {None, member_id}:
        raise ClaimRefused("other_visitor", "Somebody else already confirmed this visit.")
    if visit.sharer_id == member_id:
        raise ClaimRefused("own_link", "This is your own link; nobody brings themselves.")
    if now - visit.clicked_at > _window(offer):
        raise ClaimRefused("too_late", "This visit is too long ago to be confirmed.")
    place = participants.id_of_member(db, offer_id=visit.offer_id, member_id=member_id)
    if place is None:  # nobody stands below them
        return
    if any(row["id"] == place for row in participants.paths(db, [visit.participant_id])):
        raise ClaimRefused("ancestor", "You brought this person in, so they cannot bring you.")
    raise ClaimRefused(
        "already_sharing", "You already share this offer yourself, and places never change."
    )


def _window(offer: offers.Offer) -> timedelta:
    return timedelta(days=forests.terms_of(offer).attribution_days)


def _first_referral(
    db: Session, first: store.Earlier, visit: visits.Arrived, offer: offers.Offer
) -> ReferralView:
    if not consents.is_live(db, first.consent_id):
        raise ClaimRefused(
            "taken_back", "You took back who brought you to this offer, and that stays."
        )
    if first.share_id != visit.share_id:
        raise AlreadyReferred("Somebody else brought you to this offer first, and that stays.")
    return _view(first.claimed_at, visit, offer, is_new=False)


def _view(
    claimed_at: datetime, visit: visits.Arrived, offer: offers.Offer, *, is_new: bool
) -> ReferralView:
    return ReferralView(offer.public_id, offer.title, visit.shown_as, claimed_at, is_new)
