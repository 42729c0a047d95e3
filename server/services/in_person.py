"""Whether a code that was given face to face holds, and the row that it has once we hear of it.

A code that was scanned carries its own proof.  One that was said is eight letters and digits, so we
must have heard of it from its device before.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import ClaimRefused
from server.services import signed_codes
from server.services.signed_codes import CLOCK_SKEW, LIFE_MAX, SignedCode
from server.store import device_keys, offers, shares, writing
from server.store import meetings as store

SAID_AT_MOST = 20
"""What is longer was not said aloud."""
CHANNEL = "qr"
"""The channel of shares whose codes are given face to face."""


@dataclass(frozen=True, slots=True)
class Known:
    """A code that holds, with everything around it."""

    device_key_id: int
    nonce: str
    spoken: str
    issued_at: datetime
    expires_at: datetime
    share: shares.Share
    offer: offers.Offer


def lock(db: Session, said: str) -> None:
    """Let the codes of the device that made this one be taken one by one."""
    code = signed_codes.read(said)
    kid = code.kid if code is not None else _kid_of_spoken(db, said)
    if kid is not None:
        device_keys.lock(db, kid)


def taken(db: Session, said: str) -> store.Meeting | None:
    """Return what became of a code, once somebody took it."""
    code = signed_codes.read(said)
    if code is None:
        told = _told(db, said)
        if told is None:
            return None
        return store.find_by_nonce(db, device_key_id=told.device_key_id, nonce=told.nonce)
    key = device_keys.find(db, code.kid)
    if key is None or key.id is None or not signed_codes.holds(code, key.public_jwk):
        return None
    return store.find_by_nonce(db, device_key_id=key.id, nonce=code.nonce)


def check(db: Session, said: str, *, now: datetime) -> Known:
    """Return a code that holds now, whether it was scanned or said.

    Raises:
        ClaimRefused: it does not; the reason says why.

    """
    code = signed_codes.read(said)
    return _check_spoken(db, said, now=now) if code is None else _check_signed(db, code, now=now)


def tell(db: Session, known: Known) -> None:
    """Remember how a code is said; a second time changes nothing."""
    assert known.share.id is not None
    values = {
        "device_key_id": known.device_key_id,
        "share_id": known.share.id,
        "nonce": known.nonce,
        "spoken": known.spoken,
        "issued_at": known.issued_at,
        "expires_at": known.expires_at,
    }
    writing.put_first(db, store.SpokenCode, values)


def _check_signed(db: Session, code: SignedCode, *, now: datetime) -> Known:
    key = device_keys.find(db, code.kid)
    if key is None or key.id is None:
        raise ClaimRefused(
            "unknown_key", "We do not know the device that made this code; it must be online once."
        )
    if not signed_codes.holds(code, key.public_jwk):
        raise ClaimRefused("forged", "The device that this code names did not make it.")
    _check_key(key)
    _check_times(code.issued_at, code.expires_at, now=now)
    share = shares.find_by_code(db, code.share_code)
    if share is None:
        raise ClaimRefused("unknown_share", "We do not know the link of this code.")
    if share.member_id != key.member_id:
        raise ClaimRefused("other_device", "This code was made by a device of somebody else.")
    offer = _open_offer(db, share)
    return Known(key.id, code.nonce, code.spoken, code.issued_at, code.expires_at, share, offer)


def _check_spoken(db: Session, said: str, *, now: datetime) -> Known:
    """Look again at what was good when its device told us of it."""
    told = _told(db, said)
    if told is None:
        raise ClaimRefused(
            "unheard",
            "We have not heard of this code. Is the other device online? Else scan its picture.",
        )
    _check_times(told.issued_at, told.expires_at, now=now)
    _check_key(db.get_one(device_keys.DeviceKey, told.device_key_id))
    share = db.get_one(shares.Share, told.share_id)
    offer = _open_offer(db, share)
    return Known(
        told.device_key_id,
        told.nonce,
        told.spoken,
        told.issued_at,
        told.expires_at,
        share,
        offer,
    )


def _told(db: Session, said: str) -> store.SpokenCode | None:
    """Return the code that is said like this.

    Raises:
        ClaimRefused: nothing is said like this.

    """
    spoken = signed_codes.spoken_as_kept(said)
    if len(spoken) != signed_codes.SPOKEN_LENGTH + 1 or len(said) > SAID_AT_MOST:
        raise ClaimRefused("malformed", "This is not a whole code; scan it once more.")
    return store.find_by_spoken(db, spoken)


def _kid_of_spoken(db: Session, said: str) -> str | None:
    told = _told(db, said)
    return None if told is None else db.get_one(device_keys.DeviceKey, told.device_key_id).kid


def _check_key(key: device_keys.DeviceKey) -> None:
    if key.revoked_at is not None:
        raise ClaimRefused("revoked_key", "The device that made this code may make none any more.")


def _check_times(issued_at: datetime, expires_at: datetime, *, now: datetime) -> None:
    if expires_at - issued_at > LIFE_MAX:
        raise ClaimRefused("too_long", "This code says that it is good for longer than it may be.")
    if issued_at > now + CLOCK_SKEW:
        raise ClaimRefused(
            "not_yet", "This code comes from the future; the clock of its device is wrong."
        )
    if now > expires_at + CLOCK_SKEW:
        raise ClaimRefused("expired", "This code has run out; ask for a new one.")


def _open_offer(db: Session, share: shares.Share) -> offers.Offer:
    if share.withdrawn_at is not None:
        raise ClaimRefused("withdrawn", "The person who shared this link has withdrawn it.")
    if share.channel != CHANNEL:
        raise ClaimRefused("not_in_person", "This link is not one for sharing in person.")
    offer = offers.find(db, share.offer_id)
    assert offer is not None
    if offer.status != offers.OfferStatus.PUBLISHED:
        raise ClaimRefused("offer_ended", "This offer has ended.")
    return offer
