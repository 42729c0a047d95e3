"""A device that signs codes as the extension does, in Python, and devices that cheat."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CONTEXT = b"fanfare in person 1\n"


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Signer:
    """One device with its key."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def x(self) -> str:
        return base64url(self.key.public_key().public_numbers().x.to_bytes(32))

    @property
    def y(self) -> str:
        return base64url(self.key.public_key().public_numbers().y.to_bytes(32))

    @property
    def kid(self) -> bytes:
        jwk = {"crv": "P-256", "kty": "EC", "x": self.x, "y": self.y}
        return hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest()[:16]

    def code(
        self,
        share_code: str,
        now: datetime,
        *,
        life: timedelta = timedelta(minutes=15),
        kid: bytes | None = None,
        nonce: bytes | None = None,
        version: int = 1,
    ) -> str:
        """Return a code as the extension makes it, unless told to cheat."""
        signed = struct.pack(
            ">B16s10s8sIH",
            version,
            kid or self.kid,
            share_code.encode(),
            nonce or secrets.token_bytes(8),
            int(now.timestamp()),
            int(life.total_seconds()),
        )
        r, s = decode_dss_signature(self.key.sign(CONTEXT + signed, ec.ECDSA(hashes.SHA256())))
        return base64url(signed + r.to_bytes(32) + s.to_bytes(32))
