"""What each kind of record in an export is, in every language."""

from collections.abc import Mapping

from rewards.explain import Language
from server.services import export_review_words

_TEXTS = {
    "account": (
        "how your identity provider knows you, and since when we do",
        "wie Ihr Anmeldedienst Sie kennt, und seit wann wir Sie kennen",
        "comment votre fournisseur d'identité vous connaît, et depuis quand nous aussi",
    ),
    "browsers": (
        "browsers in which you are signed in",
        "Browser, in denen Sie angemeldet sind",
        "navigateurs dans lesquels vous êtes connecté",
    ),
    "consents": (
        "what you agreed to, in the exact words, and what you withdrew",
        "worin Sie eingewilligt haben, im genauen Wortlaut, und was Sie zurückgezogen haben",
        "ce que vous avez accepté, mot pour mot, et ce que vous avez retiré",
    ),
    "shares": (
        "what you shared, with your links and the name that friends see",
        "was Sie geteilt haben, mit Ihren Links und dem Namen, den Freunde sehen",
        "ce que vous avez partagé, avec vos liens et le nom que voient vos amis",
    ),
    "disclosures": (
        "how friends were told that you get a reward",
        "wie Freunde erfahren haben, dass Sie eine Belohnung bekommen",
        "comment vos amis ont appris que vous recevez une récompense",
    ),
    "visits": (
        "visits through your links, and whether they count",
        "Besuche über Ihre Links, und ob sie zählen",
        "visites par vos liens, et si elles comptent",
    ),
    "clicks_not_kept": (
        "clicks on your links that left no visit, counted by day",
        "Klicks auf Ihre Links, die keinen Besuch hinterließen, nach Tagen gezählt",
        "clics sur vos liens qui n'ont laissé aucune visite, comptés par jour",
    ),
    "orders": (
        "orders through your links, and what they count for you",
        "Bestellungen über Ihre Links, und was sie für Sie zählen",
        "commandes par vos liens, et ce qu'elles comptent pour vous",
    ),
    "refunds": (
        "refunds of orders through your links",
        "Erstattungen von Bestellungen über Ihre Links",
        "remboursements de commandes passées par vos liens",
    ),
    "friends_brought": (
        "friends who confirmed that you brought them",
        "Freunde, die bestätigt haben, dass Sie sie gebracht haben",
        "amis qui ont confirmé que vous les avez amenés",
    ),
    "referrals": (
        "who brought you, by the name that they chose to show",
        "wer Sie gebracht hat, unter dem Namen, den die Person zeigen wollte",
        "qui vous a amené, sous le nom que la personne a choisi de montrer",
    ),
    "arrivals": (
        "visits that you confirmed as yours",
        "Besuche, die Sie als Ihre bestätigt haben",
        "visites que vous avez confirmées comme vôtres",
    ),
    "purchases": (
        (
            "orders that a shop reported and that we take for yours, because they came after a "
            "visit that you confirmed or used a code of yours"
        ),
        (
            "Bestellungen, die ein Geschäft gemeldet hat und die wir für Ihre halten, weil sie "
            "nach einem von Ihnen bestätigten Besuch oder mit einem Ihrer Codes kamen"
        ),
        (
            "commandes signalées par une boutique et que nous prenons pour les vôtres, car elles "
            "ont suivi une visite que vous avez confirmée ou utilisé un de vos codes"
        ),
    ),
    "purchase_refunds": (
        "refunds of these orders",
        "Erstattungen dieser Bestellungen",
        "remboursements de ces commandes",
    ),
    "places": (
        "your place in each offer: sums, from which your rewards follow",
        "Ihr Platz in jeder Aktion: Summen, aus denen Ihre Belohnungen folgen",
        "votre place dans chaque offre : des sommes, dont découlent vos récompenses",
    ),
    "bookings": (
        "movements of money between your accounts and others",
        "Bewegungen von Geld zwischen Ihren Konten und anderen",
        "mouvements d'argent entre vos comptes et d'autres",
    ),
    "own_identities": (
        (
            "that we know you again by a scrambled trace of a shop's customer number, a payment or"
            " a delivery address, so that nobody earns for their own orders"
        ),
        (
            "dass wir Sie an der verschlüsselten Spur einer Kundennummer, einer Zahlung oder einer"
            " Lieferadresse wiedererkennen, damit niemand an eigenen Bestellungen verdient"
        ),
        (
            "que nous vous reconnaissons à la trace brouillée d'un numéro de client, d'un paiement"
            " ou d'une adresse de livraison, afin que personne ne gagne sur ses propres commandes"
        ),
    ),
    "purchase_identities": (
        "the same, kept beside orders of yours",
        "dasselbe, bei Ihren Bestellungen abgelegt",
        "la même chose, conservée avec vos commandes",
    ),
    "codes": (
        "codes that you took, and what they are worth",
        "Codes, die Sie genommen haben, und was sie wert sind",
        "codes que vous avez pris, et ce qu'ils valent",
    ),
    "holds": (
        "when a shop held a code of yours for an order",
        "wann ein Geschäft einen Ihrer Codes für eine Bestellung vorgemerkt hat",
        "quand une boutique a retenu un de vos codes pour une commande",
    ),
    "redemptions": (
        "uses of your codes",
        "Einlösungen Ihrer Codes",
        "utilisations de vos codes",
    ),
    "rollbacks": (
        "uses of your codes that were undone",
        "Einlösungen Ihrer Codes, die rückgängig gemacht wurden",
        "utilisations de vos codes qui ont été annulées",
    ),
    "codes_at_stripe": (
        "your codes as the payment service Stripe knows them",
        "Ihre Codes, wie der Zahlungsdienst Stripe sie kennt",
        "vos codes tels que le service de paiement Stripe les connaît",
    ),
    "content": (
        "exclusive content that you unlocked, by which numbers, and when you first opened it",
        (
            "exklusive Inhalte, die Sie freigeschaltet haben, durch welche Zahlen, und wann Sie "
            "sie zuerst geöffnet haben"
        ),
        (
            "contenus exclusifs que vous avez débloqués, par quels chiffres, et quand vous les "
            "avez ouverts pour la première fois"
        ),
    ),
    "answers": (
        "your answers to questions, with what each is for and when it ends",
        "Ihre Antworten auf Fragen, wozu jede dient und wann sie endet",
        "vos réponses aux questions, à quoi sert chacune et quand elle prend fin",
    ),
    "questions_asked": (
        "every question that you were asked, and your reply",
        "jede Frage, die Ihnen gestellt wurde, und Ihre Reaktion",
        "chaque question qui vous a été posée, et votre réaction",
    ),
    "ask_budgets": (
        "how much each brand may still ask you, in ten-thousandths of a point",
        "wie viel jede Marke Sie noch fragen darf, in Zehntausendstel Punkten",
        "combien chaque marque peut encore vous demander, en dix-millièmes de point",
    ),
    "connected_apps": (
        "programs that you allowed to act for you",
        "Programme, denen Sie erlaubt haben, für Sie zu handeln",
        "programmes que vous avez autorisés à agir pour vous",
    ),
    "conversations": (
        "your conversations with brands, and what each is about",
        "Ihre Gespräche mit Marken, und worum es in jedem geht",
        "vos conversations avec des marques, et le sujet de chacune",
    ),
    "messages": (
        "what was written in these conversations, by you and by the brand",
        "was in diesen Gesprächen geschrieben wurde, von Ihnen und von der Marke",
        "ce qui a été écrit dans ces conversations, par vous et par la marque",
    ),
    "cases": (
        "cases that hold an order through your link or of yours",
        "Fälle, die eine Bestellung über Ihren Link oder von Ihnen anhalten",
        "dossiers qui retiennent une commande par votre lien ou de vous",
    ),
    "teams": (
        "brands for which you work here",
        "Marken, für die Sie hier arbeiten",
        "marques pour lesquelles vous travaillez ici",
    ),
    "team_actions": (
        "what you changed for these brands",
        "was Sie für diese Marken geändert haben",
        "ce que vous avez modifié pour ces marques",
    ),
    "messages_for_brands": (
        "when you wrote to customers for these brands, and under which name",
        "wann Sie für diese Marken an Kunden geschrieben haben, und unter welchem Namen",
        "quand vous avez écrit à des clients pour ces marques, et sous quel nom",
    ),
    "requests": (
        "what you asked a brand or us by the law of data protection",
        "was Sie eine Marke oder uns nach dem Datenschutzrecht gefragt haben",
        "ce que vous avez demandé à une marque ou à nous au titre de la protection des données",
    ),
    "exports": (
        "when you asked for your data",
        "wann Sie Ihre Daten verlangt haben",
        "quand vous avez demandé vos données",
    ),
}
KINDS: Mapping[str, Mapping[Language, str]] = {
    kind: dict(zip(Language, texts, strict=True))
    for kind, texts in {**_TEXTS, **export_review_words.TEXTS}.items()
}
"""What each kind of record is, in each language."""
