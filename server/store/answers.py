"""What customers answered; each answer ends by itself."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, delete, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, reference


class Answer(SQLModel, table=True):
    """One answer of one member to one version of a question, deleted when it ends.

    ``choice`` counts the choices, or in a coarse answer the groups, from 0.  ``used_at`` is when
    a page last showed something first because of it.
    """

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("question_id", "member_id", name="one_answer_per_member_and_question"),
        CheckConstraint("choice BETWEEN 0 AND 11", name="answer_is_a_choice"),
        CheckConstraint("expires_at > answered_at", name="answer_ends_after_it_begins"),
        Index("answers_by_their_end", "expires_at"),
    )

    id: int | None = id_column()
    question_id: int = reference("question.id", name="answer_to_a_question")
    member_id: int = reference("member.id", name="answer_of_a_member", index=True)
    consent_id: int = reference("consent.id", name="answer_has_a_consent", index=True)
    is_coarse: bool = Field(default=False)
    choice: int
    answered_at: datetime = moment()
    used_at: datetime | None = moment(optional=True)
    expires_at: datetime = moment()


def of_member(db: Session, member_id: int) -> list[Answer]:
    """Return a member's answers, oldest first."""
    wanted = select(Answer).where(Answer.member_id == member_id)
    return list(db.exec(wanted.order_by(col(Answer.id)).execution_options(populate_existing=True)))


def find(db: Session, *, question_id: int, member_id: int) -> Answer | None:
    """Return a member's answer to a version of a question."""
    wanted = select(Answer).where(Answer.question_id == question_id, Answer.member_id == member_id)
    return db.exec(wanted).first()


def of_consent(db: Session, consent_id: int) -> Answer | None:
    """Return the answer that was given with a consent."""
    return db.exec(select(Answer).where(Answer.consent_id == consent_id)).first()


def of_question(db: Session, question_id: int) -> list[Answer]:
    """Return every answer to a version of a question, oldest first."""
    wanted = select(Answer).where(Answer.question_id == question_id)
    return list(db.exec(wanted.order_by(col(Answer.id))))


def counts(db: Session, question_ids: Collection[int]) -> dict[tuple[int, bool, int], int]:
    """Return how many gave each answer, by (version, whether coarse, choice)."""
    what = (Answer.question_id, Answer.is_coarse, Answer.choice)
    wanted = select(*what, func.count()).where(col(Answer.question_id).in_(question_ids))
    return {
        (question_id, is_coarse, choice): count
        for question_id, is_coarse, choice, count in db.exec(wanted.group_by(*map(col, what)))
    }


def ending(db: Session, *, now: datetime, unused_since: datetime, limit: int) -> list[Answer]:
    """Return answers that are too old, or that nothing used since a moment, oldest first."""
    wanted = select(Answer).where(
        or_(
            col(Answer.expires_at) <= now,
            func.coalesce(Answer.used_at, Answer.answered_at) <= unused_since,
        )
    )
    return list(db.exec(wanted.order_by(col(Answer.id)).limit(limit)))


def remove(db: Session, answer_ids: Collection[int]) -> None:
    """Delete answers."""
    db.execute(delete(Answer).where(col(Answer.id).in_(answer_ids)))


def change(db: Session, row: Answer, *, choice: int) -> bool:
    """Let an answer be another choice; return whether it was still there."""
    done = db.execute(update(Answer).where(col(Answer.id) == row.id).values(choice=choice))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def is_use_news(db: Session, answer_ids: Collection[int], *, since: datetime) -> bool:
    """Tell whether one of these answers was not used since a moment."""
    wanted = select(Answer.id).where(*_unused(answer_ids, since)).limit(1)
    return db.exec(wanted).first() is not None


def note_use(db: Session, answer_ids: Collection[int], *, now: datetime, since: datetime) -> int:
    """Note that answers were used now, unless that was noted since a moment; return how many."""
    done = db.execute(update(Answer).where(*_unused(answer_ids, since)).values(used_at=now))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _unused(answer_ids: Collection[int], since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Answer.id).in_(answer_ids),
        or_(col(Answer.used_at).is_(None), col(Answer.used_at) <= since),
    )
