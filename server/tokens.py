"""Random names that nobody can guess, and the hashes under which secrets are kept."""

import hashlib
import hmac
import re
import secrets

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LINK_CODE_LENGTH = 10
PUBLIC_ID_LENGTH = 12
CODE_GROUPS, CODE_GROUP_LENGTH = 3, 4

_READ_AS = str.maketrans("OIL", "011")


def link_code() -> str:
    """Return a new link code: 10 base58 characters, 58 bits."""
    return _random(BASE58, LINK_CODE_LENGTH)


def public_id() -> str:
    """Return a new id for addresses and APIs: 12 base58 characters, 70 bits."""
    return _random(BASE58, PUBLIC_ID_LENGTH)


def discount_code() -> str:
    """Return a new discount code such as ``7KQF-9M2X-4TBH``: 60 bits, without O, I, L and U."""
    return _grouped(_random(CROCKFORD, CODE_GROUPS * CODE_GROUP_LENGTH))


def discount_code_as_kept(typed: str) -> str:
    """Return a code as it is kept, however a person or a till wrote it."""
    return _grouped(re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(_READ_AS))


def secret() -> str:
    """Return a new secret of 256 bits."""
    return secrets.token_urlsafe(32)


def noise(size: int) -> bytes:
    """Return random bytes that stand for nothing."""
    return secrets.token_bytes(size)


def kept(token: str) -> str:
    """Return the form in which a random token is kept: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(key: str, *parts: str) -> str:
    """Return HMAC-SHA256 of the parts, for values that are guessable, such as a buyer's number."""
    message = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    return hmac.digest(key.encode(), message, hashlib.sha256).hex()


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _grouped(characters: str) -> str:
    step = CODE_GROUP_LENGTH
    return "-".join(characters[i : i + step] for i in range(0, len(characters), step))
