"""What the guide in an export says of the kinds of records about held visits and their cases."""

TEXTS = {
    "findings": (
        "what a nightly check found about visits through your links, and what waits because of it",
        "was eine nächtliche Prüfung an Besuchen über Ihre Links fand, und was deshalb wartet",
        "ce qu'un contrôle de nuit a trouvé dans les visites par vos liens, et ce qui attend",
    ),
    "reviews": (
        "cases about that: what was found, who decides until when, and what was decided and why",
        "Fälle dazu: was gefunden wurde, bis wann und was warum entschieden wurde",
        "les dossiers à ce sujet : ce qui a été trouvé, jusqu'à quand on décide, quoi et pourquoi",
    ),
    "review_statements": (
        "what you were asked in these cases, and what you wrote",
        "was Sie in diesen Fällen gefragt wurden, und was Sie geschrieben haben",
        "ce que l'on vous a demandé dans ces dossiers, et ce que vous avez écrit",
    ),
    "questions_for_brands": (
        "when you asked customers something in a case for these brands",
        "wann Sie für diese Marken in einem Fall Kunden etwas gefragt haben",
        "quand vous avez demandé quelque chose à des clients dans un dossier pour ces marques",
    ),
}
"""In English, German and French."""
