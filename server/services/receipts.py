"""Receipts: a person's proof of what they agreed to, and of when they took it back.

A receipt is one line of text, a JWS whose payload is the JSON-LD of ``receipt_documents``.  A file
holds one receipt a line.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server import jws
from server.errors import Invalid, NotFound
from server.services import receipt_documents
from server.services.receipt_documents import Issuer
from server.services.signing_keys import Signer
from server.store import receipts as store

TYPE = "consent-receipt+jws"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt; ``consent_id`` is where the next page begins."""

    consent_id: int
    public_id: str
    jws: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt says, for people."""

    person: str
    controller: str
    purpose: str
    given_at: str
    withdrawn_at: str | None
    language: str
    words: str
    issued_at: str
    issuer: str


def issue(
    db: Session,
    *,
    member_id: int,
    consent_public_id: str,
    issuer: Issuer,
    signer: Signer,
    now: datetime,
) -> Receipt:
    """Return the receipt of one of a member's own consents.

    Raises:
        NotFound: the member gave no such consent.

    """
    fact = store.find(db, member_id=member_id, public_id=consent_public_id)
    if fact is None:
        raise NotFound("You have given no such permission.")
    return _signed(fact, issuer, signer, now)


def page(
    db: Session,
    *,
    member_id: int,
    after_id: int,
    issuer: Issuer,
    signer: Signer,
    now: datetime,
) -> list[Receipt]:
    """Return the receipts of a member's consents after one of them, oldest first; [] at the end."""
    facts = store.of_member(db, member_id=member_id, after_id=after_id, limit=PAGE)
    return [_signed(fact, issuer, signer, now) for fact in facts]


def check(line: str, keys: list[jws.Jwk]) -> Told:
    """Check one receipt, and return what it says.

    Raises:
        Invalid: nobody who has one of these keys signed it as it is, or it is no receipt.

    """
    signed = jws.read(line)
    jws.check(signed, keys)
    if signed.type != TYPE:
        raise Invalid("What was signed is not a receipt.")
    try:
        return _told(json.loads(signed.payload))
    except (ValueError, LookupError, TypeError) as error:
        raise Invalid("What was signed is not a receipt: fields are missing.") from error


def _signed(fact: store.Fact, issuer: Issuer, signer: Signer, now: datetime) -> Receipt:
    document = receipt_documents.receipt(fact, issuer, now=now)
    payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Receipt(fact.id, fact.public_id, signer.sign(payload, type_=TYPE))


def _told(document: dict[str, Any]) -> Told:
    record = document["dpv:hasRecordOfActivity"]
    given, *withdrawn = record["dpv:hasConsentStatus"]
    notice = record["dpv:hasNotice"]
    return Told(
        person=record["dpv:hasDataSubject"]["@id"],
        controller=record["dpv:hasDataController"]["dpv:hasName"],
        purpose=record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:title"],
        given_at=given["dpv:isIndicatedAtTime"],
        withdrawn_at=withdrawn[0]["dpv:isIndicatedAtTime"] if withdrawn else None,
        language=notice["dct:language"],
        words=notice["dct:description"]["@value"],
        issued_at=document["dct:created"],
        issuer=document["dct:publisher"],
    )
