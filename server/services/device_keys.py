"""The devices of a member that can make codes on their own."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import Conflict, Invalid, NotFound
from server.services import sign_ins, signed_codes
from server.store import device_keys as store
from server.store import writing

LIVE_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device, as its owner sees it."""

    kid: str
    created_at: datetime
    is_new: bool = False


def register(db: Session, *, member_id: int, x: str, y: str, now: datetime) -> DeviceView:
    """Let a device sign codes for a member from now on; a second time changes nothing.

    Raises:
        Invalid: these are not the coordinates of a P-256 key.
        Conflict: the key is somebody else's, was ended, or the member has too many devices.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    known = signed_codes.key_of(x, y)
    if known is None:
        raise Invalid("This is not a public key on P-256: send x and y as in a JWK.")
    kid, written = known
    values = {"member_id": member_id, "kid": kid, "public_jwk": written, "created_at": now}
    if writing.put_first(db, store.DeviceKey, values) is not None:
        if len(store.of_member(db, member_id)) > LIVE_AT_MOST:
            raise Conflict("You have too many devices; end one of them on the site first.")
        return DeviceView(kid, now, is_new=True)
    first = store.find(db, kid)
    assert first is not None
    if first.member_id != member_id or first.revoked_at is not None:
        raise Conflict("This key cannot be used; make a new one.")
    return DeviceView(kid, first.created_at)


def of_member(db: Session, *, member_id: int) -> list[DeviceView]:
    """Return the devices that can make codes in a member's name."""
    return [DeviceView(key.kid, key.created_at) for key in store.of_member(db, member_id)]


def revoke(db: Session, *, member_id: int, kid: str, now: datetime) -> None:
    """End a device's key: what it signed and nobody took is void; a second time changes nothing.

    Raises:
        NotFound: the member has no such device.

    """
    key = store.find(db, kid)
    if key is None or key.member_id != member_id:
        raise NotFound("You have no such device.")
    store.revoke(db, member_id=member_id, kid=kid, now=now)
