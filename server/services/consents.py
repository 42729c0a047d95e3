"""What people agreed to: recorded once, with the words, and good until they take it back.

The words of standing purposes are in ``consent_texts``; a question brings its own.  Whatever is
done with a permission is written by ``put_consented`` of the store; taking it back is
``withdrawals``.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server import tokens
from server.errors import ConsentMissing, NotFound
from server.services import consent_texts
from server.services.consent_texts import CONVERSATION, REFERRAL, REVIEW, SHARE
from server.store import consent_texts as kept_texts
from server.store import consents as store
from server.store import writing

__all__ = ["CONVERSATION", "REFERRAL", "REVIEW", "SHARE"]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One text that a person can agree to; ``hash`` names exactly these words."""

    purpose: str
    version: str
    language: str
    hash: str
    text: str


def text(purpose: str, language: str = "en") -> ConsentText:
    """Return the current text for a purpose.

    Raises:
        NotFound: there is no such purpose, or no text in this language.

    """
    found = consent_texts.TEXTS.get((purpose, language))
    if found is None:
        raise NotFound(f"There is no text for {purpose!r} in {language!r}; English is 'en'.")
    version, words = found
    return ConsentText(purpose, version, language, tokens.kept(words), words)


def give(
    db: Session,
    *,
    member_id: int,
    purpose: str,
    text_hash: str,
    language: str,
    surface: str,
    now: datetime,
) -> int:
    """Record that a member agreed to the current text, and return the consent's id.

    Raises:
        NotFound: there is no such text.
        ConsentMissing: the member agreed to other words than the current ones.

    """
    return give_text(
        db,
        member_id=member_id,
        text=text(purpose, language),
        text_hash=text_hash,
        surface=surface,
        now=now,
    )


def give_text(
    db: Session,
    *,
    member_id: int,
    text: ConsentText,
    text_hash: str,
    surface: str,
    now: datetime,
) -> int:
    """Record that a member agreed to these words, keep the words, and return the consent's id.

    Raises:
        ConsentMissing: the member agreed to other words.

    """
    if text_hash != text.hash:
        raise ConsentMissing(
            "The text that you agreed to has changed. Please read the current one and agree again."
        )
    kept_texts.keep(
        db,
        hash_=text.hash,
        purpose=text.purpose,
        version=text.version,
        language=text.language,
        words=text.text,
        now=now,
    )
    return writing.put(
        db,
        store.Consent,
        {
            "public_id": str(uuid.uuid4()),
            "member_id": member_id,
            "purpose": text.purpose,
            "text_hash": text.hash,
            "text_version": text.version,
            "language": text.language,
            "surface": surface,
            "given_at": now,
        },
    )


def current_id(db: Session, *, member_id: int, purpose: str) -> int | None:
    """Return the member's live consent to the current text of a standing purpose."""
    words = {
        tokens.kept(words)
        for (about, _), (_, words) in consent_texts.TEXTS.items()
        if about == purpose
    }
    for consent in store.live(db, member_id=member_id, purpose=purpose):
        if consent.text_hash in words:
            return consent.id
    return None


def is_current(db: Session, *, member_id: int, purpose: str) -> bool:
    """Tell whether a member need not be asked: they agreed to the text as it is."""
    return current_id(db, member_id=member_id, purpose=purpose) is not None


def language_of(db: Session, consent_id: int) -> str:
    """Return the language of the text that somebody agreed to."""
    consent = store.find(db, consent_id)
    assert consent is not None
    return consent.language


def is_live(db: Session, consent_id: int) -> bool:
    """Tell whether a consent was given and not taken back."""
    consent = store.find(db, consent_id)
    return consent is not None and consent.withdrawn_at is None
