"""What was said in conversations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, reference
from server.store.conversations import Conversation, Side


class Message(SQLModel, table=True):
    """One message in one conversation.  Written once; of an erased author only the words stay.

    ``number`` counts the messages of a conversation from 1.  The author and their role are those
    of a person of the brand; ``shown_as`` is the name that they chose for this message.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number", name="message_number_is_unique"),
        UniqueConstraint("conversation_id", "event_id", name="message_once_per_form"),
        CheckConstraint("side IN ('member', 'brand')", name="message_side_is_known"),
        CheckConstraint(
            "side = 'brand' OR (author_id IS NULL AND author_role = '')",
            name="only_brands_have_authors",
        ),
        CheckConstraint("length(words) BETWEEN 1 AND 4000", name="message_says_something_short"),
        CheckConstraint("number > 0", name="messages_count_from_one"),
    )

    id: int | None = id_column()
    conversation_id: int = reference("conversation.id", name="message_in_a_conversation")
    consent_id: int = reference("consent.id", name="message_has_a_consent", index=True)
    number: int
    event_id: str = Field(max_length=36)
    side: str = Field(max_length=6)
    author_id: int | None = reference(
        "member.id", name="message_by_an_author", index=True, optional=True
    )
    author_role: str = Field(default="", max_length=10)
    shown_as: str = Field(default="", max_length=40)
    words: str = Field(max_length=4000)
    at: datetime = moment()


def of_conversation(db: Session, conversation_id: int) -> list[Message]:
    """Return what was said in a conversation, in order."""
    wanted = select(Message).where(Message.conversation_id == conversation_id)
    return list(db.exec(wanted.order_by(col(Message.number))))


def find_by_event(db: Session, *, conversation_id: int, event_id: str) -> Message | None:
    """Return the message that was sent with this form."""
    return db.exec(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.event_id == event_id
        )
    ).first()


def count_after(db: Session, conversation_id: int, *, side: Side, number: int) -> int:
    """Return how many messages a side wrote after one with a number."""
    wanted = select(func.count()).select_from(Message)
    return db.exec(
        wanted.where(
            Message.conversation_id == conversation_id,
            Message.side == side,
            Message.number > number,
        )
    ).one()


def last_name_of(db: Session, *, brand_id: int, author_id: int) -> str:
    """Return the name under which a person last wrote for a brand, or nothing."""
    wanted = (
        select(Message.shown_as)
        .join(Conversation, col(Conversation.id) == Message.conversation_id)
        .where(Message.author_id == author_id, Conversation.brand_id == brand_id)
        .order_by(col(Message.id).desc())
        .limit(1)
    )
    return db.exec(wanted).first() or ""
