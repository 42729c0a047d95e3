"""Conversations: a customer and the people of a brand write to each other, and solve something.

Everything stands on the customer's consent: what is written is written by ``put_consented``, and
the brand sees a conversation as long as that lives.  Nothing here is ever part of an amount
(tests/house/test_conversations.py).
"""

from datetime import datetime

from sqlmodel import Session

from server import tokens
from server.errors import Conflict, ConsentMissing, EventTaken, Gone, Invalid, NotFound
from server.services import audits, consents, conversation_rules, sign_ins
from server.services.conversation_rules import Colleague, Customer, Opening, Speaker
from server.store import asks, members, messages
from server.store import consents as consent_store
from server.store import conversations as store
from server.store.conversations import Conversation, ConversationState, Side
from server.store.messages import Message


def begin(
    db: Session,
    *,
    member_id: int,
    event_id: str,
    opening: Opening,
    text_hash: str,
    language: str,
    surface: str,
    now: datetime,
) -> str:
    """Begin a conversation with a consent of its own, and return its id.

    The same form again returns the first conversation.

    Raises:
        NotSignedIn: the member was erased.
        NotFound: the share is not the member's.
        FieldInvalid: something is missing or too long; ``field`` names it.
        Invalid: too many conversations of theirs are not solved yet.
        ConsentMissing: they agreed to other words than the current ones.
        EventTaken: the form was used for another conversation.

    """
    asks.lock_member(db, member_id)
    columns, words = conversation_rules.checked(db, opening, member_id=member_id)
    first = store.find_by_event(db, member_id=member_id, event_id=event_id)
    if first is not None:
        return _first(db, first, columns, words)
    conversation_rules.refuse_too_many(store.count_open(db, member_id))
    consent_id = consents.give(
        db,
        member_id=member_id,
        purpose=consents.CONVERSATION,
        text_hash=text_hash,
        language=language,
        surface=surface,
        now=now,
    )
    row = {
        **columns,
        "public_id": tokens.public_id(),
        "event_id": event_id,
        "consent_id": consent_id,
        "created_at": now,
        "last_message_at": now,
    }
    written = consent_store.put_consented(
        db, Conversation, row, purpose=consents.CONVERSATION, member_id=member_id
    )
    assert written is not None, "the member is locked, and the form is new"
    begun = store.lock(db, written)
    assert begun is not None
    _say(db, Customer(member_id), begun, event_id=event_id, words=words, now=now)
    return begun.public_id


def write(
    db: Session, *, by: Speaker, public_id: str, event_id: str, words: str, now: datetime
) -> int:
    """Write a message and return its number; a solved conversation is open again.

    The same form again returns the first message.

    Raises:
        NotSignedIn: the speaker was erased.
        NotFound: the speaker takes no part in such a conversation, or it has ended for the brand.
        Gone: the customer ended it.
        FieldInvalid: nothing is said, or too much, or the name cannot be shown.
        Invalid: too much waits to be read, or was said already.
        EventTaken: the form was used for another message.

    """
    row = _enter(db, by, public_id)
    said = conversation_rules.words(words)
    assert row.id is not None
    first = messages.find_by_event(db, conversation_id=row.id, event_id=event_id)
    if first is not None:
        author_id = by.member_id if isinstance(by, Colleague) else None
        if (first.side, first.author_id, first.words) != (side_of(by), author_id, said):
            raise EventTaken("This form was sent before with other words; please send the new one.")
        return first.number
    _refuse_floods(row, by)
    number = _say(db, by, row, event_id=event_id, words=said, now=now)
    _note(db, by, row, "conversation.answered", now=now)
    return number


def mark_read(db: Session, *, by: Speaker, public_id: str, number: int) -> None:
    """Note that a side has seen the messages up to a number; it never goes back.

    Raises:
        NotSignedIn: the customer was erased.
        NotFound: the speaker takes no part in such a conversation, or it has ended for the brand.
        Gone: the customer ended it.

    """
    row = _enter(db, by, public_id)
    assert row.id is not None
    number = min(number, row.message_count)
    if isinstance(by, Customer):
        row.member_read = max(number, row.member_read)
        row.member_unread = messages.count_after(
            db, row.id, side=Side.BRAND, number=row.member_read
        )
    else:
        row.brand_read = max(number, row.brand_read)
        row.brand_unread = messages.count_after(db, row.id, side=Side.MEMBER, number=row.brand_read)
    db.flush()


def solve(db: Session, *, by: Speaker, public_id: str, seen: int, now: datetime) -> bool:
    """Mark a conversation as solved; return whether it was open.

    ``seen`` is the number of the last message that the speaker had before them.

    Raises:
        NotSignedIn: the speaker was erased.
        NotFound: the speaker takes no part in such a conversation, or it has ended for the brand.
        Gone: the customer ended it.
        Conflict: the other side wrote something meanwhile.

    """
    row = _enter(db, by, public_id)
    assert row.id is not None
    if row.state == ConversationState.SOLVED:
        return False
    other = Side.BRAND if isinstance(by, Customer) else Side.MEMBER
    if messages.count_after(db, row.id, side=other, number=seen):
        raise Conflict("Something new was written meanwhile. Read it before you mark it as solved.")
    row.state, row.solved_at, row.solved_by = ConversationState.SOLVED, now, side_of(by)
    db.flush()
    _note(db, by, row, "conversation.solved", now=now)
    return True


def reopen(db: Session, *, by: Speaker, public_id: str, now: datetime) -> bool:
    """Take back that a conversation is solved; return whether it was.

    Raises:
        NotSignedIn: the speaker was erased.
        NotFound: the speaker takes no part in such a conversation, or it has ended for the brand.
        Gone: the customer ended it.

    """
    row = _enter(db, by, public_id)
    if row.state == ConversationState.OPEN:
        return False
    _open(row)
    db.flush()
    _note(db, by, row, "conversation.reopened", now=now)
    return True


def side_of(by: Speaker) -> Side:
    """Return for which side somebody speaks."""
    return Side.MEMBER if isinstance(by, Customer) else Side.BRAND


def _first(db: Session, first: Conversation, columns: dict[str, object], words: str) -> str:
    """Return the conversation that a form began, if it was the same form."""
    assert first.id is not None
    message = messages.of_conversation(db, first.id)[0]
    same = all(getattr(first, name) == value for name, value in columns.items())
    if not same or message.words != words:
        raise EventTaken("This form was sent before with other words; please send the new one.")
    return first.public_id


def _enter(db: Session, by: Speaker, public_id: str) -> Conversation:
    """Return the conversation, locked, if the speaker takes part in it and it has not ended."""
    sign_ins.lock_living(db, by.member_id)
    if isinstance(by, Customer):
        found = store.find_of_member(db, member_id=by.member_id, public_id=public_id)
        if found is None:
            raise NotFound("You have no such conversation.")
        row, _, consent = found
        if consent.withdrawn_at is not None:
            raise _ended(by)
    else:
        theirs = store.find_of_brand(db, brand_id=by.brand_id, public_id=public_id)
        if theirs is None or not members.lock_living(db, theirs.member_id):
            raise _ended(by)
        row = theirs
    assert row.id is not None
    locked = store.lock(db, row.id)
    if locked is None:  # retention was quicker
        raise _ended(by)
    return locked


def _ended(by: Speaker) -> Gone | NotFound:
    if isinstance(by, Customer):
        return Gone("You ended this conversation. You can begin a new one.")
    return NotFound("There is no such conversation.")


def _refuse_floods(row: Conversation, by: Speaker) -> None:
    most = conversation_rules.UNREAD_AT_MOST
    if isinstance(by, Customer) and row.brand_unread >= most:
        raise Invalid(
            "{most} of your messages wait for the brand to read them. Please wait until it did.",
            most=most,
        )
    if row.message_count >= conversation_rules.MESSAGES_AT_MOST:
        raise Invalid("This conversation is full. Please begin a new one.")


def _say(
    db: Session, by: Speaker, row: Conversation, *, event_id: str, words: str, now: datetime
) -> int:
    """Write the next message of a locked conversation, if its consent lives."""
    number = row.message_count + 1
    colleague = by if isinstance(by, Colleague) else None
    message = {
        "conversation_id": row.id,
        "consent_id": row.consent_id,
        "number": number,
        "event_id": event_id,
        "side": side_of(by),
        "author_id": colleague.member_id if colleague else None,
        "author_role": colleague.role if colleague else "",
        "shown_as": conversation_rules.name(colleague.shown_as) if colleague else "",
        "words": words,
        "at": now,
    }
    try:
        written = consent_store.put_consented(
            db, Message, message, purpose=consents.CONVERSATION, member_id=row.member_id
        )
    except ConsentMissing:  # it was taken back while this waited
        raise _ended(by) from None
    assert written is not None, "the conversation is locked, and the form is new"
    row.message_count, row.last_message_at, row.last_from = number, now, side_of(by)
    if colleague:
        row.member_unread += 1
    else:
        row.brand_unread += 1
    _open(row)
    db.flush()
    return number


def _open(row: Conversation) -> None:
    row.state, row.solved_at, row.solved_by = ConversationState.OPEN, None, ""


def _note(db: Session, by: Speaker, row: Conversation, action: str, *, now: datetime) -> None:
    """Write down what a person of a brand did."""
    if isinstance(by, Colleague):
        audits.note(
            db,
            brand_id=row.brand_id,
            actor=by.actor,
            action=action,
            subject=f"conversation:{row.public_id}",
            now=now,
        )
