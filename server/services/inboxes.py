"""What each side sees of its conversations, and how many wait to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.errors import NotFound
from server.services.conversation_rules import Colleague, Customer
from server.store import brands, messages, offers, shares
from server.store import conversations as store
from server.store.conversations import Conversation, ConversationState, Side
from server.store.messages import Message

SHOWN_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class AboutShare:
    """The share that a conversation is about: which offer, how and when; never its link."""

    brand: str
    offer_title: str
    channel: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation as one side sees it; ``unread`` messages wait for that side."""

    public_id: str
    brand: str
    kind: str
    subject: str
    shown_as: str
    state: str
    solved_by: str
    solved_at: datetime | None
    created_at: datetime
    last_message_at: datetime
    last_from: str
    message_count: int
    unread: int
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message; somebody of a brand has a role, and a name if they chose one."""

    number: int
    side: str
    shown_as: str
    role: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation with everything that was said, in order."""

    conversation: ConversationView
    share: AboutShare | None
    messages: tuple[MessageView, ...]
    consent_public_id: str = ""
    """The consent on which it stands; for the customer alone."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """A brand's conversations: what waits for an answer longest comes first."""

    waiting: tuple[ConversationView, ...]
    answered: tuple[ConversationView, ...]
    solved: tuple[ConversationView, ...]


def of_member(db: Session, *, member_id: int) -> list[ConversationView]:
    """Return a customer's conversations; the latest word comes first."""
    return [
        _view(row, brand=brand.name, side=Side.MEMBER, is_ended=consent.withdrawn_at is not None)
        for row, brand, consent in store.of_member(db, member_id, limit=SHOWN_AT_MOST)
    ]


def of_brand(db: Session, *, brand_id: int) -> Inbox:
    """Return a brand's conversations whose customers let it see them."""
    opened = [
        store.of_brand(
            db, brand_id, state=ConversationState.OPEN, last_from=side, limit=SHOWN_AT_MOST
        )
        for side in (Side.MEMBER, Side.BRAND)
    ]
    solved = store.of_brand(db, brand_id, state=ConversationState.SOLVED, limit=SHOWN_AT_MOST)
    return Inbox(*(_views(rows) for rows in (*opened, solved)))


def read(db: Session, *, by: Customer | Colleague, public_id: str) -> Thread:
    """Return a conversation with everything that was said.

    Raises:
        NotFound: there is none for this speaker, or the customer ended it for the brand.

    """
    if isinstance(by, Customer):
        own = store.find_of_member(db, member_id=by.member_id, public_id=public_id)
        if own is None:
            raise NotFound("You have no such conversation.")
        row, brand, consent = own
        is_ended = consent.withdrawn_at is not None
        view = _view(row, brand=brand.name, side=Side.MEMBER, is_ended=is_ended)
        return _thread(db, row, view, consent_public_id=consent.public_id)
    theirs = store.find_of_brand(db, brand_id=by.brand_id, public_id=public_id)
    if theirs is None:
        raise NotFound("There is no such conversation.")
    return _thread(db, theirs, _view(theirs, brand="", side=Side.BRAND))


def about(db: Session, *, member_id: int, share_code: str) -> AboutShare:
    """Return the member's own share, to talk about it.

    Raises:
        NotFound: the member has no such share.

    """
    share = shares.find_by_code(db, share_code)
    if share is None or share.member_id != member_id:
        raise NotFound("You have no share with this link.")
    return _about(db, share)


def unread_of_member(db: Session, *, member_id: int) -> int:
    """Return in how many conversations a customer has something to read."""
    return store.count_unread_of_member(db, member_id)


def unread_of_brand(db: Session, *, brand_id: int) -> int:
    """Return in how many conversations a brand has something to read."""
    return store.count_unread_of_brand(db, brand_id)


def name_of(db: Session, *, by: Colleague) -> str:
    """Return the name under which somebody last wrote for their brand, or nothing."""
    return messages.last_name_of(db, brand_id=by.brand_id, author_id=by.member_id)


def _views(rows: Sequence[Conversation]) -> tuple[ConversationView, ...]:
    return tuple(_view(row, brand="", side=Side.BRAND) for row in rows)


def _view(row: Conversation, *, brand: str, side: Side, is_ended: bool = False) -> ConversationView:
    unread = row.member_unread if side is Side.MEMBER else row.brand_unread
    return ConversationView(
        public_id=row.public_id,
        brand=brand,
        kind=row.kind,
        subject=row.subject,
        shown_as=row.shown_as,
        state=row.state,
        solved_by=row.solved_by,
        solved_at=row.solved_at,
        created_at=row.created_at,
        last_message_at=row.last_message_at,
        last_from=row.last_from,
        message_count=row.message_count,
        unread=0 if is_ended else unread,
        is_ended=is_ended,
    )


def _thread(
    db: Session, row: Conversation, view: ConversationView, *, consent_public_id: str = ""
) -> Thread:
    assert row.id is not None
    said = tuple(_message(message) for message in messages.of_conversation(db, row.id))
    return Thread(view, _share(db, row.share_id), said, consent_public_id)


def _message(row: Message) -> MessageView:
    return MessageView(row.number, row.side, row.shown_as, row.author_role, row.words, row.at)


def _share(db: Session, share_id: int | None) -> AboutShare | None:
    share = shares.find(db, share_id) if share_id is not None else None
    return _about(db, share) if share is not None else None


def _about(db: Session, share: shares.Share) -> AboutShare:
    offer = offers.find(db, share.offer_id)
    assert offer is not None
    brand = brands.find(db, offer.brand_id)
    assert brand is not None
    return AboutShare(brand.name, offer.title, share.channel, share.created_at)
