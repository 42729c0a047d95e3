"""Records of what was found about a member's links, and of the cases about it."""

from sqlalchemy import select as rows_of

from server.store.case_statements import CaseStatement
from server.store.consents import Consent
from server.store.findings import Finding
from server.store.integrity_cases import IntegrityCase
from server.store.own_records.kinds import BRAND, ME, OFFER, PARTICIPANT, Kind, table_of

_FINDING, _CASE = table_of(Finding), table_of(IntegrityCase)
_STATEMENT, _CONSENT = table_of(CaseStatement), table_of(Consent)

FINDINGS = Kind(
    "findings",
    ("integrity_finding",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        _FINDING.c.night,
        _FINDING.c.standing,
        _FINDING.c.sentence,
        _FINDING.c.anomalies,
        _FINDING.c.covers_from,
        _FINDING.c.covers_until,
        _FINDING.c.began_at,
        _FINDING.c.ends_at,
        _FINDING.c.ended_at,
        _FINDING.c.outcome,
    )
    .select_from(_FINDING)
    .join(PARTICIPANT, PARTICIPANT.c.id == _FINDING.c.participant_id)
    .join(OFFER, OFFER.c.id == PARTICIPANT.c.offer_id)
    .join(BRAND, BRAND.c.id == OFFER.c.brand_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_FINDING.c.id),
)
CASES = Kind(
    "reviews",
    ("integrity_case",),
    rows_of(
        BRAND.c.name.label("brand"),
        OFFER.c.title.label("offer"),
        _CASE.c.public_id.label("case_id"),
        _CASE.c.ground,
        _CASE.c.evidence,
        _CASE.c.numbers,
        _CASE.c.state,
        _CASE.c.opened_at,
        _CASE.c.deadline_at,
        _CASE.c.closed_at,
        _CASE.c.outcome,
        _CASE.c.ruling,
        _CASE.c.takes_orders,
        _CASE.c.reason,
        _CASE.c.decided_at,
        _CASE.c.appealed_at,
        _CASE.c.appeal_ruling,
        _CASE.c.appeal_reason,
        _CASE.c.appeal_decided_at,
    )
    .select_from(_CASE)
    .join(PARTICIPANT, PARTICIPANT.c.id == _CASE.c.participant_id)
    .join(OFFER, OFFER.c.id == PARTICIPANT.c.offer_id)
    .join(BRAND, BRAND.c.id == _CASE.c.brand_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_CASE.c.id),
)
STATEMENTS = Kind(
    "review_statements",
    ("case_statement",),
    rows_of(
        _CASE.c.public_id.label("case_id"),
        _STATEMENT.c.kind,
        _STATEMENT.c.words,
        _STATEMENT.c.at,
        _CONSENT.c.public_id.label("consent_id"),
        _CONSENT.c.withdrawn_at.label("consent_withdrawn_at"),
    )
    .select_from(_STATEMENT)
    .join(_CASE, _CASE.c.id == _STATEMENT.c.case_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == _CASE.c.participant_id)
    .outerjoin(_CONSENT, _CONSENT.c.id == _STATEMENT.c.consent_id)
    .where(PARTICIPANT.c.member_id == ME)
    .order_by(_STATEMENT.c.id),
)
ASKED_FOR_BRANDS = Kind(
    "questions_for_brands",
    ("case_statement",),
    rows_of(BRAND.c.name.label("brand"), _STATEMENT.c.at)
    .select_from(_STATEMENT)
    .join(_CASE, _CASE.c.id == _STATEMENT.c.case_id)
    .join(BRAND, BRAND.c.id == _CASE.c.brand_id)
    .where(_STATEMENT.c.author_id == ME)
    .order_by(_STATEMENT.c.id),
)
"""Without the words: they are about the participant who reads them."""
