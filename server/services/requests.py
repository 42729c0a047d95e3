"""Idempotency keys: a repeated request gets the first answer, another request none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from server.errors import IdempotencyKeyReused
from server.store import data_map
from server.store import requests as store

KEPT_FOR = data_map.of("answered_request").until.after


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: a status and a JSON object."""

    status: int
    body: dict[str, Any]


def begin(
    db: Session, *, client_id: int, key: str, fingerprint: str, now: datetime
) -> Answer | None:
    """Claim a key for a request, or return the answer that was given under it within 24 hours.

    Whoever comes second waits for the first one's transaction.

    Raises:
        IdempotencyKeyReused: the key was used for a request with another body or address.

    """
    row = store.AnsweredRequest(
        client_id=client_id, key=key, fingerprint=fingerprint, answered_at=now
    )
    try:
        with db.begin_nested():  # the unique constraint decides who was first
            db.add(row)
    except IntegrityError:
        first = store.find(db, client_id=client_id, key=key)
        assert first is not None, "only the key constraint can have refused the row"
        if first.answered_at + KEPT_FOR <= now:
            first.fingerprint, first.status, first.body = fingerprint, None, None
            first.answered_at = now
            return None
        return _same(first, fingerprint)
    return None


def finish(db: Session, *, client_id: int, key: str, answer: Answer) -> None:
    """Keep the answer that was given under a key."""
    row = store.find(db, client_id=client_id, key=key)
    assert row is not None, "begin() wrote the row in this transaction"
    row.status, row.body = answer.status, answer.body
    db.flush()


def _same(first: store.AnsweredRequest, fingerprint: str) -> Answer:
    if first.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used for another request; choose a new key for a new request."
        )
    assert first.status is not None
    assert first.body is not None, "an answer is written in the transaction that claims its key"
    return Answer(first.status, first.body)
