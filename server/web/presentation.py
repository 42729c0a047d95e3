"""How values look on a page, in its language: filters and names for every template."""

import re
from datetime import UTC, datetime

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from flask_login import current_user
from jinja2 import StrictUndefined
from markupsafe import Markup

from rewards import explain, explain_words
from rewards.explain import Explanation, Language
from rewards.explain_words import plain
from server.gateways.media_types import EXTENSIONS
from server.services.sentences import Sentence
from server.web import languages
from server.web.advice import advice_for

NO_BREAK = "\u00a0"
_DATES = {Language.ENGLISH: "en_GB"}
"""Where dates are written otherwise than the name of the language says."""


def init_app(app: Flask) -> None:
    """Give every template its filters; a name that a template does not get is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        amount=amount,
        words=words,
        name=name,
        money=money,
        exact=exact,
        percent=percent,
        moment=moment,
        day=day,
        file_kind=file_kind,
        file_size=file_size,
        count=count,
        points=points,
        sentence=sentence,
        spoken=spoken,
        worked=worked,
    )
    app.jinja_env.globals.update(is_signed_in=is_signed_in, advice_for=advice_for)


def is_signed_in() -> bool:
    """Return whether this browser belongs to a member."""
    return bool(current_user.is_authenticated)


def amount(minor: int, currency: str) -> str:
    """Write an amount without its currency, in groups of three from five digits on."""
    return plain(minor, currency, languages.current())


def money(minor: int, currency: str) -> str:
    """Write an amount with its currency, which never stands alone on the next line."""
    return f"{amount(minor, currency)}{NO_BREAK}{currency}"


def exact(parts: int, currency: str) -> str:
    """Write ten-thousandths of a minor unit with as many decimals as there are."""
    return explain_words.exact(parts, currency, languages.current())


def percent(basis_points: int) -> str:
    """Write basis points as a percentage that never breaks: ``4.5 %``."""
    return explain.percent(basis_points, languages.current()).replace(" ", NO_BREAK)


def name(of: str) -> Markup:
    """Write a name of programs so that a narrow screen breaks it between its words only."""
    return Markup("<wbr>").join(re.findall(r"[^_/]+[_/]?|[_/]", of))


def words(sentence: str) -> Markup:
    """Write a sentence whose `names` are names of programs."""
    parts = re.split(r"`+([^`]+)`+", sentence)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def points(hundredths: int) -> str:
    """Write hundredths of points as people do: ``2``, ``2.5``, in German and French ``2,5``."""
    plainly = f"{hundredths // 100}.{hundredths % 100:02}".rstrip("0").rstrip(".")
    is_english = languages.current() is Language.ENGLISH
    return plainly if is_english else plainly.replace(".", ",")


def file_kind(media_type: str) -> str:
    """Write what kind of file it is, as people call it: PDF, MP3."""
    return EXTENSIONS[media_type].upper()


def file_size(octets: int) -> str:
    """Write how large a file is, in whole kilobytes, never as nothing."""
    kilobytes = format_decimal(-(-octets // 1000), locale=languages.current())
    return f"{kilobytes}{NO_BREAK}kB"


def count(number: int, one: str, many: str) -> str:
    """Write a number with its English noun: ``1 order``, ``3 orders``."""
    return f"{number}{NO_BREAK}{one if number == 1 else many}"


def sentence(explanation: Explanation) -> str:
    """Write why an amount is what it is."""
    return explain.sentence(explanation, languages.current())


def spoken(said: Sentence) -> str:
    """Write a sentence that a service left, in the page's language."""
    values = {name: _spoken_value(value) for name, value in said.values.items()}
    return languages.said(said.words, **values)


def worked(explanation: Explanation) -> str:
    """Write the sum by which a reader can check an amount."""
    return explain.worked(explanation, languages.current())


def moment(at: datetime) -> Markup:
    """Write a moment in UTC, for people and for programs."""
    return _time(at, f"{_date(at)}, {at.astimezone(UTC):%H:%M} UTC")


def day(at: datetime) -> Markup:
    """Write the UTC day of a moment, for people and for programs."""
    return _time(at, _date(at))


def _spoken_value(value: object) -> object:
    if isinstance(value, Sentence):
        return spoken(value)
    return _date(value) if isinstance(value, datetime) else value


def _date(at: datetime) -> str:
    language = languages.current()
    return format_date(at.astimezone(UTC), "long", locale=_DATES.get(language, language))


def _time(at: datetime, words: str) -> Markup:
    stamp = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="{}">{}</time>').format(stamp, words)
