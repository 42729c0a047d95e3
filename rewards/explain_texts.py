"""The sentences of every explanation, in every language, as tables.

A placeholder is the name of a number; its ending says how it is written: ``..._minor`` as an amount
with its currency, ``..._basis_points`` as a percentage, anything else as it is.  ``{vests}`` is the
date that the caller wrote.  A new language is one more column in each table; the tests want every
key in every language, with the same placeholders.
"""

from enum import StrEnum


class Language(StrEnum):
    """A language that amounts are explained in."""

    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"


class Key(StrEnum):
    """Which sentence explains an amount."""

    NOTHING_YET = "nothing_yet"
    VISITS_ONLY = "visits_only"
    OWN_LINK = "own_link"
    BRANCH = "branch"
    OWED = "owed"
    ORDER_IN_FULL = "order_in_full"
    ORDER_PARTLY = "order_partly"
    ORDER_NOT_IN_MONEY = "order_not_in_money"
    ORDER_REFUNDED = "order_refunded"
    VISIT_COUNTS = "visit_counts"
    VISIT_NOT_IN_MONEY = "visit_not_in_money"
    CODE_GRANTED = "code_granted"
    CODE_BELOW_MINIMUM = "code_below_minimum"
    CODE_ABOVE_PAYABLE = "code_above_payable"
    BUDGET_SET = "budget_set"
    BUDGET_TOO_LOW = "budget_too_low"
    WELCOME_SPENT = "welcome_spent"
    WELCOME_TAKEN = "welcome_taken"
    JOINED = "joined"
    JOINED_BESIDE = "joined_beside"


class Note(StrEnum):
    """What else is worth knowing about an amount."""

    VISITS = "visits"
    PENDING = "pending"
    PENDING_UNTIL = "pending_until"
    TAKEN = "taken"
    NEXT_BAND = "next_band"
    TOP_BAND = "top_band"
    BUDGET_LEFT = "budget_left"
    BUDGET_EMPTY = "budget_empty"


class Word(StrEnum):
    """A word in a worked line."""

    OF = "of"
    LESS = "less"
    ROUNDED_DOWN = "rounded_down"
    CREDITED = "credited"


_RATES = {
    Language.ENGLISH: (
        "a rate that grows from {floor_basis_points} to {ceiling_basis_points} as it grows"
    ),
    Language.GERMAN: (
        "einen Satz, der mitwächst, von {floor_basis_points} bis {ceiling_basis_points}"
    ),
    Language.FRENCH: (
        "un taux qui monte avec le total, de {floor_basis_points} à {ceiling_basis_points}"
    ),
}

_ENGLISH: dict[Key, str] = {
    Key.NOTHING_YET: "Nobody has come through your link yet.",
    Key.VISITS_ONLY: (
        "Visits alone earn no money; they count as soon as an order comes, and unlock content."
    ),
    Key.OWN_LINK: (
        "Orders through your link, counting {branch_credit_minor}, earn "
        + _RATES[Language.ENGLISH]
        + ": {earned_minor}."
    ),
    Key.BRANCH: (
        "Everything your link set in motion, {branch_credit_minor}, earns "
        + _RATES[Language.ENGLISH]
        + "; what the people you brought already earn on their own branches is theirs, the rest,"
        " {earned_minor}, is yours."
    ),
    Key.OWED: (
        "Orders were refunded after you took their reward; the next {owed_minor} that you earn"
        " make up for it."
    ),
    Key.ORDER_IN_FULL: "This order counts with {credited_minor}.",
    Key.ORDER_PARTLY: (
        "This order counts with {credited_minor}, because the offer's budget had no room for more."
    ),
    Key.ORDER_NOT_IN_MONEY: (
        "This order does not count in money, because the offer's budget was spent."
    ),
    Key.ORDER_REFUNDED: "This order was refunded and counts no longer.",
    Key.VISIT_COUNTS: "This visit counts; all visits together add {visit_bonus_minor}.",
    Key.VISIT_NOT_IN_MONEY: (
        "This visit counts for your reach but not in money, because the offer's budget was spent."
    ),
    Key.CODE_GRANTED: "The code is worth {value_minor}; {left_minor} stay payable.",
    Key.CODE_BELOW_MINIMUM: (
        "The smallest code is {min_grant_minor}; {value_minor} are too little, and {payable_minor}"
        " are payable now."
    ),
    Key.CODE_ABOVE_PAYABLE: (
        "{payable_minor} are payable now; {value_minor} are {short_minor} more than that."
    ),
    Key.BUDGET_SET: "The budget is {budget_minor}; {promised_minor} of it are promised.",
    Key.BUDGET_TOO_LOW: (
        "The budget stays: {promised_minor} are promised already, more than {budget_minor}."
    ),
    Key.WELCOME_SPENT: (
        "There is no welcome discount of {value_minor}: of the {cap_minor} set aside for friends,"
        " {room_minor} are left."
    ),
    Key.WELCOME_TAKEN: "This friend was welcomed before; the welcome discount is given once.",
    Key.JOINED: "You take part below the person who brought you.",
    Key.JOINED_BESIDE: (
        "This tree is as deep as it may be, so you take part beside the person who brought you."
    ),
}

_GERMAN: dict[Key, str] = {
    Key.NOTHING_YET: "Über Ihren Link ist noch niemand gekommen.",
    Key.VISITS_ONLY: (
        "Besuche allein bringen kein Geld; sie zählen, sobald eine Bestellung kommt, und schalten"
        " Inhalte frei."
    ),
    Key.OWN_LINK: (
        "Bestellungen über Ihren Link zählen {branch_credit_minor} und verdienen "
        + _RATES[Language.GERMAN]
        + ": {earned_minor}."
    ),
    Key.BRANCH: (
        "Alles, was Ihr Link in Gang gesetzt hat, {branch_credit_minor}, verdient "
        + _RATES[Language.GERMAN]
        + "; was die Leute, die Sie gebracht haben, mit ihren eigenen Zweigen schon verdienen,"
        " gehört ihnen, der Rest, {earned_minor}, gehört Ihnen."
    ),
    Key.OWED: (
        "Bestellungen wurden erstattet, nachdem Sie ihre Belohnung geholt hatten; die nächsten"
        " {owed_minor}, die Sie verdienen, gleichen das aus."
    ),
    Key.ORDER_IN_FULL: "Diese Bestellung zählt mit {credited_minor}.",
    Key.ORDER_PARTLY: (
        "Diese Bestellung zählt mit {credited_minor}, weil das Budget der Aktion für mehr nicht"
        " reichte."
    ),
    Key.ORDER_NOT_IN_MONEY: (
        "Diese Bestellung zählt nicht in Geld, weil das Budget der Aktion verbraucht war."
    ),
    Key.ORDER_REFUNDED: "Diese Bestellung wurde erstattet und zählt nicht mehr.",
    Key.VISIT_COUNTS: (
        "Dieser Besuch zählt; alle Besuche zusammen bringen {visit_bonus_minor} dazu."
    ),
    Key.VISIT_NOT_IN_MONEY: (
        "Dieser Besuch zählt für Ihre Reichweite, aber nicht in Geld, weil das Budget der Aktion"
        " verbraucht war."
    ),
    Key.CODE_GRANTED: "Der Code ist {value_minor} wert; {left_minor} bleiben verfügbar.",
    Key.CODE_BELOW_MINIMUM: (
        "Der kleinste Code ist {min_grant_minor}; {value_minor} sind zu wenig, und verfügbar sind"
        " jetzt {payable_minor}."
    ),
    Key.CODE_ABOVE_PAYABLE: (
        "Verfügbar sind jetzt {payable_minor}; {value_minor} sind {short_minor} mehr als das."
    ),
    Key.BUDGET_SET: "Das Budget beträgt {budget_minor}; davon sind {promised_minor} zugesagt.",
    Key.BUDGET_TOO_LOW: (
        "Das Budget bleibt: {promised_minor} sind schon zugesagt, mehr als {budget_minor}."
    ),
    Key.WELCOME_SPENT: (
        "Einen Willkommensrabatt von {value_minor} gibt es nicht mehr: Von {cap_minor} für Freunde"
        " sind {room_minor} übrig."
    ),
    Key.WELCOME_TAKEN: ("Dieser Freund wurde schon begrüßt; den Willkommensrabatt gibt es einmal."),
    Key.JOINED: "Sie sind unter der Person dabei, die Sie gebracht hat.",
    Key.JOINED_BESIDE: (
        "Dieser Baum ist so tief, wie er sein darf; Sie sind deshalb neben der Person dabei, die"
        " Sie gebracht hat."
    ),
}

_FRENCH: dict[Key, str] = {
    Key.NOTHING_YET: "Personne n'est encore venu par votre lien.",
    Key.VISITS_ONLY: (
        "Les visites seules ne rapportent pas d'argent ; elles comptent dès la première commande et"
        " débloquent des contenus."
    ),
    Key.OWN_LINK: (
        "Les commandes passées par votre lien comptent pour {branch_credit_minor} et rapportent "
        + _RATES[Language.FRENCH]
        + " : {earned_minor}."
    ),
    Key.BRANCH: (
        "Tout ce que votre lien a mis en mouvement, {branch_credit_minor}, rapporte "
        + _RATES[Language.FRENCH]
        + " ; ce que les personnes que vous avez amenées gagnent déjà sur leurs propres branches"
        " est à elles, le reste, {earned_minor}, est à vous."
    ),
    Key.OWED: (
        "Des commandes ont été remboursées après que vous avez pris leur récompense ; les prochains"
        " gains, à hauteur de {owed_minor}, compensent cela."
    ),
    Key.ORDER_IN_FULL: "Cette commande compte pour {credited_minor}.",
    Key.ORDER_PARTLY: (
        "Cette commande compte pour {credited_minor}, car le budget de l'offre ne permettait pas"
        " davantage."
    ),
    Key.ORDER_NOT_IN_MONEY: (
        "Cette commande ne compte pas en argent, car le budget de l'offre était épuisé."
    ),
    Key.ORDER_REFUNDED: "Cette commande a été remboursée et ne compte plus.",
    Key.VISIT_COUNTS: (
        "Cette visite compte ; toutes les visites ensemble ajoutent {visit_bonus_minor}."
    ),
    Key.VISIT_NOT_IN_MONEY: (
        "Cette visite compte pour votre portée mais pas en argent, car le budget de l'offre était"
        " épuisé."
    ),
    Key.CODE_GRANTED: "Le code vaut {value_minor} ; {left_minor} restent disponibles.",
    Key.CODE_BELOW_MINIMUM: (
        "Le plus petit code est de {min_grant_minor} ; {value_minor} ne suffisent pas, et"
        " {payable_minor} sont disponibles maintenant."
    ),
    Key.CODE_ABOVE_PAYABLE: (
        "{payable_minor} sont disponibles maintenant ; {value_minor}, c'est {short_minor} de trop."
    ),
    Key.BUDGET_SET: "Le budget est de {budget_minor}, dont {promised_minor} sont promis.",
    Key.BUDGET_TOO_LOW: (
        "Le budget reste inchangé : {promised_minor} sont déjà promis, plus que {budget_minor}."
    ),
    Key.WELCOME_SPENT: (
        "La remise de bienvenue de {value_minor} n'est plus possible : sur les {cap_minor} prévus"
        " pour les amis, il reste {room_minor}."
    ),
    Key.WELCOME_TAKEN: (
        "Cette personne a déjà été accueillie ; la remise de bienvenue n'est donnée qu'une fois."
    ),
    Key.JOINED: "Vous participez sous la personne qui vous a amené.",
    Key.JOINED_BESIDE: (
        "Cet arbre est aussi profond qu'il peut l'être ; vous participez donc à côté de la personne"
        " qui vous a amené."
    ),
}

SENTENCES: dict[Language, dict[Key, str]] = {
    Language.ENGLISH: _ENGLISH,
    Language.GERMAN: _GERMAN,
    Language.FRENCH: _FRENCH,
}
