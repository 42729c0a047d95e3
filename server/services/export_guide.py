"""What the guide in an export says around the list of its files, in every language."""

from dataclasses import dataclass

from rewards.explain import Language


@dataclass(frozen=True, slots=True)
class Guide:
    """The sentences around the list of files."""

    title: str
    made: str
    json: str
    tables: str
    receipts: str
    empty: str
    left_out: str
    reasons: tuple[str, ...]


GUIDE = {
    Language.ENGLISH: Guide(
        title="Everything that Fanfare holds about you",
        made="As of {moment}.",
        json="{name} holds all of it, for programs.",
        tables="Each table below holds one kind of thing, for people and spreadsheets. Amounts "
        "are in the smallest unit of their currency (cents), moments in UTC. An apostrophe before "
        "a sign such as = keeps spreadsheets from taking your words for a formula.",
        receipts="receipts/ holds a signed receipt for each consent, your proof of what was agreed "
        "to and withdrawn. `fanfare verify-receipt FILE` checks one.",
        empty="Of these there is nothing about you:",
        left_out="What is not in here, and why:",
        reasons=(
            (
                "Keys of visitors, and tokens: they are random or scrambled and say nothing to "
                "you, but could lead to somebody else."
            ),
            (
                "Order numbers and totals of other people: they are theirs. You see what counted "
                "for you."
            ),
            (
                "Passwords: there are none. Secrets of your browsers and apps are kept as "
                "fingerprints only."
            ),
        ),
    ),
    Language.GERMAN: Guide(
        title="Alles, was Fanfare über Sie speichert",
        made="Stand: {moment}.",
        json="{name} enthält alles, für Programme.",
        tables="Jede Tabelle unten enthält eine Art von Dingen, für Menschen und "
        "Tabellenprogramme. Beträge stehen in der kleinsten Einheit ihrer Währung (Cent), "
        "Zeitpunkte in UTC. Ein Apostroph vor einem Zeichen wie = verhindert, dass "
        "Tabellenprogramme Ihre Worte für eine Formel halten.",
        receipts="receipts/ enthält zu jeder Einwilligung eine unterschriebene Quittung, Ihren "
        "Nachweis dessen, was vereinbart und zurückgezogen wurde. `fanfare verify-receipt DATEI` "
        "prüft eine.",
        empty="Hiervon gibt es nichts über Sie:",
        left_out="Was hier nicht enthalten ist, und warum:",
        reasons=(
            (
                "Schlüssel von Besuchern, und Tokens: Sie sind zufällig oder verschlüsselt und "
                "sagen Ihnen nichts, könnten aber zu jemand anderem führen."
            ),
            (
                "Bestellnummern und Beträge anderer Menschen: Sie gehören ihnen. Sie sehen, was "
                "für Sie gezählt hat."
            ),
            (
                "Passwörter: Es gibt keine. Geheimnisse Ihrer Browser und Apps liegen nur als "
                "Fingerabdruck vor."
            ),
        ),
    ),
    Language.FRENCH: Guide(
        title="Tout ce que Fanfare conserve à votre sujet",
        made="État : {moment}.",
        json="{name} contient tout, pour les programmes.",
        tables="Chaque tableau ci-dessous contient un type de données, pour les personnes et les "
        "tableurs. Les montants sont dans la plus petite unité de leur devise (centimes), les "
        "moments en UTC. Une apostrophe devant un signe tel que = évite qu'un tableur prenne vos "
        "mots pour une formule.",
        receipts="receipts/ contient un reçu signé pour chaque consentement, votre preuve de ce "
        "qui a été accepté et retiré. `fanfare verify-receipt FICHIER` en vérifie un.",
        empty="De ceci, il n'y a rien à votre sujet :",
        left_out="Ce qui n'est pas ici, et pourquoi :",
        reasons=(
            (
                "Les clés des visiteurs et les jetons : ils sont aléatoires ou brouillés et ne "
                "vous disent rien, mais pourraient mener à quelqu'un d'autre."
            ),
            (
                "Les numéros et montants des commandes d'autres personnes : ils sont à elles. Vous "
                "voyez ce qui a compté pour vous."
            ),
            (
                "Les mots de passe : il n'y en a pas. Les secrets de vos navigateurs et "
                "applications ne sont gardés que sous forme d'empreinte."
            ),
        ),
    ),
}
