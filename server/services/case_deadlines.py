"""Deadlines of cases: what nobody decided ends in the participant's favour.

A denial is the one thing that a deadline carries out, because a person decided it and nobody
appealed.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.integrity import Ruling
from server.services import denials, holds
from server.store import findings, offers
from server.store import integrity_cases as store
from server.store.findings import FindingOutcome
from server.store.integrity_cases import CaseOutcome, CaseStep, IntegrityCase


def end_due(db: Session, *, now: datetime, limit: int) -> int:
    """End holds and cases whose time is over, oldest first; return how many there were."""
    due = store.due(db, now=now, limit=limit)
    for case_id, offer_id in due:
        offer = offers.lock(db, offer_id)
        case = store.lock(db, case_id)
        if case.state != CaseStep.CLOSED and case.deadline_at <= now:
            _end(db, offer, case, now=now)
    lapsed = findings.lapsed(db, now=now, limit=limit)
    for finding_id, offer_id in lapsed:
        offers.lock(db, offer_id)
        row = findings.lock(db, finding_id)
        if row is not None and row.ended_at is None and row.ends_at <= now:
            holds.end(db, row, FindingOutcome.LAPSED, now=now)
    return len(due) + len(lapsed)


def _end(db: Session, offer: offers.Offer, case: IntegrityCase, *, now: datetime) -> None:
    if case.state == CaseStep.DECIDED and case.ruling == Ruling.DENY:
        denials.carry_out(db, offer, case, by=holds.JOB, now=now)
        return
    assert case.id is not None
    for row in findings.lock_of_case(db, case.id):
        holds.end(db, row, FindingOutcome.LAPSED, now=now)
    holds.close(db, case, CaseOutcome.LAPSED, by=holds.JOB, now=now)
