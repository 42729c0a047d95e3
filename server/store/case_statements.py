"""What was asked and said in a case: the brand's questions, the participant's own words."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store import writing
from server.store.columns import id_column, moment, reference
from server.store.consents import Consent


class StatementKind(StrEnum):
    """What a statement is."""

    QUESTION = "question"
    ANSWER = "answer"
    APPEAL = "appeal"


class CaseStatement(SQLModel, table=True):
    """One thing said in a case.  Written once.

    The participant's words stand on their consent to a review, and are shown while it lives.
    """

    __tablename__ = "case_statement"
    __table_args__ = (
        UniqueConstraint("case_id", "event_id", name="statement_once_per_form"),
        CheckConstraint("kind IN ('question', 'answer', 'appeal')", name="statement_kind_is_known"),
        CheckConstraint(
            "(kind = 'question') = (consent_id IS NULL)", name="words_of_a_participant_have_consent"
        ),
        CheckConstraint(
            "author_id IS NULL OR kind = 'question'", name="only_questions_name_an_author"
        ),
    )

    id: int | None = id_column()
    case_id: int = reference("integrity_case.id", name="statement_in_a_case")
    consent_id: int | None = reference(
        "consent.id", name="statement_has_a_consent", index=True, optional=True
    )
    event_id: str = Field(max_length=36)
    kind: str = Field(max_length=8)
    author_id: int | None = reference(
        "member.id", name="question_by_a_member", index=True, optional=True
    )
    words: str = Field(max_length=2000)
    at: datetime = moment()


def add_question(
    db: Session, *, case_id: int, event_id: str, author_id: int, words: str, at: datetime
) -> None:
    """Write what somebody of the brand asks; it stands on no consent, and no answer could."""
    row = {
        "case_id": case_id,
        "consent_id": None,
        "event_id": event_id,
        "kind": StatementKind.QUESTION,
        "author_id": author_id,
        "words": words,
        "at": at,
    }
    writing.put(db, CaseStatement, row)


def find_by_event(db: Session, *, case_id: int, event_id: str) -> CaseStatement | None:
    """Return what was said with this form."""
    return db.exec(
        select(CaseStatement).where(
            CaseStatement.case_id == case_id, CaseStatement.event_id == event_id
        )
    ).first()


def of_case(db: Session, case_id: int) -> list[tuple[CaseStatement, Consent | None]]:
    """Return what was said in a case, oldest first, each with the consent it stands on."""
    wanted = (
        select(CaseStatement, Consent)
        .join(Consent, col(Consent.id) == CaseStatement.consent_id, isouter=True)
        .where(CaseStatement.case_id == case_id)
        .order_by(col(CaseStatement.id))
    )
    return [(row[0], row[1]) for row in db.exec(wanted)]
