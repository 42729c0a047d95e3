"""Put the stores' descriptions together from the sentences that the extension itself says.

What the listing, the welcome page and the popup say about rewards and data are the same messages of
``_locales/``; only what else the extension can do stands in ``listing.json``.  Run this after a
change of either; a test compares.
"""

import json
from pathlib import Path

STORE = Path(__file__).parent
LOCALES = STORE.parent / "_locales"

REWARDS = ("disclosureTitle", "disclosure")
RECORDED = ("recorded", "recordedSignIn", "recordedShare", "recordedClaim", "recordedInPerson")
NOT_RECORDED = (
    "notRecorded",
    "recordedNever",
    "welcomeNoChange",
    "welcomeNoPrivate",
    "welcomeStandDown",
)
START = ("welcomeStartTitle", "welcomeStartText")


def languages() -> list[str]:
    """Return the languages that the extension speaks."""
    return sorted(path.name for path in LOCALES.iterdir())


def description(language: str) -> str:
    """Return the long description in a language: the disclosure comes before anything else."""
    messages = json.loads((LOCALES / language / "messages.json").read_text("utf-8"))
    features = json.loads((STORE / "listing.json").read_text("utf-8"))["features"][language]

    def section(title: str, *keys: str) -> str:
        lines = [messages[key]["message"] for key in keys]
        points = lines if len(lines) == 1 else [f"• {line}" for line in lines]
        return "\n".join([messages[title]["message"], *points])

    paragraphs = [
        section("welcomeTitle", "welcomeLead"),
        section(*REWARDS),
        "\n".join(f"• {line}" for line in features),
        section(*RECORDED),
        section(*NOT_RECORDED),
        section(*START),
    ]
    return "\n\n".join(paragraphs) + "\n"


def written(language: str) -> Path:
    """Return where the description in a language is kept."""
    return STORE / f"description.{language}.txt"


if __name__ == "__main__":
    for language in languages():
        written(language).write_text(description(language), "utf-8")
        print(written(language))
