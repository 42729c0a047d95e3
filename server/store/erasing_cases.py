"""Erasing what a nightly check found about a person, and what was said about it.

What is held stays held without the words, because the sums of others stand on it.
"""

from sqlalchemy import String, cast, delete, select, update
from sqlmodel import Session

from server.store import tables
from server.store.erasing import DELETED, NO_WORDS, Erasing, Step

_OF = tables.METADATA.tables


def _statements(db: Session, erasing: Erasing) -> None:
    """Delete what was said in the person's cases, and leave what they asked for brands."""
    statement, case = _OF["case_statement"], _OF["integrity_case"]
    own = select(case.c.id).where(case.c.participant_id.in_(erasing.places))
    db.execute(delete(statement).where(statement.c.case_id.in_(own)))
    asked = update(statement).where(statement.c.author_id == erasing.member_id)
    db.execute(asked.values(author_id=None, event_id=cast(statement.c.id, String)))


def _cases(db: Session, erasing: Erasing) -> None:
    """Take the words out of the person's cases; what they decided for brands stays."""
    case = _OF["integrity_case"]
    theirs = update(case).where(case.c.participant_id.in_(erasing.places))
    db.execute(theirs.values(evidence=[], numbers=[]))
    for ruling, reason in (("ruling", "reason"), ("appeal_ruling", "appeal_reason")):
        db.execute(theirs.where(case.c[ruling].is_not(None)).values({reason: NO_WORDS}))


def _findings(db: Session, erasing: Erasing) -> None:
    finding = _OF["integrity_finding"]
    theirs = update(finding).where(finding.c.participant_id.in_(erasing.places))
    db.execute(theirs.values(sentence="", anomalies=[]))


STEPS = (
    Step("case_statement", DELETED, _statements),
    Step(
        "integrity_case",
        "loses evidence and reasons; what it holds is still decided",
        _cases,
        ("evidence", "numbers", "reason", "appeal_reason"),
    ),
    Step(
        "integrity_finding",
        "loses what was found; what it holds stays held",
        _findings,
        ("sentence", "anomalies"),
    ),
)
