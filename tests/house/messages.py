"""Everything that customers and friends read on the site, as one catalogue of English sentences.

``make translations`` brings the catalogues of the other languages up to date with it: new
sentences appear untranslated, changed ones as fuzzy, and what nobody says any more goes.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message, pofile
from babel.messages.extract import extract_from_file

from rewards.explain import Language
from server.services import channels, clients
from server.web import advice, languages, problems
from server.web.languages import NAMES
from tests.house.code import ROOT

SERVER = ROOT / "server"
CATALOGUES = {
    language: languages.CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    for language in Language
    if language is not Language.ENGLISH
}
TEMPLATES = sorted(
    path
    for path in (SERVER / "templates").rglob("*.html")
    if path.parent.name != "admin" and path.name not in {"docs.html", "problem_kinds.html"}
)
"""What people read who are no brand and no programmer: those two read English."""
SPEAKING = [
    *(SERVER / "web" / name for name in ("authorization.py", "forms.py", "languages.py")),
    *(SERVER / "web" / name for name in ("login.py", "pages.py", "problems.py", "sessions.py")),
    *sorted((SERVER / "web" / "customer").glob("*.py")),
    *sorted((SERVER / "web" / "pictures").glob("*.py")),
    *(SERVER / "web" / "oauth" / name for name in ("grants.py", "server.py")),
    *(SERVER / "services" / name for name in ("authorizations.py", "codes.py", "consents.py")),
    *(SERVER / "services" / name for name in ("referrals.py", "shares.py", "sign_ins.py")),
    *(SERVER / "services" / name for name in ("answers.py", "withdrawals.py")),
    *(SERVER / "services" / name for name in ("erasures.py", "privacy_requests.py")),
    *(SERVER / "services" / name for name in ("device_keys.py", "in_person.py", "meetings.py")),
    *(SERVER / "services" / name for name in ("conversations.py", "conversation_rules.py")),
    SERVER / "services" / "inboxes.py",
    SERVER / "store" / "consents.py",
    *(SERVER / "services" / name for name in ("attribution_log.py", "attribution_words.py")),
    *(SERVER / "services" / name for name in ("data_exports.py", "my_data.py")),
    *(SERVER / "services" / name for name in ("my_data_groups.py", "my_data_words.py")),
    *(SERVER / "services" / name for name in ("content_shelves.py", "share_names.py")),
    *(SERVER / "services" / name for name in ("hold_words.py", "own_cases.py", "typed_words.py")),
    SERVER / "services" / "my_data_review_words.py",
    SERVER / "gateways" / "uploads.py",
    SERVER / "web" / "extension" / "offers.py",
    SERVER / "gateways" / "providers.py",
]
"""Modules whose sentences, in what they return or raise, can stand on such a page."""

_ERRORS = (
    *("AlreadyReferred", "Conflict", "ConsentMissing", "ContentLocked", "EventTaken"),
    *("Gone", "Invalid"),
    *("InvalidRequestError", "NotAllowed", "NotFound", "TimesInvalid", "Unavailable"),
)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "said": None,
    "say": None,
    "ClaimRefused": (2,),
    "FieldInvalid": (2,),
    "GrantRefused": (2,),
    **dict.fromkeys(_ERRORS),
}
"""Where sentences stand: in calls that say them, and in errors that carry them."""

_PASSING = tuple(
    f'"{name}'.encode()
    for name in (
        *("Generated-By", "Language-Team", "Last-Translator", "PO-Revision-Date"),
        *("POT-Creation-Date", "Project-Id-Version", "Report-Msgid-Bugs-To"),
    )
)
"""Lines of a catalogue's head that say nothing here."""
_JINJA = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def tables() -> Iterator[tuple[str, str]]:
    """Return the sentences that stand in tables, each with the module of its table."""
    for slug, kind in advice.by_slug().items():
        if slug not in advice.MET_BY_PEOPLE:
            continue
        yield "server/web/problems.py", kind.title
        yield "server/web/advice.py", advice.ADVICE[kind.slug].meaning
        yield "server/web/advice.py", advice.ADVICE[kind.slug].next
    for sentence in (problems.NO_DATABASE, problems.NOTED):
        yield "server/web/problems.py", sentence
    yield "server/services/clients.py", clients.EXTENSION_TITLE
    for sentence in clients.APP_SCOPES.values():
        yield "server/services/clients.py", sentence
    for channel in channels.CHANNELS.values():
        yield "server/services/channels.py", channel.title


def extracted() -> Catalog:
    """Return every sentence that is marked, raised or listed."""
    found = Catalog(project="Fanfare")
    for path in TEMPLATES:
        _read(found, path, "jinja2.ext:babel_extract", _JINJA)
    for path in SPEAKING:
        _read(found, path, "python", {})
    for name, sentence in tables():
        found.add(sentence, locations=[(name, 0)])
    return found


def read(language: Language) -> Catalog:
    """Return the catalogue of a language, as it is written."""
    with CATALOGUES[language].open("rb") as file:
        return pofile.read_po(file, locale=language)


def main() -> None:
    """Bring the catalogues up to date, and say what is left to translate."""
    wanted = extracted()
    for language, path in CATALOGUES.items():
        written = read(language) if path.exists() else Catalog(locale=language)
        written.update(wanted)
        write(written, path)
        left = sum(message.fuzzy or not all(said_by(message)) for message in sentences(written))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {left} of {len(written)} to translate\n")


def sentences(catalogue: Catalog) -> list[Message]:
    """Return the messages of a catalogue without its head."""
    return [message for message in catalogue if message.id]


def said_by(message: Message) -> tuple[str, ...]:
    """Return what a message says, in each number."""
    said = message.string
    return tuple(said) if isinstance(said, tuple | list) else (said,)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue without what would change with each run."""
    catalogue.fuzzy = False
    catalogue.header_comment = f"# {NAMES[Language(catalogue.locale.language)]}: see docs/HOWTO.md"
    file = io.BytesIO()
    pofile.write_po(
        file, catalogue, width=100, sort_by_file=True, include_lineno=False, ignore_obsolete=True
    )
    lines = file.getvalue().splitlines(keepends=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(_PASSING)))


def _read(found: Catalog, path: Path, method: str, options: dict[str, str]) -> None:
    name = str(path.relative_to(ROOT))
    for _line, message, _comments, context in extract_from_file(
        method, path, KEYWORDS, (), options
    ):
        found.add(message, locations=[(name, 0)], context=context)


if __name__ == "__main__":
    main()
