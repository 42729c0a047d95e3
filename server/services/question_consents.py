"""What somebody agrees to with an answer: our sentences around the brand's own words."""

from rewards.asks import UNUSED_DAYS
from server import tokens
from server.services.consents import ConsentText
from server.services.question_words import Words

_PURPOSE = "question:"
TEMPLATES = {
    "en": (
        "I answer the question “{title}” of {brand}. My answer is used for this alone: {purpose} "
        "What it changes for me: {benefit} Fanfare keeps it for {days} days at most, and deletes "
        "it earlier if nothing was shown first because of it for {unused} days. {brand} does not "
        "see my answer, only figures about at least 50 people. Answering, refusing and "
        "withdrawing change no reward, no code and no price. I can withdraw this at any time in "
        "“My data”: my answer is then deleted at once."
    ),
    "de": (
        "Ich beantworte die Frage „{title}“ von {brand}. Meine Antwort dient allein diesem Zweck: "
        "{purpose} Was sie für mich ändert: {benefit} Fanfare bewahrt sie höchstens {days} Tage "
        "auf und löscht sie früher, wenn ihretwegen {unused} Tage lang nichts zuerst gezeigt "
        "wurde. {brand} sieht meine Antwort nicht, nur Zahlen über mindestens 50 Personen. "
        "Antworten, Ablehnen und Widerrufen ändern keine Belohnung, keinen Code und keinen Preis. "
        "Ich kann das jederzeit unter „Meine Daten“ widerrufen: Meine Antwort wird dann sofort "
        "gelöscht."
    ),
    "fr": (
        "Je réponds à la question « {title} » de {brand}. Ma réponse sert à ceci seulement : "
        "{purpose} Ce qu'elle change pour moi : {benefit} Fanfare la conserve {days} jours au "
        "plus, et la supprime plus tôt si rien n'a été montré en premier grâce à elle pendant "
        "{unused} jours. {brand} ne voit pas ma réponse, seulement des chiffres sur au moins "
        "50 personnes. Répondre, refuser et retirer ne changent ni récompense, ni code, ni prix. "
        "Je peux retirer cela à tout moment dans « Mes données » : ma réponse est alors supprimée "
        "aussitôt."
    ),
}


def purpose(public_id: str) -> str:
    """Return the purpose of the consent to a question."""
    return f"{_PURPOSE}{public_id}"


def is_for_question(purpose_: str) -> bool:
    """Tell whether a consent is one to a question."""
    return purpose_.startswith(_PURPOSE)


def text(
    *, public_id: str, version: int, brand: str, language: str, words: Words, retention_days: int
) -> ConsentText:
    """Return what somebody agrees to who answers this version of a question."""
    said = TEMPLATES[language].format(
        title=words.title,
        brand=brand,
        purpose=_sentence(words.purpose),
        benefit=_sentence(words.benefit),
        days=retention_days,
        unused=UNUSED_DAYS,
    )
    return ConsentText(purpose(public_id), str(version), language, tokens.kept(said), said)


def _sentence(words: str) -> str:
    """Return a brand's words with an end, so that ours can follow."""
    said = words.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."
