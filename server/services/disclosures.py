"""What friends are told before they buy: that whoever shared the link gets a reward.

A share's text begins with it, the card page repeats it, and the proof of both stays with the share.
"""

from datetime import datetime
from typing import Literal

from sqlmodel import Session

from server import tokens
from server.store import disclosure_proofs as store

Surface = Literal["text", "card"]

TEXT = {
    "en": "Ad: I get a reward if you buy.",
    "de": "Anzeige: Für Käufe bekomme ich eine Belohnung.",
    "fr": "Publicité : je reçois une récompense en cas d'achat.",
}
"""What each share's text begins with, in the language in which its customer agreed."""

CARD = {
    "en": "Ad: {name} gets a reward if you buy.",
    "de": "Anzeige: Für Käufe bekommt {name} eine Belohnung.",
    "fr": "Publicité : {name} reçoit une récompense en cas d'achat.",
}
"""What the card page says of somebody who entered a name."""

NAMELESS_CARD = {
    "en": "Ad: The person who shared this link gets a reward if you buy.",
    "de": "Anzeige: Für Käufe bekommt die Person, die diesen Link geteilt hat, eine Belohnung.",
    "fr": "Publicité : la personne qui a partagé ce lien reçoit une récompense en cas d'achat.",
}
"""What the card page says of somebody who entered none."""


def card(language: str, shown_as: str) -> str:
    """Return the sentence of the card page; ``note`` takes ``card_words`` for it."""
    return card_words(language, shown_as).replace("{name}", shown_as)


def card_words(language: str, shown_as: str) -> str:
    """Return the sentence of the card page with ``{name}`` in it, or the one without a name."""
    return CARD[language] if shown_as else NAMELESS_CARD[language]


def note(
    db: Session, *, share_id: int, surface: Surface, language: str, words: str, now: datetime
) -> None:
    """Keep the proof that a share was shown with these words, which name nobody.

    Once for the same words in the same place; later ones move ``last_shown_at``.
    """
    known = {"text": [TEXT], "card": [CARD, NAMELESS_CARD]}[surface]
    assert words in [table[language] for table in known], "no other words are ever shown"
    store.note(
        db,
        share_id=share_id,
        surface=surface,
        language=language,
        words=words,
        words_hash=tokens.kept(words),
        now=now,
    )
