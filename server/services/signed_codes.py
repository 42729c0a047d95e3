"""Codes that a device signs without asking anybody: their form, and whether one holds.

A code is 105 bytes, 140 characters of base64url: version (1), name of the key (16), link code
(10), nonce (8), issued (4, seconds since 1970), life (2, seconds), and an ECDSA P-256 signature
(64, r and s) over ``CONTEXT`` and the 41 bytes before it.  The offer is that of the link.
``extension/lib/signed_code.js`` writes the same; docs/DECISIONS/0041 says why.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from server import tokens

CONTEXT = b"fanfare in person 1\n"
VERSION = 1
LIFE_MAX = timedelta(minutes=15)
CLOCK_SKEW = timedelta(minutes=2)
"""How far a device's clock may be off, either way."""

_LAYOUT = struct.Struct(">B16s10s8sIH")
_SIGNATURE_BYTES = 64
_HALF = _SIGNATURE_BYTES // 2
_WRITTEN = re.compile(rf"[A-Za-z0-9_-]{{{(_LAYOUT.size + _SIGNATURE_BYTES) * 4 // 3}}}")
_LINK_CODE = re.compile(rf"[{tokens.BASE58}]{{{tokens.LINK_CODE_LENGTH}}}")
_COORDINATE = re.compile(r"[A-Za-z0-9_-]{43}")
SPOKEN_LENGTH = 8
_SPOKEN_BITS, _BITS_EACH = 40, 5


@dataclass(frozen=True, slots=True)
class SignedCode:
    """What a code says.  Nobody has looked at the signature yet."""

    kid: str
    share_code: str
    nonce: str
    issued_at: datetime
    expires_at: datetime
    spoken: str
    signed: bytes
    signature: bytes


def read(token: str) -> SignedCode | None:
    """Return what a code says; None when it is not one."""
    if not _WRITTEN.fullmatch(token):
        return None
    content = base64.urlsafe_b64decode(token)
    signed, signature = content[: _LAYOUT.size], content[_LAYOUT.size :]
    version, kid, share_code, nonce, issued, life = _LAYOUT.unpack(signed)
    code = share_code.decode("ascii", "replace")
    if version != VERSION or not _LINK_CODE.fullmatch(code):
        return None
    issued_at = datetime.fromtimestamp(issued, UTC)
    return SignedCode(
        kid=_base64url(kid),
        share_code=code,
        nonce=_base64url(nonce),
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=life),
        spoken=_spoken(signed),
        signed=signed,
        signature=signature,
    )


def holds(code: SignedCode, public_jwk: str) -> bool:
    """Tell whether the key with this public half signed the code."""
    key = _public_key(json.loads(public_jwk))
    r, s = (int.from_bytes(half) for half in (code.signature[:_HALF], code.signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(r, s), CONTEXT + code.signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def key_of(x: str, y: str) -> tuple[str, str] | None:
    """Return the name and the written form of a public key; None when it is no point of P-256.

    The name is the first 16 bytes of the key's thumbprint (RFC 7638), so a device knows it.
    """
    if not _COORDINATE.fullmatch(x) or not _COORDINATE.fullmatch(y):
        return None
    jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    try:
        _public_key(jwk)
    except (ValueError, binascii.Error):
        return None
    written = json.dumps(jwk, separators=(",", ":"))
    return _base64url(hashlib.sha256(written.encode()).digest()[:16]), written


def spoken_as_kept(typed: str) -> str:
    """Return a spoken code as it is kept, however somebody typed it."""
    return tokens.discount_code_as_kept(typed)


def _spoken(signed: bytes) -> str:
    """Return how the code is said: 40 bits of its hash, as eight letters and digits."""
    bits = int.from_bytes(hashlib.sha256(CONTEXT + signed).digest()[: _SPOKEN_BITS // 8])
    places = range(SPOKEN_LENGTH - 1, -1, -1)
    letters = (tokens.CROCKFORD[bits >> (_BITS_EACH * place) & 31] for place in places)
    return spoken_as_kept("".join(letters))


def _public_key(jwk: dict[str, str]) -> ec.EllipticCurvePublicKey:
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=")) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
