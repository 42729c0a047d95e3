"""A receipt's words for programs: JSON-LD by ISO/IEC TS 27560:2023 with the terms of W3C's DPV.

The fields are those of the profile https://w3id.org/dpv/guides/consent-27560.  A receipt is a
wrapper around one consent record.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server import tokens
from server.services import consents
from server.store import data_map
from server.store.receipts import Fact

CONTEXT = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
RECEIPT_SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt"
RECORD_SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#record"
RIGHTS = {
    "eu-gdpr:A7-3": "Right to withdraw consent",
    "eu-gdpr:A15": "Right of access",
    "eu-gdpr:A16": "Right to rectification",
    "eu-gdpr:A17": "Right to erasure",
    "eu-gdpr:A18": "Right to restriction of processing",
    "eu-gdpr:A20": "Right to data portability",
    "eu-gdpr:A77": "Right to lodge a complaint with an authority",
}
_QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The deployment that issues receipts; ``jurisdiction`` is a country or EU."""

    site_url: str
    jurisdiction: str
    pseudonym_key: str


@dataclass(frozen=True, slots=True)
class About:
    """What one purpose is, in DPV's terms: for what, with which data, kept in which table."""

    purpose: str
    title: str
    data: dict[str, str]
    table: str


ABOUT = {
    consents.SHARE: About(
        "dpv:RequestedServiceProvision",
        "Sharing an offer with a link of one's own, and being rewarded for what it sets in motion",
        {"pd:Behavioral": "that, when and how an offer was shared, and visits and orders by it"},
        "share",
    ),
    consents.REFERRAL: About(
        "dpv:RequestedServiceProvision",
        "Saying who brought one to an offer, so that it counts for them",
        {"pd:Behavioral": "who brought the person, and that their orders count for them"},
        "referral",
    ),
    consents.CONVERSATION: About(
        "dpv:CommunicationManagement",
        "Taking part in a conversation with a brand",
        {"pd:Communication": "what the person writes, and when"},
        "consent",
    ),
    consents.REVIEW: About(
        "dpv:DisputeManagement",
        "Letting a person of the brand look at one's case",
        {
            "pd:Behavioral": "links, and the visits and orders by them",
            "pd:Communication": "what the person writes about the case",
        },
        "consent",
    ),
    _QUESTION: About(
        "dpv:ServicePersonalisation",
        "Showing first what fits an answer",
        {"pd:Preference": "the answer to one question"},
        "answer",
    ),
}


def receipt(fact: Fact, issuer: Issuer, *, now: datetime) -> dict[str, Any]:
    """Return the receipt of one consent."""
    receipt_id = str(uuid.uuid4())
    return {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": receipt_id,
        "dct:conformsTo": RECEIPT_SCHEMA,
        "dct:created": _moment(now),
        "dct:publisher": issuer.site_url,
        "schema:recipient": "dpv:DataSubject",
        "dpv:hasRecordOfActivity": _record(fact, issuer),
    }


def _record(fact: Fact, issuer: Issuer) -> dict[str, Any]:
    manage = f"{issuer.site_url}/my-data"
    brand = _brand(fact, issuer)
    deployment = _party(issuer.site_url, "Fanfare", issuer.site_url)
    return {
        "@id": f"urn:uuid:{fact.public_id}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": fact.public_id,
        "dct:conformsTo": RECORD_SCHEMA,
        "dct:created": _moment(fact.given_at),
        "dpv:hasDataSubject": {
            "@id": f"urn:fanfare:person:{_pseudonym(fact.member_id, issuer)}",
            "@type": "dpv:DataSubject",
        },
        "dpv:hasDataController": brand or deployment,
        **({"dpv:hasDataProcessor": deployment} if brand else {}),
        "dpv:hasJurisdiction": f"loc:{issuer.jurisdiction}",
        "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
        "dpv:hasLegalBasis": ["dpv:Consent", "eu-gdpr:A6-1-a"],
        "dpv:hasProcess": _process(fact, issuer, brand or deployment),
        "dpv:hasNotice": _notice(fact),
        "dpv:hasConsentStatus": _events(fact),
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:hasIndicationMethod": "one click on the page My data",
            "dpv:isExercisedAt": manage,
        },
        "dpv:hasRight": [
            {
                "@type": ["dpv:DataSubjectRight", article],
                "dct:title": title,
                "dpv:isExercisedAt": manage,
            }
            for article, title in RIGHTS.items()
        ],
    }


def _process(fact: Fact, issuer: Issuer, controller: dict[str, Any]) -> dict[str, Any]:
    about = ABOUT[fact.purpose.partition(":")[0]]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": about.purpose,
            "dct:identifier": fact.purpose,
            "dct:title": about.title,
        },
        "dpv:hasPersonalData": [
            {
                "@type": category,
                "dct:description": words,
                "dpv:hasNecessity": "dpv:Optional",
                "dpv:hasDataSource": "dpv:DataSubject",
            }
            for category, words in about.data.items()
        ],
        "dpv:hasProcessing": ["dpv:Collect", "dpv:Store", "dpv:Use"],
        "dpv:hasRecipient": [{"@id": controller["@id"]}],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": f"loc:{issuer.jurisdiction}"},
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": {
                    "@type": "dpv:UntilEventDuration",
                    "rdf:value": data_map.of(about.table).until.words,
                },
            },
        ],
    }


def _notice(fact: Fact) -> dict[str, Any]:
    """Return the words that were read; their hash is their name (RFC 6920)."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(fact.text_hash)).rstrip(b"=").decode()
    return {
        "@id": f"ni:///sha-256;{digest}",
        "@type": "dpv:ConsentNotice",
        "dct:identifier": fact.text_hash,
        "dct:hasVersion": fact.text_version,
        "dct:language": fact.language,
        "dct:description": {"@language": fact.language, "@value": fact.words},
    }


def _events(fact: Fact) -> list[dict[str, Any]]:
    given = {
        "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        "dpv:isIndicatedBy": "dpv:DataSubject",
        "dpv:hasIndicationMethod": f"a button beside the words, on: {fact.surface}",
        "dpv:isIndicatedAtTime": _moment(fact.given_at),
        "dct:valid": "until it is withdrawn",
    }
    if fact.withdrawn_at is None:
        return [given]
    withdrawn = {
        "@type": "dpv:ConsentWithdrawn",
        "dpv:isIndicatedBy": "dpv:DataSubject",
        "dpv:hasIndicationMethod": "one click",
        "dpv:isIndicatedAtTime": _moment(fact.withdrawn_at),
    }
    return [given, withdrawn]


def _brand(fact: Fact, issuer: Issuer) -> dict[str, Any] | None:
    if fact.brand_slug is None or fact.brand_name is None:
        return None
    contact = f"https://{fact.brand_host}" if fact.brand_host else issuer.site_url
    return _party(f"urn:fanfare:brand:{fact.brand_slug}", fact.brand_name, contact)


def _party(id_: str, name: str, contact: str) -> dict[str, Any]:
    return {
        "@id": id_,
        "@type": "dpv:LegalEntity",
        "dct:identifier": id_,
        "dpv:hasName": name,
        "dpv:hasAddress": contact,
        "dpv:hasContact": contact,
    }


def _pseudonym(member_id: int, issuer: Issuer) -> str:
    """Return what names the person in all of their receipts, and leads nobody else to them."""
    return tokens.keyed(issuer.pseudonym_key, "receipt", str(member_id))[:32]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
