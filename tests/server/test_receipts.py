"""Receipts: the fields of ISO/IEC TS 27560, a signature that others check, and no way to forge."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from jwcrypto import jwk
from jwcrypto import jws as independent
from sqlmodel import Session, select

from server import jws, tokens
from server.errors import Invalid, NotFound
from server.services import consents, receipts, signing_keys
from server.services.receipt_documents import Issuer
from server.store import consents as store
from server.store.consents import Consent
from server.store.questions import Question
from tests import make
from tests.server import town as towns
from tests.server.town import NOON, Town

SEALING_KEY = "a key of the settings"
ISSUER = Issuer("https://fanfare.example", "DE", "another key")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def town(db: Session) -> Town:
    return towns.found(db)


def given(town: Town, purpose: str = consents.SHARE) -> Consent:
    """Let Ada share, or Bela say that Ada brought her; return the consent."""
    if "Ada" not in town.links:
        town.shares("Ada")
    if purpose == consents.REFERRAL:
        make.claim(
            town.db,
            town.member("Bela"),
            make.visit(town.db, town.links["Ada"], now=town.now),
            now=town.now,
        )
    return town.db.exec(select(Consent).where(Consent.purpose == purpose)).one()


def receipt(town: Town, consent: Consent) -> str:
    signer = signing_keys.ensure(town.db, sealing_key=SEALING_KEY, now=town.now)
    return receipts.issue(
        town.db,
        member_id=consent.member_id,
        consent_public_id=consent.public_id,
        issuer=ISSUER,
        signer=signer,
        now=town.now,
    ).jws


def document(line: str) -> dict[str, Any]:
    return json.loads(jws.read(line).payload)


def holds(thing: Any, shape: Any, at: str = "receipt") -> None:
    """Hold a value to a shape: no field more, no field less."""
    if isinstance(shape, dict):
        assert isinstance(thing, dict), at
        wanted = {name.rstrip("?") for name in shape}
        must = {name for name in shape if not name.endswith("?")}
        assert must <= set(thing) <= wanted, f"{at}: {sorted(thing)}"
        for name, inner in shape.items():
            if name.rstrip("?") in thing:
                holds(thing[name.rstrip("?")], inner, f"{at} > {name}")
    elif isinstance(shape, list):
        assert isinstance(thing, list), at
        assert thing, at
        for one in thing:
            holds(one, shape[0], at)
    elif isinstance(shape, re.Pattern):
        assert isinstance(thing, str), at
        assert shape.fullmatch(thing), f"{at}: {thing}"
    else:
        assert thing == shape, f"{at}: {thing}"


SOMETHING = re.compile(r".+", re.DOTALL)
ADDRESS = re.compile(r"https://\S+")
PARTY = {  # party_id, party_name, party_address and party_contact of the standard
    "@id": SOMETHING,
    "@type": "dpv:LegalEntity",
    "dct:identifier": SOMETHING,
    "dpv:hasName": SOMETHING,
    "dpv:hasAddress": ADDRESS,
    "dpv:hasContact": ADDRESS,
}
SHAPE = {
    "@context": {
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "loc": "https://w3id.org/dpv/loc#",
        "pd": "https://w3id.org/dpv/pd#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    },
    "@id": re.compile(f"urn:uuid:{UUID.pattern}"),
    "@type": "dpv:ConsentReceipt",
    "dct:identifier": UUID,
    "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt",
    "dct:created": MOMENT,
    "dct:publisher": ADDRESS,
    "schema:recipient": "dpv:DataSubject",
    "dpv:hasRecordOfActivity": {
        "@id": re.compile(f"urn:uuid:{UUID.pattern}"),
        "@type": "dpv:ConsentRecord",
        "dct:identifier": UUID,  # record_id
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",  # schema_version
        "dct:created": MOMENT,
        "dpv:hasDataSubject": {  # pii_principal_id
            "@id": re.compile(r"urn:fanfare:person:[0-9a-f]{32}"),
            "@type": "dpv:DataSubject",
        },
        "dpv:hasDataController": PARTY,  # pii_controllers
        "dpv:hasDataProcessor?": PARTY,
        "dpv:hasJurisdiction": "loc:DE",  # jurisdiction
        "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
        "dpv:hasLegalBasis": [re.compile("dpv:Consent|eu-gdpr:A6-1-a")],  # lawful_basis
        "dpv:hasProcess": {
            "@type": "dpv:Process",
            "dpv:hasPurpose": {  # purpose, purpose_type
                "@type": re.compile(r"dpv:\w+"),
                "dct:identifier": SOMETHING,
                "dct:title": SOMETHING,
            },
            "dpv:hasPersonalData": [  # pii_information: pii_type, pii_optional
                {
                    "@type": re.compile(r"pd:\w+"),
                    "dct:description": SOMETHING,
                    "dpv:hasNecessity": "dpv:Optional",
                    "dpv:hasDataSource": "dpv:DataSubject",  # collection_method
                }
            ],
            "dpv:hasProcessing": [re.compile(r"dpv:\w+")],  # processing_method
            "dpv:hasRecipient": [{"@id": SOMETHING}],  # recipient_third_parties
            "dpv:hasStorageCondition": [  # storage_locations, retention_period
                {
                    "@type": re.compile("dpv:Storage(Location|Duration)"),
                    "dpv:hasLocation?": "loc:DE",
                    "dpv:hasDuration?": {
                        "@type": "dpv:UntilEventDuration",
                        "rdf:value": SOMETHING,
                    },
                }
            ],
        },
        "dpv:hasNotice": {  # privacy_notice, language
            "@id": re.compile(r"ni:///sha-256;[\w-]{43}"),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": re.compile(r"[0-9a-f]{64}"),
            "dct:hasVersion": re.compile(r"\d+"),
            "dct:language": re.compile("en|de|fr"),
            "dct:description": {"@language": re.compile("en|de|fr"), "@value": SOMETHING},
        },
        "dpv:hasConsentStatus": [  # event_type, event_state, event_time, validity_duration
            {
                "@type": re.compile(
                    r"\['dpv:ConsentGiven', 'dpv:ExpressedConsent'\]|dpv:ConsentWithdrawn"
                ),
                "dpv:isIndicatedBy": "dpv:DataSubject",  # entity_id
                "dpv:hasIndicationMethod": SOMETHING,
                "dpv:isIndicatedAtTime": MOMENT,
                "dct:valid?": "until it is withdrawn",
            }
        ],
        "dpv:hasConsentControl": {  # withdrawal_method
            "@type": "dpv:WithdrawConsent",
            "dpv:hasIndicationMethod": SOMETHING,
            "dpv:isExercisedAt": ADDRESS,
        },
        "dpv:hasRight": [  # privacy_rights
            {
                "@type": re.compile(r"\['dpv:DataSubjectRight', 'eu-gdpr:A[\d-]+'\]"),
                "dct:title": re.compile("Right .+"),
                "dpv:isExercisedAt": ADDRESS,
            }
        ],
    },
}


def flat(document: dict[str, Any]) -> dict[str, Any]:
    """Write the types, of which there may be several, as one text."""
    record = document["dpv:hasRecordOfActivity"]
    for thing in [*record["dpv:hasConsentStatus"], *record["dpv:hasRight"]]:
        thing["@type"] = str(thing["@type"])
    return document


class TestTheDocument:
    @pytest.mark.parametrize("purpose", [consents.SHARE, consents.REFERRAL])
    def test_has_the_fields_of_the_standard_and_no_others(self, town: Town, purpose: str):
        holds(flat(document(receipt(town, given(town, purpose)))), SHAPE)

    @pytest.mark.parametrize("purpose", [consents.CONVERSATION, consents.REVIEW])
    def test_is_of_the_deployment_where_no_brand_is_named(self, town: Town, purpose: str):
        consent = given_alone(town, consents.text(purpose))

        found = document(receipt(town, consent))

        holds(flat(found), SHAPE)
        record = found["dpv:hasRecordOfActivity"]
        assert record["dpv:hasDataController"]["dpv:hasName"] == "Fanfare"
        assert "dpv:hasDataProcessor" not in record

    def test_tells_who_allowed_what_to_whom_and_in_which_words(self, town: Town):
        consent = given(town)

        record = document(receipt(town, consent))["dpv:hasRecordOfActivity"]

        text = consents.text(consents.SHARE)
        assert record["dct:identifier"] == consent.public_id
        assert record["dpv:hasDataController"]["dpv:hasName"] == "Berta's Boots"
        assert record["dpv:hasDataController"]["dpv:hasContact"] == "https://127.0.0.1:8003"
        assert record["dpv:hasDataProcessor"]["@id"] == "https://fanfare.example"
        assert record["dpv:hasNotice"]["dct:identifier"] == text.hash
        assert record["dpv:hasNotice"]["dct:description"]["@value"] == text.text
        (event,) = record["dpv:hasConsentStatus"]
        assert event["dpv:isIndicatedAtTime"] == "2030-01-01T12:00:00Z"

    def test_a_question_is_of_its_brand(self, town: Town):
        town.db.add(
            Question(
                public_id="q1",
                brand_id=town.brand_id,
                field="size",
                kind="choice",
                words={},
                choice_count=2,
                retention_days=90,
                created_at=town.now,
            )
        )
        town.db.flush()
        words = "Berta's Boots may know my size."
        text = consents.ConsentText("question:q1", "1", "en", tokens.kept(words), words)

        found = document(receipt(town, given_alone(town, text)))

        holds(flat(found), SHAPE)
        record = found["dpv:hasRecordOfActivity"]
        assert record["dpv:hasDataController"]["dpv:hasName"] == "Berta's Boots"
        assert record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:identifier"] == "question:q1"

    def test_tells_when_it_was_taken_back(self, town: Town):
        consent = given(town)
        town.now += timedelta(days=3)
        town.takes_back("Ada", consent.id)

        found = document(receipt(town, consent))

        holds(flat(found), SHAPE)
        _, event = found["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
        assert event["@type"] == "dpv:ConsentWithdrawn"
        assert event["dpv:isIndicatedAtTime"] == "2030-01-04T12:00:00Z"

    def test_names_a_person_the_same_everywhere_and_leads_nobody_to_them(self, town: Town):
        town.shares("Ada")
        town.shares("Ada")
        town.shares("Bela")
        people = [
            document(receipt(town, consent))["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]
            for consent in town.db.exec(select(Consent).order_by(Consent.id)).all()
        ]

        assert people[0] == people[1] != people[2]

    def test_holds_nothing_by_which_somebody_signs_in(self, town: Town):
        said = json.dumps(document(receipt(town, given(town))))

        assert make.ISSUER not in said
        assert '"ada"' not in said


class TestTheSignature:
    def test_is_right_for_an_independent_library(self, town: Town):
        line = receipt(town, given(town))
        published = json.loads(json.dumps({"keys": signing_keys.published(town.db)}))

        keys = jwk.JWKSet.from_json(json.dumps(published))
        token = independent.JWS()
        token.deserialize(line, keys)

        assert json.loads(token.payload) == document(line)
        assert token.jose_header["alg"] == "ES256"
        assert token.jose_header["typ"] == receipts.TYPE
        (key,) = keys
        assert token.jose_header["kid"] == key.thumbprint() == published["keys"][0]["kid"]

    def test_stands_over_every_character(self, town: Town):
        """Each one is changed to its neighbour in the alphabet, and to one outside of it."""
        line = receipt(town, given(town))
        keys = signing_keys.published(town.db)
        assert receipts.check(line, keys).controller == "Berta's Boots"
        for place, character in enumerate(line):
            for other in (chr(ord(character) ^ 1), "A" if character != "A" else "B", "!"):
                forged = line[:place] + other + line[place + 1 :]
                with pytest.raises(Invalid):
                    receipts.check(forged, keys)

    def test_nothing_may_be_added_or_left_out(self, town: Town):
        line = receipt(town, given(town))
        keys = signing_keys.published(town.db)
        head, payload, signature = line.split(".")
        for forged in (
            *(line + more for more in ("=", "A", " ", "\n", ".", ".A")),
            *(line[:length] for length in (0, 1, len(head), len(line) - 1)),
            f" {line}",
            f"{head}.{payload}.",
            f"{head}..{signature}",
            f"{payload}.{head}.{signature}",
        ):
            with pytest.raises(Invalid):
                receipts.check(forged, keys)

    def test_of_another_key_is_none(self, town: Town):
        line = receipt(town, given(town))
        other = jws.new_key()

        with pytest.raises(Invalid, match="none of the keys"):
            receipts.check(line, [other.public])
        with pytest.raises(Invalid, match="changed"):
            receipts.check(line, [{**other.public, "kid": jws.read(line).kid}])

    @pytest.mark.parametrize("alg", ["none", "HS256", "ES384"])
    def test_no_head_says_how_it_wants_to_be_checked(self, town: Town, alg: str):
        _, payload, signature = receipt(town, given(town)).split(".")
        keys = signing_keys.published(town.db)
        head = independent.base64url_encode(
            json.dumps(
                {"alg": alg, "kid": keys[0]["kid"], "typ": receipts.TYPE}, separators=(",", ":")
            )
        )

        with pytest.raises(Invalid, match="head"):
            receipts.check(f"{head}.{payload}.{signature}", keys)

    def test_of_something_else_makes_no_receipt(self, town: Town):
        signer = signing_keys.ensure(town.db, sealing_key=SEALING_KEY, now=NOON)
        keys = signing_keys.published(town.db)

        for payload, type_ in ((b"{}", receipts.TYPE), (b"[1]", receipts.TYPE), (b"{}", "JWT")):
            with pytest.raises(Invalid, match="not a receipt"):
                receipts.check(signer.sign(payload, type_=type_), keys)


def test_receipts_are_for_ones_own_consents(town: Town):
    consent = given(town)
    signer = signing_keys.ensure(town.db, sealing_key=SEALING_KEY, now=NOON)

    def of(name: str, public_id: str) -> None:
        receipts.issue(
            town.db,
            member_id=town.member(name),
            consent_public_id=public_id,
            issuer=ISSUER,
            signer=signer,
            now=NOON,
        )

    of("Ada", consent.public_id)
    with pytest.raises(NotFound):
        of("Dora", consent.public_id)
    with pytest.raises(NotFound):
        of("Ada", "nothing")


def test_all_of_them_come_in_pages(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receipts, "PAGE", 2)
    for name in ("Ada", "Bela", "Ada", "Ada"):
        town.shares(name)
    signer = signing_keys.ensure(town.db, sealing_key=SEALING_KEY, now=NOON)
    got, after_id = [], 0
    while page := receipts.page(
        town.db,
        member_id=town.member("Ada"),
        after_id=after_id,
        issuer=ISSUER,
        signer=signer,
        now=NOON,
    ):
        got += [one.public_id for one in page]
        after_id = page[-1].consent_id

    mine = store.of_member(town.db, town.member("Ada"))
    assert got == [consent.public_id for consent in reversed(mine)]
    assert len(got) == 3


def given_alone(town: Town, text: consents.ConsentText) -> Consent:
    consent_id = consents.give_text(
        town.db,
        member_id=town.member("Ada"),
        text=text,
        text_hash=text.hash,
        surface="site",
        now=town.now,
    )
    return store.find(town.db, consent_id)
