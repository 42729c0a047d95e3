"""Why a code cannot be used, in the words of a till: English, German and French."""

from collections.abc import Mapping

from rewards.explain_texts import Language
from rewards.explain_words import plain
from rewards.money import Money
from server.errors import RefusalKey

_TEXTS: dict[RefusalKey, tuple[str, str, str]] = {
    RefusalKey.UNKNOWN: (
        "There is no such code; check how it is written.",
        "Diesen Code gibt es nicht; bitte die Schreibweise prüfen.",
        "Ce code n'existe pas ; vérifiez comment il est écrit.",
    ),
    RefusalKey.WRONG_BRAND: (
        "This code is for another shop.",
        "Dieser Code gilt in einem anderen Geschäft.",
        "Ce code est valable dans un autre magasin.",
    ),
    RefusalKey.ALREADY_REDEEMED: (
        "This code was already used.",
        "Dieser Code wurde schon eingelöst.",
        "Ce code a déjà été utilisé.",
    ),
    RefusalKey.REVOKED: (
        "This code was revoked; its value went back to its holder.",
        "Dieser Code wurde widerrufen; sein Wert ging an die Inhaberin oder den Inhaber zurück.",
        "Ce code a été révoqué ; sa valeur est revenue à son titulaire.",
    ),
    RefusalKey.EXPIRED: (
        "This code has expired; its value went back to its holder.",
        "Dieser Code ist abgelaufen; sein Wert ging an die Inhaberin oder den Inhaber zurück.",
        "Ce code a expiré ; sa valeur est revenue à son titulaire.",
    ),
    RefusalKey.NOT_YET_VALID: (
        "This code is not valid yet.",
        "Dieser Code gilt noch nicht.",
        "Ce code n'est pas encore valable.",
    ),
    RefusalKey.CURRENCY_MISMATCH: (
        "This code is for orders in {currency}.",
        "Dieser Code gilt für Bestellungen in {currency}.",
        "Ce code est valable pour des commandes en {currency}.",
    ),
    RefusalKey.MINIMUM_NOT_MET: (
        "This code is for orders of at least {least}.",
        "Dieser Code gilt ab einem Bestellwert von {least}.",
        "Ce code est valable à partir d'une commande de {least}.",
    ),
    RefusalKey.HOLDER_MISMATCH: (
        "This code is personal, and the order names another buyer or none.",
        "Dieser Code ist persönlich, und die Bestellung nennt jemand anderen oder niemanden.",
        "Ce code est personnel, et la commande nomme un autre acheteur ou personne.",
    ),
    RefusalKey.RESERVED_ELSEWHERE: (
        "This code is held for another order right now.",
        "Dieser Code ist gerade für eine andere Bestellung vorgemerkt.",
        "Ce code est actuellement retenu pour une autre commande.",
    ),
}


def sentences(key: RefusalKey, least: Money) -> Mapping[str, str]:
    """Return what a refusal says in each language; ``least`` is the smallest order for the code."""
    told = zip(Language, _TEXTS[key], strict=True)
    return {
        str(language): text.format(
            currency=least.currency,
            least=f"{plain(least.minor, least.currency, language)} {least.currency}",
        )
        for language, text in told
    }
