"""Secrets that must be read again, such as the key of a webhook: encrypted at rest.

Fernet (AES-128-CBC with an HMAC) from the cryptography package; the key is derived from the one in
the settings, so that a copy of the database alone opens nothing.
"""

import base64
import hashlib

from cryptography.fernet import Fernet


def seal(key: str, words: str) -> str:
    """Return words so that only the key opens them."""
    return _fernet(key).encrypt(words.encode()).decode()


def unseal(key: str, sealed: str) -> str:
    """Return what was sealed with this key.

    Raises:
        cryptography.fernet.InvalidToken: another key sealed it, or somebody changed it.

    """
    return _fernet(key).decrypt(sealed.encode()).decode()


def _fernet(key: str) -> Fernet:
    derived = hashlib.sha256(b"fanfare sealing " + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(derived))
