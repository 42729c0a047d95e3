"""By what shops know their buyers, as keyed hashes and nothing else: made, learnt, asked for.

Each brand has a key of its own for every 90 days, so that two brands cannot compare and nothing
lasts.  A key lives for another 90 days after its own; what is told is hashed with every key that
lives, so that somebody who was known before a rotation is known after it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.fernet import InvalidToken
from sqlmodel import Session

from server import sealing, tokens
from server.store import identities as store
from server.store import outbox
from server.store.identities import BUYERS, IdentityKind

PERIOD = timedelta(days=90)
LIVES_FOR = 2
"""Periods: in the first a key makes what is kept, in the second it still recognises."""
LEARNT = "identity.learnt"

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Where the first period began, for every brand."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of a buyer, as it came; it is hashed at once and never written.

    ``stripe_buyer`` is Stripe's account and its number for the buyer, ``fingerprint`` what Stripe
    tells cards apart by.
    """

    buyer_ref: str | None = field(default=None, repr=False)
    payment_hash: str | None = field(default=None, repr=False)
    delivery_hash: str | None = field(default=None, repr=False)
    stripe_buyer: tuple[str, str] | None = field(default=None, repr=False)
    fingerprint: str | None = field(default=None, repr=False)

    def normalised(self) -> list[tuple[IdentityKind, tuple[str, ...]]]:
        """Return what is hashed, by kind.

        A number keeps its small and capital letters: to some shops they are two buyers.  Stripe's
        fingerprint counts as the payment hash that a shop makes of it by SHA-256.
        """
        found: list[tuple[IdentityKind, tuple[str, ...]]] = []
        number = unicodedata.normalize("NFC", self.buyer_ref or "").strip()
        if number:
            found.append((IdentityKind.BUYER, (number,)))
        if self.stripe_buyer is not None:
            found.append((IdentityKind.STRIPE_BUYER, self.stripe_buyer))
        if self.payment_hash is not None:
            found.append((IdentityKind.PAYMENT, (self.payment_hash.lower(),)))
        if self.fingerprint is not None:
            found.append((IdentityKind.PAYMENT, (tokens.kept(self.fingerprint),)))
        if self.delivery_hash is not None:
            found.append((IdentityKind.DELIVERY, (self.delivery_hash.lower(),)))
        return found


@dataclass(frozen=True, slots=True)
class Identity:
    """One hash, and under which key it was made."""

    key_id: int
    kind: str
    hash: str


def told(
    db: Session, *, brand_id: int, said: Said, sealing_key: str, now: datetime
) -> tuple[Identity, ...]:
    """Hash what is said of a buyer with every key of the brand that lives.

    When there is something, the brand's identities are locked until we commit: call this before
    any other lock.
    """
    words = said.normalised()
    if not words:
        return ()
    return tuple(
        Identity(key_id, kind, tokens.keyed(secret, kind, *parts))
        for key_id, secret in _living(db, brand_id, sealing_key, now)
        for kind, parts in words
    )


def lock(db: Session, *, brand_id: int, now: datetime) -> None:
    """Lock a brand's identities for hashes that were made earlier; before any other lock."""
    store.lock_key(db, brand_id=brand_id, period=period_of(now))


def hashes(identities: Iterable[Identity], *, of_buyers: bool = False) -> list[str]:
    """Return the hashes alone: all, or those that are one person's."""
    return [one.hash for one in identities if not of_buyers or one.kind in BUYERS]


def learn(db: Session, *, member_id: int, identities: Iterable[Identity], now: datetime) -> None:
    """Keep what a member is known by; the member must be locked, and the brand's identities.

    An order that is still pending may turn out to be theirs; whoever works the outbox looks.
    """
    new = [
        store.put_own(
            db,
            {
                "key_id": one.key_id,
                "member_id": member_id,
                "kind": one.kind,
                "hash": one.hash,
                "learnt_at": now,
            },
        )
        for one in identities
    ]
    if any(new) and store.pending_like(db, member_id):
        outbox.put(db, kind=LEARNT, content={"member_id": member_id}, due_at=now)


def note(db: Session, *, conversion_id: int | None, identities: Iterable[Identity]) -> None:
    """Keep by what the buyer of an order that counts is known; the order must be written."""
    assert conversion_id is not None
    for one in identities:
        store.put_of_order(
            db,
            {
                "key_id": one.key_id,
                "conversion_id": conversion_id,
                "kind": one.kind,
                "hash": one.hash,
            },
        )


def settle(db: Session, conversion_id: int) -> None:
    """Delete what is asked for no more once an order has vested: its card and its address."""
    shared = [kind for kind in IdentityKind if kind not in BUYERS]
    store.let_go(db, conversion_id, kinds=shared)


def period_of(now: datetime) -> int:
    """Return the number of the 90 days since 1970 in which a moment lies."""
    return (now - BEGINNING) // PERIOD


def _living(db: Session, brand_id: int, sealing_key: str, now: datetime) -> list[tuple[int, str]]:
    """Return the keys that live, newest first, and lock the newest.

    Keys that another sealing key sealed are of no use any more, and destroyed with their hashes.
    """
    _ensure(db, brand_id, period_of(now), sealing_key, now)
    opened, lost = [], []
    for key in store.living_keys(db, brand_id=brand_id, now=now):
        assert key.id is not None
        try:
            opened.append((key.id, sealing.unseal(sealing_key, key.sealed_key)))
        except InvalidToken:
            lost.append(key)
    if not lost:
        return opened
    log.warning("identity_keys_sealed_by_another_key", count=len(lost))
    for key in lost:
        store.destroy(db, key)
    return _living(db, brand_id, sealing_key, now)


def _ensure(db: Session, brand_id: int, period: int, sealing_key: str, now: datetime) -> None:
    """Lock the key of now; the first who needs one makes it."""
    if store.lock_key(db, brand_id=brand_id, period=period) is None:
        ends_at = BEGINNING + (period + LIVES_FOR) * PERIOD
        store.put_key(
            db,
            {
                "brand_id": brand_id,
                "period": period,
                "sealed_key": sealing.seal(sealing_key, tokens.secret()),
                "made_at": now,
                "ends_at": ends_at,
            },
        )
        store.lock_key(db, brand_id=brand_id, period=period)
