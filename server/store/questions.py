"""Questions that brands want to ask their customers, and what each answer brings to the front."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, delete, text
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class QuestionState(StrEnum):
    """Where a version of a question is in its life; it never goes back."""

    DRAFT = "draft"
    LIVE = "live"
    ENDED = "ended"


class Question(SQLModel, table=True):
    """One version of a question.  Its words freeze when it goes live; then it can only end.

    ``words`` has title, choices, purpose and benefit by language; ``groups`` the coarser version:
    lists of choices that make one, with their labels in the words.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("public_id", "version", name="question_version_is_unique"),
        CheckConstraint("state IN ('draft', 'live', 'ended')", name="question_state_is_known"),
        CheckConstraint("version > 0", name="question_version_is_positive"),
        CheckConstraint("retention_days > 0", name="question_keeps_answers_some_days"),
        CheckConstraint("choice_count BETWEEN 2 AND 12", name="question_has_two_to_twelve_choices"),
        CheckConstraint(
            "state = 'draft' OR published_at IS NOT NULL", name="published_question_has_its_moment"
        ),
        Index(
            "one_live_version_per_question",
            "public_id",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
        Index(
            "one_draft_version_per_question",
            "public_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index("questions_of_a_brand", "brand_id", "id"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=12)
    version: int = Field(default=1)
    brand_id: int = reference("brand.id", name="question_of_a_brand")
    field: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    words: dict[str, Any] = Field(sa_type=JSON)
    groups: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    choice_count: int
    retention_days: int
    state: str = Field(default=QuestionState.DRAFT, max_length=10)
    created_at: datetime = moment()
    published_at: datetime | None = moment(optional=True)
    ended_at: datetime | None = moment(optional=True)


class OfferTopic(SQLModel, table=True):
    """One offer that is shown first to whoever gave one answer."""

    __tablename__ = "offer_topic"
    __table_args__ = (
        UniqueConstraint("question_id", "choice", "offer_id", name="topic_once_per_answer"),
        CheckConstraint("choice BETWEEN 0 AND 11", name="topic_is_for_a_choice"),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="topic_of_an_offer", index=True)
    question_id: int = reference("question.id", name="topic_of_a_question")
    choice: int


def get(db: Session, question_id: int) -> Question:
    """Return the version with this row id."""
    return db.exec(select(Question).where(Question.id == question_id)).one()


def hold(db: Session, question_id: int) -> Question:
    """Return the version with this row id, and let nobody publish or end it until we commit."""
    wanted = select(Question).where(Question.id == question_id)
    return db.exec(
        wanted.with_for_update(read=True).execution_options(populate_existing=True)
    ).one()


def lock(db: Session, *, brand_id: int, public_id: str) -> list[Question]:
    """Return every version of a brand's question, newest first; nobody else changes one."""
    wanted = select(Question).where(Question.brand_id == brand_id, Question.public_id == public_id)
    return list(
        db.exec(
            wanted.order_by(col(Question.version).desc())
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def versions(db: Session, *, brand_id: int, public_id: str) -> list[Question]:
    """Return every version of a brand's question, newest first."""
    wanted = select(Question).where(Question.brand_id == brand_id, Question.public_id == public_id)
    return list(db.exec(wanted.order_by(col(Question.version).desc())))


def of_brand(db: Session, brand_id: int) -> list[Question]:
    """Return every version of a brand's questions, newest first."""
    wanted = select(Question).where(Question.brand_id == brand_id)
    return list(db.exec(wanted.order_by(col(Question.id).desc())))


def live(db: Session, brand_ids: Collection[int]) -> list[Question]:
    """Return the questions that these brands ask now, oldest first."""
    wanted = select(Question).where(
        col(Question.brand_id).in_(brand_ids), Question.state == QuestionState.LIVE
    )
    return list(db.exec(wanted.order_by(col(Question.id))))


def topics(db: Session, question_ids: Collection[int]) -> list[OfferTopic]:
    """Return what the answers to these versions bring to the front."""
    wanted = select(OfferTopic).where(col(OfferTopic.question_id).in_(question_ids))
    return list(db.exec(wanted.order_by(col(OfferTopic.id))))


def set_topics(db: Session, *, question_id: int, pairs: Collection[tuple[int, int]]) -> None:
    """Let exactly these (offer, choice) be what the answers bring to the front."""
    db.execute(delete(OfferTopic).where(col(OfferTopic.question_id) == question_id))
    db.add_all(
        OfferTopic(offer_id=offer_id, question_id=question_id, choice=choice)
        for offer_id, choice in sorted(pairs)
    )
    db.flush()
