"""Recording what customers share, with their consent, and taking it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from server import tokens
from server.errors import Conflict, EventTaken, NotFound, TimesInvalid
from server.services import consents, disclosures, participations, sign_ins, withdrawals
from server.services.channels import CHANNELS
from server.store import consents as consent_store
from server.store import offers
from server.store import shares as store

CLOCK_SKEW = timedelta(minutes=10)
WAITS_AT_MOST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ShareView:
    """One share, as its customer sees it; ``text`` begins with the disclosure."""

    share_id: int
    offer_public_id: str
    channel: str
    code: str
    shown_as: str
    disclosure: str
    words: str
    created_at: datetime
    withdrawn_at: datetime | None
    is_new: bool


def record(
    db: Session,
    *,
    member_id: int,
    event_id: str,
    offer_public_id: str,
    channel: str,
    shown_as: str,
    consent_hash: str,
    language: str,
    surface: str,
    now: datetime,
    created_at: datetime | None = None,
) -> ShareView:
    """Record that a member shares an offer, with their consent, and give the share a link.

    The device names the event; the same event again returns the first share.  ``created_at`` is
    when the member agreed, which may be days ago on a device that was offline.

    Raises:
        NotFound: there is no such offer or channel.
        Conflict: the offer has ended or is not published.
        ConsentMissing: the member agreed to other words than the current ones.
        EventTaken: the device already used this id for another offer or channel.
        TimesInvalid: ``created_at`` lies in the future or too far in the past.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    given_at = _checked(created_at, now)
    offer = offers.find_by_public_id(db, offer_public_id)
    if offer is None or offer.id is None or offer.status == offers.OfferStatus.DRAFT:
        raise NotFound("There is no such offer.")
    if channel not in CHANNELS:
        raise NotFound(f"There is no channel {channel!r}; the channels are {', '.join(CHANNELS)}.")
    earlier = store.find_by_event(db, member_id=member_id, event_id=event_id)
    if earlier is not None:
        return _first_share(db, earlier, offer, channel)

    offer = offers.lock(db, offer.id)
    assert offer.id is not None
    earlier = store.find_by_event(db, member_id=member_id, event_id=event_id)
    if earlier is not None:  # it was written while this one waited
        return _first_share(db, earlier, offer, channel)
    if offer.status != offers.OfferStatus.PUBLISHED:
        raise Conflict("This offer has ended; it can no longer be shared.")
    consent_id = consents.give(
        db,
        member_id=member_id,
        purpose=consents.SHARE,
        text_hash=consent_hash,
        language=language,
        surface=surface,
        now=given_at,
    )
    row = {
        "event_id": event_id,
        "offer_id": offer.id,
        "member_id": member_id,
        "participant_id": participations.ensure(db, offer=offer, member_id=member_id, now=now),
        "consent_id": consent_id,
        "channel": channel,
        "shown_as": shown_as.strip(),
        "code": tokens.link_code(),
        "created_at": given_at,
    }
    return _written(db, row, offer, language)


def withdraw(db: Session, *, member_id: int, code: str, now: datetime) -> None:
    """Withdraw a share: its link stops working at once, and what it earned before stays.

    Raises:
        NotFound: the member has no such share.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    share = _of_member(db, member_id=member_id, code=code)
    consent = consent_store.find(db, share.consent_id)
    assert consent is not None
    withdrawals.withdraw(db, member_id=member_id, consent_public_id=consent.public_id, now=now)


def of_member(db: Session, *, member_id: int, code: str) -> ShareView:
    """Return one share of the member.

    Raises:
        NotFound: the member has no such share.

    """
    share = _of_member(db, member_id=member_id, code=code)
    offer = offers.find(db, share.offer_id)
    assert offer is not None
    return _view(db, share, offer, is_new=False)


def _of_member(db: Session, *, member_id: int, code: str) -> store.Share:
    share = store.find_by_code(db, code)
    if share is None or share.member_id != member_id:
        raise NotFound("You have no share with this link.")
    return share


def _checked(created_at: datetime | None, now: datetime) -> datetime:
    if created_at is None or now < created_at <= now + CLOCK_SKEW:
        return now
    if created_at > now:
        raise TimesInvalid("The share lies in the future; set the clock of this device.")
    if created_at < now - WAITS_AT_MOST:
        raise TimesInvalid("The share waited for more than 30 days; please share again.")
    return created_at


def _written(db: Session, row: dict[str, Any], offer: offers.Offer, language: str) -> ShareView:
    """Write a share with its consent, and that its text begins with the disclosure."""
    share_id = consent_store.put_consented(
        db, store.Share, row, purpose=consents.SHARE, member_id=row["member_id"]
    )
    if share_id is None:  # the unique constraint: the id was used in another offer just now
        raise EventTaken("This event id was used for another share; make a new one.")
    disclosures.note(
        db,
        share_id=share_id,
        surface="text",
        language=language,
        words=disclosures.TEXT[language],
        now=row["created_at"],
    )
    return _view(db, store.Share(id=share_id, **row), offer, is_new=True)


def _first_share(db: Session, first: store.Share, offer: offers.Offer, channel: str) -> ShareView:
    if (first.offer_id, first.channel) != (offer.id, channel):
        raise EventTaken("This event id was used for another share; make a new one.")
    return _view(db, first, offer, is_new=False)


def _view(db: Session, row: store.Share, offer: offers.Offer, *, is_new: bool) -> ShareView:
    assert row.id is not None
    language = consents.language_of(db, row.consent_id)
    return ShareView(
        share_id=row.id,
        offer_public_id=offer.public_id,
        channel=row.channel,
        code=row.code,
        shown_as=row.shown_as,
        disclosure=disclosures.TEXT[language],
        words=offer.share_text,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
        is_new=is_new,
    )
