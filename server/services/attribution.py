"""Whose link brought an order: by visit, by code, by buyer; and when nobody earns for it.

The buyer's first verified referral wins over any later link.  Nobody earns for what they, or
somebody whom they brought, were brought to buy by themselves: not the buyer's own link, and not a
link below the buyer, whether the buyer signed in or is known by number, payment or delivery.  A
buyer who took a referral back brings the sharer nothing any more, by whatever link of theirs they
come.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from rewards.integrity import HardRule, hard_rule
from server import tokens
from server.services import consents, forests, identities
from server.services.identities import Identity
from server.store import codes, offers, participants, referrals, shares, visits
from server.store import identities as identity_store


class Unattributed(StrEnum):
    """Why an order is credited to nobody; stable, stored and shown."""

    NO_EVIDENCE = "no_evidence"
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_CODE = "unknown_code"
    NOT_REFERRED = "not_referred"
    OUTSIDE_WINDOW = "outside_window"
    SHARE_WITHDRAWN = "share_withdrawn"
    OFFER_ENDED = "offer_ended"
    OWN_ORDER = HardRule.OWN_ORDER.value
    TOO_FAST = HardRule.TOO_FAST.value
    DENIED = "denied"


REFUSED: dict[str | None, str] = {
    Unattributed.NO_EVIDENCE: "The order names no visit and no code, so nobody earns for it.",
    Unattributed.UNKNOWN_VISIT: "We do not know this visit, so nobody earns for the order.",
    Unattributed.UNKNOWN_CODE: "We do not know this code, so nobody earns for the order.",
    Unattributed.NOT_REFERRED: "Nobody brought this buyer, so nobody earns for the order.",
    Unattributed.OUTSIDE_WINDOW: "The order came after the attribution window of the link.",
    Unattributed.SHARE_WITHDRAWN: "The link was withdrawn before the order.",
    Unattributed.OFFER_ENDED: "The offer had ended before the visit.",
    Unattributed.OWN_ORDER: (
        "The buyer is the owner of the link or somebody above them, by account, buyer number,"
        " payment or delivery; nobody earns for such an order."
    ),
    Unattributed.TOO_FAST: "The order came less than 10 seconds after the first visit.",
    Unattributed.DENIED: "A person looked at it and decided that nobody earns for the order.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a partner knows of an order; ``buyer`` has keyed hashes, never a name.

    ``code`` is a link code, or a discount code that the buyer used.
    """

    visit_token: str | None = None
    code: str | None = None
    buyer: tuple[Identity, ...] = ()

    def described(self) -> tuple[str | None, ...]:
        """Return what tells two reports apart: not the buyer, of whom nothing lasting is kept."""
        return (self.visit_token, self.code)


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
    return replace(found, reason=_refusal(db, evidence, found, ordered_at))


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
    numbers = identities.hashes(evidence.buyer, of_buyers=True)
    if numbers:
        since = ordered_at - _window(db, found.offer_id)
        earlier = identity_store.first_order(
            db, offer_id=found.offer_id, hashes=numbers, since=since
        )
        if earlier is not None and earlier.share_id is not None:
            share = shares.find(db, earlier.share_id)
            assert share is not None
            buyer_id = found.buyer_id or earlier.buyer_id or identity_store.member_of(db, numbers)
            return replace(_to(share), visit_id=found.visit_id, buyer_id=buyer_id)
    return found


def _refusal(
    db: Session, evidence: Evidence, found: Attribution, ordered_at: datetime
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
    rule = hard_rule(
        buyer=_names(found, evidence),
        upwards=_names_upwards(db, share, found, evidence),
        seconds_since_visit=(ordered_at - since) // timedelta(seconds=1) if visit else None,
    )
    if rule is not None:
        return Unattributed(rule.value)
    if found.buyer_id is not None and _was_taken_back(db, found.buyer_id, share):
        return Unattributed.NOT_REFERRED  # who took what back is not the shop's to know
    return None


def _names(found: Attribution, evidence: Evidence) -> set[str]:
    """Return by what the buyer is known: an account here, and hashes."""
    account = set() if found.buyer_id is None else {_account(found.buyer_id)}
    return account | set(identities.hashes(evidence.buyer))


def _names_upwards(
    db: Session, share: shares.Share, found: Attribution, evidence: Evidence
) -> set[str]:
    """Return by what the owner of a link and everybody above are known, as far as it matters."""
    if found.buyer_id is None and not evidence.buyer:
        return set()
    above = [row["member_id"] for row in participants.paths(db, [share.participant_id])]
    asked = identities.hashes(evidence.buyer)
    return {_account(member_id) for member_id in above} | identity_store.own(db, above, asked)


def _account(member_id: int) -> str:
    return f"member:{member_id}"


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
