"""Codes given face to face: shown on a device, taken by a friend, confirmed by both.

The device signs a code without a connection.  The friend opens it and agrees; the sharer sees that
somebody took it and confirms; then it is a referral, by the same rules as any other.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server import tokens
from server.errors import ClaimRefused, NotFound
from server.services import consents, in_person, referrals, sign_ins
from server.store import brands, members, offers, shares, visits, writing
from server.store import consents as consent_store
from server.store import meetings as store

CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a code is said, once we know it."""

    spoken: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingView:
    """One code, as friend and sharer see it.  ``shown_as`` may be empty; nobody's name is known.

    What nobody has taken yet has no id, no nonce and no times.
    """

    public_id: str
    offer_title: str
    brand: str
    page_url: str
    shown_as: str
    friend_id: int | None
    taken_at: datetime | None
    decide_until: datetime | None
    outcome: str | None
    nonce: str


def announce(db: Session, *, member_id: int, token: str, now: datetime) -> Spoken:
    """Take note of a code that the member's device made, so that it can be said aloud.

    Raises:
        ClaimRefused: the code does not hold, or is not the member's.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    known = in_person.check(db, token, now=now)
    if known.share.member_id != member_id:
        raise ClaimRefused("other_device", "This code was made by a device of somebody else.")
    in_person.tell(db, known)
    return Spoken(known.spoken, known.expires_at)


def look(db: Session, *, said: str, now: datetime) -> MeetingView:
    """Return what a code stands for, whether it was scanned or said; nothing is recorded.

    Raises:
        ClaimRefused: the code does not hold; the reason says why.

    """
    meeting = in_person.taken(db, said)
    if meeting is not None:
        return _view(db, meeting)
    return _seen(db, in_person.check(db, said, now=now).share, None)


def take(
    db: Session,
    *,
    member_id: int,
    said: str,
    consent_hash: str,
    language: str,
    surface: str,
    now: datetime,
) -> MeetingView:
    """Let a friend take a code and say who gave it; the first friend has it.

    The same friend again gets the first answer.

    Raises:
        ClaimRefused: the code does not hold or is taken, or by the rules of ``referrals.claim``.
        AlreadyReferred: somebody else brought the friend to this offer before.
        ConsentMissing: the friend agreed to other words than the current ones.
        NotSignedIn: the friend was erased.

    """
    sign_ins.lock_living(db, member_id)
    in_person.lock(db, said)
    earlier = in_person.taken(db, said)
    if earlier is not None and earlier.friend_id == member_id:
        return _view(db, earlier)
    if earlier is not None:
        raise ClaimRefused("taken", "Somebody else has taken this code; ask for a new one.")
    known = in_person.check(db, said, now=now)
    referrals.foresee(db, member_id=member_id, visit=_arrival(known.share, now), now=now)
    consent_id = consents.give(
        db,
        member_id=member_id,
        purpose=consents.REFERRAL,
        text_hash=consent_hash,
        language=language,
        surface=surface,
        now=now,
    )
    values = {
        "public_id": tokens.public_id(),
        "device_key_id": known.device_key_id,
        "share_id": known.share.id,
        "nonce": known.nonce,
        "friend_id": member_id,
        "consent_id": consent_id,
        "taken_at": now,
    }
    written = consent_store.put_consented(
        db, store.Meeting, values, purpose=consents.REFERRAL, member_id=member_id
    )
    if written is None:  # the unique constraint decides
        raise ClaimRefused("taken", "Somebody else has taken this code; ask for a new one.")
    return _view(db, db.get_one(store.Meeting, written))


def waiting(db: Session, *, member_id: int, now: datetime) -> list[MeetingView]:
    """Return who took the member's codes and waits for the member's word, oldest first."""
    found = store.waiting_for(db, member_id=member_id, since=now - CONFIRM_WITHIN)
    return [_view(db, meeting) for meeting in found]


def decide(
    db: Session, *, member_id: int, public_id: str, is_confirmed: bool, now: datetime
) -> MeetingView:
    """Say whether somebody who took the member's code is the one they met.

    The same word again changes nothing.

    Raises:
        NotFound: nobody waits for the member's word under this id.
        ClaimRefused: the word was given before and was another one, it comes too late, or the
            rules of ``referrals.claim`` say no by now.
        AlreadyReferred: somebody else brought the friend to this offer meanwhile.

    """
    meeting = store.find_of_sharer(db, member_id=member_id, public_id=public_id)
    if meeting is None or meeting.id is None:
        raise NotFound("Nobody waits for your word here.")
    if meeting.outcome is None and meeting.taken_at < now - CONFIRM_WITHIN:
        raise ClaimRefused("too_late", "This was more than 7 days ago; give a new code.")
    if not members.lock_living(db, meeting.friend_id):
        raise NotFound("Nobody waits for your word here.")
    offers.lock(db, _share(db, meeting.share_id).offer_id)
    outcome = store.MeetingOutcome.CONFIRMED if is_confirmed else store.MeetingOutcome.DECLINED
    is_new = store.decide(db, meeting.id, outcome=outcome, now=now)
    db.refresh(meeting)
    if meeting.outcome != outcome:
        raise ClaimRefused("decided", "You have decided about this already, and that stays.")
    if is_new and is_confirmed:
        _refer(db, meeting, now=now)
    return _view(db, meeting)


def _refer(db: Session, meeting: store.Meeting, *, now: datetime) -> None:
    """Make a visit and a referral of what both have confirmed."""
    share = _share(db, meeting.share_id)
    token = tokens.secret()[:22]
    writing.put(
        db,
        visits.Visit,
        {
            "token": token,
            "share_id": share.id,
            "offer_id": share.offer_id,
            "visitor_key": tokens.secret().encode()[:8],  # nobody's address, and nobody else's
            "clicked_at": meeting.taken_at,
        },
    )
    referrals.confirm(
        db,
        member_id=meeting.friend_id,
        event_id=str(uuid.uuid4()),
        visit_token=token,
        consent_id=meeting.consent_id,
        now=now,
    )


def _arrival(share: shares.Share, now: datetime) -> visits.Arrived:
    """Return the visit that a code would be, for the rules that look at one."""
    assert share.id is not None
    return visits.Arrived(
        id=0,
        share_id=share.id,
        offer_id=share.offer_id,
        participant_id=share.participant_id,
        sharer_id=share.member_id,
        shown_as=share.shown_as,
        withdrawn_at=share.withdrawn_at,
        clicked_at=now,
        friend_id=None,
    )


def _share(db: Session, share_id: int) -> shares.Share:
    return db.get_one(shares.Share, share_id)


def _view(db: Session, meeting: store.Meeting) -> MeetingView:
    return _seen(db, _share(db, meeting.share_id), meeting)


def _seen(db: Session, share: shares.Share, meeting: store.Meeting | None) -> MeetingView:
    offer = offers.find(db, share.offer_id)
    assert offer is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    return MeetingView(
        public_id=meeting.public_id if meeting else "",
        offer_title=offer.title,
        brand=brand.name,
        page_url=offer.page_url,
        shown_as=share.shown_as,
        friend_id=meeting.friend_id if meeting else None,
        taken_at=meeting.taken_at if meeting else None,
        decide_until=meeting.taken_at + CONFIRM_WITHIN if meeting else None,
        outcome=meeting.outcome if meeting else None,
        nonce=meeting.nonce if meeting else "",
    )
