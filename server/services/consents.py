"""What people are asked to agree to, and what they agreed to.

Texts are versioned: changing a text means a new version here, its hash changes with it, and who
agreed to the old one is asked again.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server import tokens
from server.errors import ConsentMissing, NotFound
from server.store import consents as store
from server.store import writing

SHARE, REFERRAL = "share", "referral"

_TEXTS = {
    (SHARE, "en"): (
        "1",
        (
            "I share this offer with a link of my own. Fanfare records that I shared it, "
            "when, and through which channel, counts the visits and orders that come through "
            "my link, and rewards me for them. Friends who open my link are told that I get a "
            "reward if they buy, and see the name that I enter here, if I enter one. I can "
            "withdraw this at any time: my link then stops working, and what I earned before "
            "stays mine."
        ),
    ),
    (SHARE, "de"): (
        "1",
        (
            "Ich teile diese Aktion mit einem eigenen Link. Fanfare hält fest, dass ich sie "
            "geteilt habe, wann und über welchen Kanal, zählt die Besuche und Bestellungen, die "
            "über meinen Link kommen, und belohnt mich dafür. Freunde, die meinen Link öffnen, "
            "erfahren, dass ich eine Belohnung bekomme, wenn sie kaufen, und sehen den Namen, den "
            "ich hier eingebe, falls ich einen eingebe. Ich kann das jederzeit zurückziehen: Mein "
            "Link funktioniert dann nicht mehr, und was ich bis dahin verdient habe, bleibt meines."
        ),
    ),
    (SHARE, "fr"): (
        "1",
        (
            "Je partage cette offre avec mon propre lien. Fanfare enregistre que je l'ai partagée, "
            "quand et par quel canal, compte les visites et les commandes qui viennent par mon "
            "lien, et m'en récompense. Les amis qui ouvrent mon lien apprennent que je reçois une "
            "récompense s'ils achètent, et voient le nom que je saisis ici, si j'en saisis un. Je "
            "peux retirer cela à tout moment : mon lien cesse alors de fonctionner, et ce que j'ai "
            "gagné avant reste à moi."
        ),
    ),
    (REFERRAL, "en"): (
        "1",
        (
            "I confirm that this person brought me to this offer. Fanfare records it once, so "
            "that what I buy or set in motion counts for them as well. They see a number, not "
            "my name and not what I buy. It changes nothing in what I pay or earn. I can "
            "withdraw this at any time: from then on nothing new is counted for them through "
            "me."
        ),
    ),
    (REFERRAL, "de"): (
        "1",
        (
            "Ich bestätige, dass diese Person mich zu dieser Aktion gebracht hat. Fanfare hält das "
            "einmal fest, damit das, was ich kaufe oder in Gang setze, auch für sie zählt. Sie "
            "sieht eine Zahl, nicht meinen Namen und nicht, was ich kaufe. Es ändert nichts daran, "
            "was ich zahle oder verdiene. Ich kann das jederzeit zurückziehen: Von da an zählt "
            "durch mich nichts Neues mehr für sie."
        ),
    ),
    (REFERRAL, "fr"): (
        "1",
        (
            "Je confirme que cette personne m'a amené à cette offre. Fanfare l'enregistre une "
            "fois, afin que ce que j'achète ou mets en mouvement compte aussi pour elle. Elle voit "
            "un nombre, ni mon nom ni ce que j'achète. Cela ne change rien à ce que je paie ou "
            "gagne. Je peux retirer cela à tout moment : dès lors, rien de nouveau ne compte pour "
            "elle par moi."
        ),
    ),
}


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
    found = _TEXTS.get((purpose, language))
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
    current = text(purpose, language)
    if text_hash != current.hash:
        raise ConsentMissing(
            "The text that you agreed to has changed. Please read the current one and agree again."
        )
    return writing.put(
        db,
        store.Consent,
        {
            "public_id": str(uuid.uuid4()),
            "member_id": member_id,
            "purpose": purpose,
            "text_hash": current.hash,
            "text_version": current.version,
            "language": language,
            "surface": surface,
            "given_at": now,
        },
    )


def withdraw(db: Session, *, consent_id: int, now: datetime) -> None:
    """Take a consent back; a second time changes nothing."""
    store.withdraw(db, consent_id, now=now)


def language_of(db: Session, consent_id: int) -> str:
    """Return the language of the text that somebody agreed to."""
    consent = store.find(db, consent_id)
    assert consent is not None
    return consent.language


def is_live(db: Session, consent_id: int) -> bool:
    """Tell whether a consent was given and not taken back."""
    consent = store.find(db, consent_id)
    return consent is not None and consent.withdrawn_at is None
