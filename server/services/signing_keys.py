"""The keys that sign receipts: made when needed, retired after 90 days, published for good."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cryptography.fernet import InvalidToken
from sqlmodel import Session

from server import jws, sealing
from server.store import signing_keys as store

SIGNS_FOR = timedelta(days=90)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """The key that signs now."""

    kid: str
    private_pem: str

    def sign(self, payload: bytes, *, type_: str) -> str:
        """Return a payload with its signature, as JWS in compact form."""
        return jws.sign(payload, kid=self.kid, private_pem=self.private_pem, type_=type_)


def ensure(db: Session, *, sealing_key: str, now: datetime) -> Signer:
    """Return the key that signs now; the first who needs one makes it.

    A key that another sealing key sealed is of no use any more, and retired.
    """
    row = store.current(db)
    if row is not None and row.sealed_private is not None:
        try:
            return Signer(row.kid, sealing.unseal(sealing_key, row.sealed_private))
        except InvalidToken:
            log.warning("signing_key_sealed_by_another_key", kid=row.kid)
            store.retire(db, made_before=now, now=now)
    made = jws.new_key()
    values = {
        "kid": made.kid,
        "algorithm": jws.ALGORITHM,
        "public_jwk": json.dumps(made.public, sort_keys=True),
        "sealed_private": sealing.seal(sealing_key, made.private_pem),
        "created_at": now,
    }
    if store.put_first(db, values):
        return Signer(made.kid, made.private_pem)
    row = store.current(db)  # the unique index decided that another one was first
    assert row is not None
    assert row.sealed_private is not None
    return Signer(row.kid, sealing.unseal(sealing_key, row.sealed_private))


def rotate(db: Session, *, now: datetime) -> None:
    """Retire the key that signs, when it is 90 days old; its private half is gone then."""
    if store.retire(db, made_before=now - SIGNS_FOR, now=now):
        log.info("signing_key_retired")


def published(db: Session) -> list[jws.Jwk]:
    """Return the public half of every key that ever signed, newest first."""
    return [json.loads(row.public_jwk) for row in store.every(db)]
