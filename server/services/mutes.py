"""Muting a sharer without an account: what the site signs and the click process believes.

The choice itself lives in a cookie on the friend's own device.  The site signs which sharer is
meant; the click process alone sets the cookie, because it alone sees every click.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

GOOD_FOR = timedelta(minutes=2)
"""How long the click process believes a signed choice."""
SHOWN_FOR = timedelta(hours=1)
"""How long the page that confirms it can offer to take it back."""

_NAME_BYTES, _SEAL_BYTES = 8, 16
_NAME = re.compile(r"[A-Za-z0-9_-]{11}")
_SIGNED = re.compile(r"(mute|unmute)\.([A-Za-z0-9_-]{11})\.(\d{1,12})\.([A-Za-z0-9_-]{22})")


class Wish(StrEnum):
    """What a friend wants of a sharer's links."""

    MUTE = "mute"
    UNMUTE = "unmute"


@dataclass(frozen=True, slots=True)
class Choice:
    """One signed choice; ``sharer`` is the short keyed hash that a browser keeps."""

    wish: Wish
    sharer: str
    made_at: datetime


def name_of(key: str, member_id: int) -> str:
    """Return under which short keyed hash browsers keep a muted sharer."""
    return _seal(key, f"muted sharer {member_id}", _NAME_BYTES)


def is_name(words: str) -> bool:
    """Tell whether words have the form of a kept sharer."""
    return _NAME.fullmatch(words) is not None


def sign(key: str, wish: Wish, *, sharer: str, now: datetime) -> str:
    """Return a choice in a form that only we can write."""
    words = f"{wish}.{sharer}.{int(now.timestamp())}"
    return f"{words}.{_seal(key, f'choice {words}', _SEAL_BYTES)}"


def read(key: str, signed: str, *, now: datetime, good_for: timedelta = GOOD_FOR) -> Choice | None:
    """Return the choice that we signed, or None if we did not, or too long ago."""
    match = _SIGNED.fullmatch(signed)
    if match is None:
        return None
    words = signed.rpartition(".")[0]
    if not hmac.compare_digest(match[4], _seal(key, f"choice {words}", _SEAL_BYTES)):
        return None
    made_at = datetime.fromtimestamp(int(match[3]), UTC)
    if not timedelta(minutes=-1) <= now - made_at <= good_for:
        return None
    return Choice(Wish(match[1]), match[2], made_at)


def proof(key: str, words: str) -> str:
    """Return what a form carries to prove that it was written for these words."""
    return _seal(key, f"form {words}", _SEAL_BYTES)


def is_proof(key: str, words: str, given: str) -> bool:
    """Tell whether a form was written by us for these words."""
    return hmac.compare_digest(given.encode(), proof(key, words).encode())


def _seal(key: str, words: str, length: int) -> str:
    digest = hmac.digest(key.encode(), f"fanfare friends {words}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:length]).rstrip(b"=").decode()
