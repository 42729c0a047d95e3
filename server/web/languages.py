"""Which language a page speaks, and how a sentence is said in it.

The reader's own choice comes first, then the languages of their browser, then English.  The pages
of brands and the documents of the APIs speak English.  Catalogues are the ``.po`` files as people
write them; each is compiled in memory when its language is first asked for.
"""

import io
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from babel.messages import mofile, pofile
from babel.support import Translations
from flask import Blueprint, Flask, Response, g, has_request_context, redirect, request
from flask_babel import Babel, Domain, get_locale, refresh
from werkzeug.wrappers import Response as Answer

from rewards.explain import Language
from rewards.explain_words import plain
from rewards.money import Money
from server.errors import CodeRefused, NotFound, ProductError
from server.services.languages import accepted
from server.settings import Settings
from server.web import paths
from server.web.database import settings

CATALOGUES = Path(__file__).parents[1] / "translations"
NAMES = {Language.ENGLISH: "English", Language.GERMAN: "Deutsch", Language.FRENCH: "Français"}
"""What each language calls itself."""

CHOICE_SECONDS = 365 * 24 * 3600
_ENGLISH_ONLY = re.compile(r"/(api|brands|docs)(/|$)|/problems$|/oauth/(token|revoke)$")

bp = Blueprint("languages", __name__)


class _Catalogues(Domain):  # type: ignore[misc]
    """Our catalogues, as Flask-Babel asks for them."""

    def get_translations(self) -> Translations:
        """Return the catalogue of the page that is being written."""
        return catalogue(current())


def init_app(app: Flask) -> None:
    """Let pages choose their language, and say with every page which one it is."""
    babel = Babel(app, default_locale=Language.ENGLISH, locale_selector=_wanted)
    babel.domain_instance = _Catalogues()
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update(said=said)
    app.jinja_env.globals.update(
        language=current, language_choices=choices, is_translated=is_translated
    )
    app.register_blueprint(bp)
    app.after_request(_name_language)


@lru_cache
def catalogue(language: Language) -> Translations:
    """Return every sentence in a language; English sentences are their own names."""
    if language is Language.ENGLISH:
        return Translations()
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        written = pofile.read_po(file, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, written)
    compiled.seek(0)
    return Translations(compiled)


def current() -> Language:
    """Return the language of the page that is being written; English where there is no page."""
    return Language(str(get_locale())) if has_request_context() else Language.ENGLISH


def speak(language: Language) -> None:
    """Answer this request in this language, whatever its reader prefers."""
    g.language = language
    refresh()


def answer_in(asked: Language | None) -> None:
    """Answer a program in the language that it names, or else in one of its Accept-Language."""
    speak(asked or _accepted())


def is_translated() -> bool:
    """Tell whether this page comes in every language."""
    return "language" not in g and not _ENGLISH_ONLY.match(request.path)


def said(sentence: str, **values: object) -> str:
    """Return a constant sentence in the page's language, its ``{names}`` filled with values."""
    words: str = catalogue(current()).gettext(sentence)
    if not values:
        return words
    return words.format(**{name: _written(value) for name, value in values.items()})


def told(error: ProductError) -> str:
    """Return what an error says in the page's language; nothing if it is only known in English."""
    if isinstance(error, CodeRefused):
        return error.sentences[current()]
    return known(error.sentence, **error.values)


def known(sentence: str, **values: object) -> str:
    """Return a sentence in the page's language; nothing if it is only known in English."""
    language = current()
    is_known = language is Language.ENGLISH or catalogue(language).gettext(sentence) != sentence
    return said(sentence, **values) if is_known else ""


def choices() -> list[tuple[Language, str, str]]:
    """Return each language with its own name, and the address that chooses it and leads back."""
    is_opened = request.method == "GET" and not request.path.endswith("/callback")
    back = quote(paths.here() if is_opened and paths.is_own(paths.here()) else "/", safe="")
    return [(code, name, f"/language/{code}?next={back}") for code, name in NAMES.items()]


@bp.get("/language/<code>")
def choose(code: str) -> Answer:
    """Remember the language that somebody chose, in this browser alone, and lead them back."""
    if code not in NAMES:
        raise NotFound("This site does not speak this language.")
    target = request.args.get("next", "/")
    answer = redirect(target if paths.is_own(target) else "/", 303)
    answer.set_cookie(
        _cookie_name(settings()),
        code,
        max_age=CHOICE_SECONDS,
        secure=settings().is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _wanted() -> str:
    """Return the language for this request."""
    if not is_translated():
        return str(g.get("language", Language.ENGLISH))
    chosen = request.cookies.get(_cookie_name(settings()), "")
    return chosen if chosen in NAMES else _accepted()


def _accepted() -> Language:
    return accepted(request.headers.get("Accept-Language", ""))


def _name_language(response: Response) -> Response:
    """Say which language an answer speaks, and what that depends on."""
    is_page = response.mimetype == "text/html" and response.location is None
    if is_page or "language" in g:
        response.content_language.add(current())
        response.vary.add("Accept-Language")
    if is_page:
        response.vary.add("Cookie")
    return response


def _cookie_name(config: Settings) -> str:
    return "__Host-fanfare_language" if config.is_secure else "fanfare_language"


def _written(value: object) -> object:
    """Write a value as the page's language does."""
    if isinstance(value, Money):
        return f"{plain(value.minor, value.currency, current())} {value.currency}"
    return value
