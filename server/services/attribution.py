"""Whose link brought an order: by visit, by code, by buyer; and when nobody earns for it.

The buyer's first verified referral wins over any later link.  Nobody earns for what they, or
somebody whom they brought, were brought to buy by themselves: not the buyer's own link, and not a
link below the buyer.  A buyer who took a referral back brings the sharer nothing any more, by
whatever link of theirs they come.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from server import tokens
from server.services import consents, forests
from server.store import codes, conversions, offers, participants, referrals, shares, visits

TOO_FAST = timedelta(seconds=10)


class Unattributed(StrEnum):
    """Why an order is credited to nobody; stable, stored and shown."""

    NO_EVIDENCE = "no_evidence"
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_CODE = "unknown_code"
    NOT_REFERRED = "not_referred"
    OUTSIDE_WINDOW = "outside_window"
    SHARE_WITHDRAWN = "share_withdrawn"
    OFFER_ENDED = "offer_ended"
    OWN_ORDER = "own_order"
    ANCESTOR_ORDER = "ancestor_order"
    TOO_FAST = "too_fast"


REFUSED: dict[str | None, str] = {
    Unattributed.NO_EVIDENCE: "The order names no visit and no code, so nobody earns for it.",
    Unattributed.UNKNOWN_VISIT: "We do not know this visit, so nobody earns for the order.",
    Unattributed.UNKNOWN_CODE: "We do not know this code, so nobody earns for the order.",
    Unattributed.NOT_REFERRED: "Nobody brought this buyer, so nobody earns for the order.",
    Unattributed.OUTSIDE_WINDOW: "The order came after the attribution window of the link.",
    Unattributed.SHARE_WITHDRAWN: "The link was withdrawn before the order.",
    Unattributed.OFFER_ENDED: "The offer had ended before the visit.",
    Unattributed.OWN_ORDER: "The buyer owns the link; nobody earns for their own order.",
    Unattributed.ANCESTOR_ORDER: (
        "The buyer brought in the owner of the link; nobody earns for an order from above."
    ),
    Unattributed.TOO_FAST: "The order came less than 10 seconds after the first visit.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a partner knows of an order; ``buyer_hash`` is already keyed, never a name.

    ``code`` is a link code, or a discount code that the buyer used.
    """

    visit_token: str | None = None
    code: str | None = None
    buyer_hash: str | None = None

    def described(self) -> tuple[str | None, ...]:
        """Return the members, for telling two reports apart."""
        return (self.visit_token, self.code, self.buyer_hash)


@dataclass(frozen=True, slots=True)
class Attribution:
    """To whom an order counts; with a reason, it counts to nobody."""

    offer_id: int | None = None
    participant_id: int | None = None
    share_id: int | None = None
    visit_id: int | None = None
    buyer_id: int | None = None
    reason: Unattributed | None = None


def attribute(
    db: Session, *, brand_id: int, evidence: Evidence, ordered_at: datetime
) -> Attribution:
    """Find the share that an order counts for, or say why there is none."""
    found = _by_evidence(db, brand_id, evidence)
    if found.offer_id is not None:
        found = _first_referral_wins(db, evidence, found, ordered_at)
    if found.reason is not None or found.share_id is None:
        return found
    return replace(found, reason=_refusal(db, found, ordered_at))


def _by_evidence(db: Session, brand_id: int, evidence: Evidence) -> Attribution:
    holder = _holder(db, brand_id, evidence.code) if evidence.code else None
    if evidence.visit_token:
        found = _by_visit(db, brand_id, evidence.visit_token)
        return replace(found, buyer_id=holder.member_id) if holder else found
    if holder is not None:  # who uses a code is who was granted it; their own referral decides
        return Attribution(
            offer_id=holder.offer_id, buyer_id=holder.member_id, reason=Unattributed.NOT_REFERRED
        )
    if evidence.code:
        share = shares.find_by_code(db, evidence.code)
        if share is None or not _is_of_brand(db, share.offer_id, brand_id):
            return Attribution(reason=Unattributed.UNKNOWN_CODE)
        return _to(share)
    return Attribution(reason=Unattributed.NO_EVIDENCE)


def _by_visit(db: Session, brand_id: int, token: str) -> Attribution:
    visit = visits.find_by_token(db, token)
    if visit is None or not _is_of_brand(db, visit.offer_id, brand_id):
        return Attribution(reason=Unattributed.UNKNOWN_VISIT)
    share = shares.find(db, visit.share_id)
    assert share is not None
    return replace(_to(share), visit_id=visit.id, buyer_id=visit.friend_id)


def _holder(db: Session, brand_id: int, code: str) -> participants.Participant | None:
    """Return whom a discount code of this brand was granted to."""
    found = codes.find_by_code(db, tokens.discount_code_as_kept(code))
    if found is None or found.brand_id != brand_id:
        return None
    return participants.find(db, found.participant_id)


def _first_referral_wins(
    db: Session, evidence: Evidence, found: Attribution, ordered_at: datetime
) -> Attribution:
    """Prefer whoever brought the buyer first: by a confirmed referral, or by a recent order."""
    assert found.offer_id is not None
    if found.buyer_id is not None:
        referral = referrals.find(db, offer_id=found.offer_id, friend_id=found.buyer_id)
        if referral is not None and consents.is_live(db, referral.consent_id):
            share = shares.find(db, referral.share_id)
            assert share is not None
            return replace(_to(share), visit_id=referral.visit_id, buyer_id=found.buyer_id)
    if evidence.buyer_hash:
        earlier = conversions.first_of_buyer(
            db,
            offer_id=found.offer_id,
            buyer_hash=evidence.buyer_hash,
            since=ordered_at - _window(db, found.offer_id),
        )
        if earlier is not None and earlier.share_id is not None:
            share = shares.find(db, earlier.share_id)
            assert share is not None
            buyer_id = found.buyer_id or earlier.buyer_id or _buyer(db, evidence, found)
            return replace(_to(share), visit_id=found.visit_id, buyer_id=buyer_id)
    return found


def _buyer(db: Session, evidence: Evidence, found: Attribution) -> int | None:
    """Return who the buyer is by any order of theirs, if one of them ever said so."""
    assert found.offer_id is not None
    assert evidence.buyer_hash is not None
    return conversions.known_buyer(db, offer_id=found.offer_id, buyer_hash=evidence.buyer_hash)


def _refusal(  # noqa: PLR0911 - one return for each reason
    db: Session, found: Attribution, ordered_at: datetime
) -> Unattributed | None:
    assert found.share_id is not None
    assert found.offer_id is not None
    share, offer = shares.find(db, found.share_id), offers.find(db, found.offer_id)
    assert share is not None
    assert offer is not None
    if share.withdrawn_at is not None and share.withdrawn_at <= ordered_at:
        return Unattributed.SHARE_WITHDRAWN
    visit = visits.find(db, found.visit_id) if found.visit_id is not None else None
    since = visit.clicked_at if visit else ordered_at  # a code is shown with the order itself
    if ordered_at - since > _window(db, found.offer_id):
        return Unattributed.OUTSIDE_WINDOW
    if offer.ended_at is not None and since > offer.ended_at:
        return Unattributed.OFFER_ENDED
    if visit is not None and ordered_at - visit.clicked_at < TOO_FAST:
        return Unattributed.TOO_FAST
    if found.buyer_id is None:
        return None
    if share.member_id == found.buyer_id:
        return Unattributed.OWN_ORDER
    if _was_taken_back(db, found.buyer_id, share):
        return Unattributed.NOT_REFERRED  # who took what back is not the shop's to know
    above = participants.paths(db, [share.participant_id])
    if any(row["member_id"] == found.buyer_id for row in above):
        return Unattributed.ANCESTOR_ORDER
    return None


def _was_taken_back(db: Session, buyer_id: int, share: shares.Share) -> bool:
    """Tell whether the buyer once said that the owner of this share brought them, but no longer."""
    referral = referrals.find(db, offer_id=share.offer_id, friend_id=buyer_id)
    if referral is None or consents.is_live(db, referral.consent_id):
        return False
    brought_by = shares.find(db, referral.share_id)
    assert brought_by is not None
    return brought_by.member_id == share.member_id


def _window(db: Session, offer_id: int) -> timedelta:
    offer = offers.find(db, offer_id)
    assert offer is not None
    return timedelta(days=forests.terms_of(offer).attribution_days)


def _to(share: shares.Share) -> Attribution:
    return Attribution(
        offer_id=share.offer_id, participant_id=share.participant_id, share_id=share.id
    )


def _is_of_brand(db: Session, offer_id: int, brand_id: int) -> bool:
    offer = offers.find(db, offer_id)
    return offer is not None and offer.brand_id == brand_id
