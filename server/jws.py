"""Signatures that everybody can check: JWS in compact form (RFC 7515), ES256, one writing each.

What is read is held to the letter: there is one way to write each signature's text, so that not a
single changed character passes, and no header says how it wants to be checked.
"""

import base64
import binascii
import hashlib
import json
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from server.errors import Invalid

ALGORITHM = "ES256"
_CURVE, _HASH = ec.SECP256R1(), ec.ECDSA(hashes.SHA256())
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SIZE = 32
_PARTS = 3

Jwk = dict[str, Any]


class KeyPair(NamedTuple):
    """A new key: its name, the half for everybody, and the half that nobody may see."""

    kid: str
    public: Jwk
    private_pem: str


class Signed(NamedTuple):
    """What was signed, and by which key; nothing is checked yet."""

    kid: str
    type: str
    payload: bytes
    covered: bytes
    signature: bytes


def new_key() -> KeyPair:
    """Return a new key, named by its thumbprint (RFC 7638)."""
    private = ec.generate_private_key(_CURVE)
    numbers = private.public_key().public_numbers()
    public = {
        "crv": "P-256",
        "kty": "EC",
        "x": _encoded(numbers.x.to_bytes(_SIZE)),
        "y": _encoded(numbers.y.to_bytes(_SIZE)),
    }
    thumbprint = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
    kid = _encoded(hashlib.sha256(thumbprint).digest())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return KeyPair(kid, {**public, "alg": ALGORITHM, "kid": kid, "use": "sig"}, pem.decode())


def sign(payload: bytes, *, kid: str, private_pem: str, type_: str) -> str:
    """Return a payload with its signature."""
    private = serialization.load_pem_private_key(private_pem.encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    covered = f"{_encoded(_header(kid, type_))}.{_encoded(payload)}"
    r, s = decode_dss_signature(private.sign(covered.encode(), _HASH))
    s = min(s, _ORDER - s)  # both are right; one of them is ours, so that nobody can write another
    return f"{covered}.{_encoded(r.to_bytes(_SIZE) + s.to_bytes(_SIZE))}"


def read(compact: str) -> Signed:
    """Return what stands in a signed text.

    Raises:
        Invalid: it is not written as we write it.

    """
    parts = compact.split(".")
    if len(parts) != _PARTS:
        raise Invalid("This is not a signed receipt: it does not consist of three parts.")
    header, payload, signature = (_decoded(part) for part in parts)
    try:
        said = json.loads(header)
        kid, type_ = str(said["kid"]), str(said["typ"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid("This is not a signed receipt: its head cannot be read.") from error
    if header != _header(kid, type_):
        raise Invalid("The receipt's head is not one that we write.")
    return Signed(kid, type_, payload, f"{parts[0]}.{parts[1]}".encode(), signature)


def check(signed: Signed, keys: list[Jwk]) -> None:
    """Check a signature by the key that it names.

    Raises:
        Invalid: none of the keys has that name, or it did not sign this.

    """
    key = next((one for one in keys if one.get("kid") == signed.kid), None)
    if key is None:
        raise Invalid(f"The key {signed.kid!r} that it names is none of the keys given.")
    r, s = (int.from_bytes(signed.signature[at : at + _SIZE]) for at in (0, _SIZE))
    if len(signed.signature) != 2 * _SIZE or s > _ORDER // 2:
        raise Invalid("The signature is not one that we write.")
    try:
        _public(key).verify(encode_dss_signature(r, s), signed.covered, _HASH)
    except InvalidSignature as error:
        raise Invalid("The signature does not belong to this text: somebody changed it.") from error


def _public(key: Jwk) -> ec.EllipticCurvePublicKey:
    try:
        if (key["kty"], key["crv"]) != ("EC", "P-256"):
            raise Invalid("The key is not of the kind that signs receipts.")
        x, y = (int.from_bytes(_decoded(key[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, _CURVE).public_key()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("The key cannot be read.") from error


def _header(kid: str, type_: str) -> bytes:
    header = {"alg": ALGORITHM, "kid": kid, "typ": type_}
    return json.dumps(header, separators=(",", ":")).encode()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    try:
        content = base64.urlsafe_b64decode(part.encode("ascii") + b"=" * (-len(part) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise Invalid("This is not a signed receipt: it holds other characters.") from error
    if _encoded(content) != part:
        raise Invalid("This is not a signed receipt: it holds other characters.")
    return content
