"""What may be written in a conversation, by whom, to whom, and under which name."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from server.errors import FieldInvalid, Invalid, NotFound
from server.services import privacy_requests, typed_words
from server.services.privacy_requests import Addressee
from server.store import brands, offers
from server.store import shares as share_store
from server.store.conversations import ConversationKind
from server.store.teams import Role

SUBJECT_MAX, NAME_MAX, WORDS_MAX = 100, 40, 4000
OPEN_AT_MOST = 20
"""How many unsolved conversations one person may have; nobody needs more, and a script would."""
UNREAD_AT_MOST = 30
"""How many messages of a customer may wait for the brand to read them."""
MESSAGES_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer speaks, for themselves."""

    member_id: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of a brand's team speaks, under a name that they chose for it, or none."""

    brand_id: int
    member_id: int
    role: Role
    shown_as: str = ""

    @property
    def actor(self) -> str:
        """How the audit log names them."""
        return f"member:{self.member_id}"


Speaker = Customer | Colleague


@dataclass(frozen=True, slots=True)
class Opening:
    """What a customer sends to begin: to whom, about which share if any, and in which words."""

    brand_slug: str
    share_code: str
    kind: str
    subject: str
    shown_as: str
    words: str


def addressees(db: Session, *, member_id: int) -> list[Addressee]:
    """Return the brands that a person can write to, by name.

    Those that publish something now, and those in whose offers the person takes part.
    """
    found = {brand.slug: brand.name for brand in offers.brands_published(db)}
    found |= {one.slug: one.name for one in privacy_requests.addressees(db, member_id=member_id)}
    return [Addressee(slug, name) for slug, name in sorted(found.items(), key=lambda it: it[1])]


def checked(db: Session, opening: Opening, *, member_id: int) -> tuple[dict[str, Any], str]:
    """Return what a conversation is about as its columns, and its first words.

    Raises:
        NotFound: there is no such brand to write to, or the share is not the member's.
        FieldInvalid: something is missing or too long; ``field`` names it.

    """
    share_id, brand_id = _to_whom(db, opening, member_id=member_id)
    if opening.kind not in set(ConversationKind):
        raise FieldInvalid("kind", "Choose what you write: a question, a complaint or a review.")
    subject = " ".join(opening.subject.split())
    if not 0 < len(subject) <= SUBJECT_MAX:
        raise FieldInvalid(
            "subject", "Say in at most {most} characters what it is about.", most=SUBJECT_MAX
        )
    columns = {
        "member_id": member_id,
        "brand_id": brand_id,
        "share_id": share_id,
        "kind": opening.kind,
        "subject": subject,
        "shown_as": name(opening.shown_as),
    }
    return columns, words(opening.words)


def words(typed: str) -> str:
    """Return what somebody writes, without the white space around it.

    Raises:
        FieldInvalid: it is nothing, or too long.

    """
    return typed_words.checked(typed, most=WORDS_MAX)


def name(typed: str) -> str:
    """Return the name under which somebody wants to be shown; it may be empty.

    Raises:
        FieldInvalid: this is no name that can be shown.

    """
    shown_as = typed.strip()
    if len(shown_as) > NAME_MAX or not shown_as.isprintable():
        raise FieldInvalid(
            "shown_as", "A name has at most {most} visible characters.", most=NAME_MAX
        )
    return shown_as


def refuse_too_many(unsolved: int) -> None:
    """Let nobody have more unsolved conversations than a person can follow.

    Raises:
        Invalid: these are too many.

    """
    if unsolved >= OPEN_AT_MOST:
        raise Invalid(
            "{most} of your conversations are not solved yet; mark one of them as solved first.",
            most=OPEN_AT_MOST,
        )


def _to_whom(db: Session, opening: Opening, *, member_id: int) -> tuple[int | None, int]:
    """Return the share that it is about, if any, and the brand."""
    if opening.share_code:
        share = share_store.find_by_code(db, opening.share_code)
        if share is None or share.member_id != member_id:
            raise NotFound("You have no share with this link.")
        offer = offers.find(db, share.offer_id)
        assert offer is not None
        return share.id, offer.brand_id
    if opening.brand_slug not in {one.slug for one in addressees(db, member_id=member_id)}:
        raise FieldInvalid("brand", "Choose the brand that you write to.")
    brand = brands.find_by_slug(db, opening.brand_slug)
    assert brand is not None
    assert brand.id is not None
    return None, brand.id
