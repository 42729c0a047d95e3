"""The cases of a brand as its reviewers see them: the queue, and one case with its evidence.

Sentences and numbers of a case are shown on the ground of abuse.  Single visits and orders, and
what the participant says, are shown as long as their consent to a review lives.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.errors import NotFound
from server.services import case_rules, holds
from server.services.conversation_rules import Colleague
from server.store import case_evidence, case_statements, findings
from server.store import holds as held_store
from server.store import integrity_cases as store
from server.store.case_evidence import OrderSeen, VisitSeen
from server.store.integrity_cases import CaseStep, IntegrityCase

SHOWN_AT_MOST = 200
OPEN = (CaseStep.OPEN, CaseStep.ASKED, CaseStep.DECIDED, CaseStep.APPEALED)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the queue; ``is_mine`` says that this reviewer decided it."""

    public_id: str
    offer_title: str
    state: str
    sentence: str
    opened_at: datetime
    deadline_at: datetime
    ruling: str | None
    outcome: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in a case; without words where the consent to them was taken back."""

    kind: str
    at: datetime
    words: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one hold is about, and how much of it waits."""

    covers_from: datetime
    covers_until: datetime
    outcome: str | None
    visits: int
    orders: int
    credited_minor: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with everything that a reviewer may know."""

    line: CaseLine
    ground: str
    evidence: tuple[str, ...]
    numbers: tuple[dict[str, Any], ...]
    waiting: tuple[Waiting, ...]
    said: tuple[Said, ...]
    may_look: bool
    """Whether the participant allowed a person to look at single visits and orders."""
    visits: tuple[VisitSeen, ...]
    orders: tuple[OrderSeen, ...]
    reason: str
    takes_orders: bool
    appeal_reason: str


def of_brand(
    db: Session, *, by: Colleague, states: tuple[CaseStep, ...] = OPEN, only_for_me: bool = False
) -> list[CaseLine]:
    """Return a brand's cases, the next deadline first; ``only_for_me`` those I may decide.

    Raises:
        NotFound: the reviewer is not on the brand's team.
        NotAllowed: the reviewer's role does not decide cases.

    """
    case_rules.refuse_strangers(db, by)
    found = store.of_brand(db, by.brand_id, states=states, limit=SHOWN_AT_MOST)
    return [
        _line(case, offer.title, by)
        for case, participant, offer in found
        if participant.member_id != by.member_id
        and not (only_for_me and (case.state == CaseStep.APPEALED and _is_mine(case, by)))
    ]


def read(db: Session, *, by: Colleague, public_id: str) -> CaseFile:
    """Return one case of the reviewer's brand.

    Raises:
        NotFound: the brand has no such case, or the reviewer is not on its team.
        NotAllowed: the reviewer's role does not decide cases, or the case is about them.

    """
    case_rules.refuse_strangers(db, by)
    found = store.find_of_brand(db, brand_id=by.brand_id, public_id=public_id)
    if found is None:
        raise NotFound("There is no such case.")
    case, participant, offer = found
    case_rules.refuse_own(by, participant)
    assert case.id is not None
    said = _said(db, case.id)
    may_look = any(one.kind != "question" and one.words is not None for one in said)
    periods = [holds.period_of(row) for row in findings.of_case(db, case.id)]
    look = [case_evidence.of_period(db, period, limit=SHOWN_AT_MOST) for period in periods]
    return CaseFile(
        line=_line(case, offer.title, by),
        ground=case.ground,
        evidence=tuple(case.evidence),
        numbers=tuple(case.numbers),
        waiting=tuple(_waiting(db, row) for row in findings.of_case(db, case.id)),
        said=said,
        may_look=may_look,
        visits=tuple(one for visits, _ in look for one in visits) if may_look else (),
        orders=tuple(one for _, orders in look for one in orders) if may_look else (),
        reason=case.reason,
        takes_orders=case.takes_orders,
        appeal_reason=case.appeal_reason,
    )


def _said(db: Session, case_id: int) -> tuple[Said, ...]:
    return tuple(
        Said(
            row.kind,
            row.at,
            None if consent is not None and consent.withdrawn_at is not None else row.words,
        )
        for row, consent in case_statements.of_case(db, case_id)
    )


def _waiting(db: Session, row: findings.Finding) -> Waiting:
    visits, orders, credited = (0, 0, 0)
    if row.ended_at is None:
        visits, orders, credited = held_store.count(db, holds.period_of(row))
    return Waiting(row.covers_from, row.covers_until, row.outcome, visits, orders, credited)


def _line(case: IntegrityCase, offer_title: str, by: Colleague) -> CaseLine:
    return CaseLine(
        public_id=case.public_id,
        offer_title=offer_title,
        state=case.state,
        sentence=case.evidence[0] if case.evidence else "",
        opened_at=case.opened_at,
        deadline_at=case.deadline_at,
        ruling=case.ruling,
        outcome=case.outcome,
        is_mine=_is_mine(case, by),
    )


def _is_mine(case: IntegrityCase, by: Colleague) -> bool:
    return case.reviewer_id == by.member_id
