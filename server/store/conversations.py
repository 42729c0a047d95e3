"""Conversations of one customer with one brand, and how far each side has read."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel, col, func, select
from sqlmodel.sql.expression import Select

from server.store.brands import Brand
from server.store.columns import id_column, moment, reference
from server.store.consents import Consent


class ConversationKind(StrEnum):
    """What a conversation is."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    REVIEW = "review"


class ConversationState(StrEnum):
    """Whether a conversation still wants something."""

    OPEN = "open"
    SOLVED = "solved"


class Side(StrEnum):
    """Who speaks: the customer, or somebody of the brand."""

    MEMBER = "member"
    BRAND = "brand"


class Conversation(SQLModel, table=True):
    """One conversation of one member with one brand, which lives as long as its consent.

    ``member_read`` and ``brand_read`` are the numbers of the last message that each side has seen,
    ``member_unread`` and ``brand_unread`` how many of the other side came after it.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("public_id", name="conversation_id_is_unique"),
        UniqueConstraint("member_id", "event_id", name="conversation_once_per_form"),
        CheckConstraint(
            "kind IN ('question', 'complaint', 'review')", name="conversation_kind_is_known"
        ),
        CheckConstraint("state IN ('open', 'solved')", name="conversation_state_is_known"),
        CheckConstraint("last_from IN ('member', 'brand')", name="last_word_is_of_a_side"),
        CheckConstraint(
            "(state = 'solved') = (solved_at IS NOT NULL)",
            name="solved_conversation_has_its_moment",
        ),
        CheckConstraint(
            "(state = 'solved') = (solved_by <> '')", name="solved_conversation_has_its_side"
        ),
        CheckConstraint(
            "member_unread >= 0 AND brand_unread >= 0", name="unread_is_never_below_nothing"
        ),
        Index("conversations_of_a_brand", "brand_id", "state", "last_message_at"),
        Index(
            "conversations_that_a_member_reads",
            "member_id",
            sqlite_where=text("member_unread > 0"),
            postgresql_where=text("member_unread > 0"),
        ),
        Index(
            "conversations_that_a_brand_reads",
            "brand_id",
            sqlite_where=text("brand_unread > 0"),
            postgresql_where=text("brand_unread > 0"),
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    event_id: str = Field(max_length=36)
    member_id: int = reference("member.id", name="conversation_of_a_member")
    brand_id: int = reference("brand.id", name="conversation_with_a_brand")
    share_id: int | None = reference(
        "share.id", name="conversation_about_a_share", index=True, optional=True
    )
    consent_id: int = reference("consent.id", name="conversation_has_a_consent", index=True)
    kind: str = Field(max_length=10)
    subject: str = Field(max_length=100)
    shown_as: str = Field(default="", max_length=40)
    state: str = Field(default=ConversationState.OPEN, max_length=8)
    created_at: datetime = moment()
    last_message_at: datetime = moment()
    last_from: str = Field(default=Side.MEMBER, max_length=6)
    solved_at: datetime | None = moment(optional=True)
    solved_by: str = Field(default="", max_length=6)
    message_count: int = Field(default=0)
    member_read: int = Field(default=0)
    brand_read: int = Field(default=0)
    member_unread: int = Field(default=0)
    brand_unread: int = Field(default=0)


_IS_LIVE = col(Consent.withdrawn_at).is_(None)
_HAS_CONSENT = col(Consent.id) == col(Conversation.consent_id)


def of_member(
    db: Session, member_id: int, *, limit: int
) -> list[tuple[Conversation, Brand, Consent]]:
    """Return a member's conversations, the ended ones too; the latest word comes first."""
    wanted = _with_brand().where(Conversation.member_id == member_id)
    latest_first = (col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
    return list(db.exec(wanted.order_by(*latest_first).limit(limit)))


def find_of_member(
    db: Session, *, member_id: int, public_id: str
) -> tuple[Conversation, Brand, Consent] | None:
    """Return the member's own conversation with this id, ended or not."""
    wanted = _with_brand().where(
        Conversation.member_id == member_id, Conversation.public_id == public_id
    )
    return db.exec(wanted.execution_options(populate_existing=True)).first()


def find_by_event(db: Session, *, member_id: int, event_id: str) -> Conversation | None:
    """Return the conversation that the member began with this form."""
    return db.exec(
        select(Conversation).where(
            Conversation.member_id == member_id, Conversation.event_id == event_id
        )
    ).first()


def count_open(db: Session, member_id: int) -> int:
    """Return how many conversations of a member are neither solved nor ended."""
    is_open = col(Conversation.state) == ConversationState.OPEN
    return _count(db, col(Conversation.member_id) == member_id, is_open)


def of_brand(
    db: Session,
    brand_id: int,
    *,
    state: ConversationState,
    last_from: Side | None = None,
    limit: int,
) -> list[Conversation]:
    """Return a brand's live conversations: open ones oldest first, solved ones newest first."""
    wanted = select(Conversation).join(Consent, _HAS_CONSENT)
    wanted = wanted.where(Conversation.brand_id == brand_id, Conversation.state == state, _IS_LIVE)
    if last_from is not None:
        wanted = wanted.where(Conversation.last_from == last_from)
    when, which = col(Conversation.last_message_at), col(Conversation.id)
    is_open = state == ConversationState.OPEN
    order = (when, which) if is_open else (when.desc(), which.desc())
    return list(db.exec(wanted.order_by(*order).limit(limit)))


def find_of_brand(db: Session, *, brand_id: int, public_id: str) -> Conversation | None:
    """Return the brand's conversation with this id, as long as its consent lives."""
    wanted = select(Conversation).join(Consent, _HAS_CONSENT)
    wanted = wanted.where(
        Conversation.brand_id == brand_id, Conversation.public_id == public_id, _IS_LIVE
    )
    return db.exec(wanted.execution_options(populate_existing=True)).first()


def lock(db: Session, conversation_id: int) -> Conversation | None:
    """Return a conversation in which nobody else writes, reads or solves until we commit."""
    return db.exec(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def count_unread_of_member(db: Session, member_id: int) -> int:
    """Return in how many live conversations something waits to be read by the member."""
    has_unread = col(Conversation.member_unread) > 0
    return _count(db, col(Conversation.member_id) == member_id, has_unread)


def count_unread_of_brand(db: Session, brand_id: int) -> int:
    """Return in how many live conversations something waits to be read by the brand."""
    has_unread = col(Conversation.brand_unread) > 0
    return _count(db, col(Conversation.brand_id) == brand_id, has_unread)


def _count(db: Session, *which: ColumnElement[bool]) -> int:
    wanted = select(func.count()).select_from(Conversation).join(Consent, _HAS_CONSENT)
    return db.exec(wanted.where(*which, _IS_LIVE)).one()


def _with_brand() -> Select[Conversation, Brand, Consent]:
    return (
        select(Conversation, Brand, Consent)
        .join(Brand, col(Brand.id) == Conversation.brand_id)
        .join(Consent, _HAS_CONSENT)
    )
