"""How numbers, sentences and worked lines are written in each language; whole numbers only."""

import re
from collections.abc import Mapping

from rewards.explain_notes import WORDS
from rewards.explain_texts import SENTENCES, Key, Language, Word
from rewards.money import WHOLE, text, text_of_parts
from rewards.schedule import Band

GROUP = "\u202f"
"""Between groups of three digits, where a number has five or more: a narrow no-break space."""

_DIFFERENCES = {
    Key.CODE_GRANTED: ("payable_minor", "value_minor", "left_minor"),
    Key.CODE_ABOVE_PAYABLE: ("value_minor", "payable_minor", "short_minor"),
}
"""Which numbers of a code are subtracted in its worked line."""

_POINT = {Language.ENGLISH: ".", Language.GERMAN: ",", Language.FRENCH: ","}


def percent(basis_points: int, language: Language = Language.ENGLISH) -> str:
    """Write basis points as a percentage: ``4 %``, ``4.5 %``, ``4.25 %``."""
    whole, rest = divmod(basis_points, 100)
    return _in(language, f"{whole}.{rest:02}".rstrip("0").rstrip(".")) + " %"


def plain(minor: int, currency: str, language: Language) -> str:
    """Write an amount without its currency, as the language does: ``12 345,60``."""
    return _in(language, text(minor, currency))


def exact(parts: int, currency: str, language: Language) -> str:
    """Write ten-thousandths of a minor unit with all their decimals."""
    return _in(language, text_of_parts(parts, currency))


def filled(
    template: str, numbers: Mapping[str, int], currency: str, language: Language, **words: str
) -> str:
    """Fill a template with numbers, each written as the ending of its name demands."""
    written = {name: _written(name, numbers[name], currency, language) for name in numbers}
    return template.format(**written, **words)


def sentence(key: Key, numbers: Mapping[str, int], currency: str, language: Language) -> str:
    """Write the sentence of a key."""
    return filled(SENTENCES[language][key], numbers, currency, language)


def worked(
    key: Key,
    numbers: Mapping[str, int],
    bands: tuple[Band, ...],
    currency: str,
    language: Language,
) -> str:
    """Write the sum that a reader can check by hand; empty where there is nothing to compute."""
    if "reward_parts" in numbers:
        return _worked_reward(numbers, bands, currency, language)
    if "worth_minor" in numbers:
        return _worked_order(numbers, currency, language)
    names = _DIFFERENCES.get(key)
    return _difference(names, numbers, currency, language) if names else ""


def _in(language: Language, number: str) -> str:
    """Write a plain decimal with the point and the groups of a language."""
    whole, point, decimals = number.partition(".")
    if len(whole.lstrip("-")) > len("1000"):
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", GROUP, whole)
    return whole + (_POINT[language] if point else "") + decimals


def _written(name: str, number: int, currency: str, language: Language) -> str:
    if name.endswith("_basis_points"):
        return percent(number, language)
    if name.endswith("_minor"):
        return f"{plain(number, currency, language)} {currency}"
    if name.endswith("_parts"):
        return f"{exact(number, currency, language)} {currency}"
    return str(number)


def _worked_reward(
    numbers: Mapping[str, int], bands: tuple[Band, ...], currency: str, language: Language
) -> str:
    """Write ``4 % x 60.00 + 6 % x 180.00 = 13.20; 13.20 - 2.40 = 10.80 EUR``."""
    branch, children, own = (
        exact(numbers[name], currency, language)
        for name in ("branch_reward_parts", "children_reward_parts", "reward_parts")
    )
    sums = " + ".join(
        f"{percent(band.rate_basis_points, language)} x"
        f" {plain(band.credit_minor, currency, language)}"
        for band in bands
    )
    line = f"{sums or '0'} = {branch}"
    if numbers["children_reward_parts"]:
        line += f"; {branch} - {children} = {own}"
    if numbers["reward_parts"] % WHOLE:
        down = WORDS[language][Word.ROUNDED_DOWN]
        line += f", {down} {plain(numbers['earned_minor'], currency, language)}"
    return f"{line} {currency}"


def _worked_order(numbers: Mapping[str, int], currency: str, language: Language) -> str:
    """Write ``50 % of 120.01 less 40.00 EUR, rounded down = 40.00, credited 33.33``."""
    words = WORDS[language]

    def amount(name: str) -> str:
        return plain(numbers[name], currency, language)

    left = amount("net_minor")
    if numbers["refunded_minor"]:
        left += f" {words[Word.LESS]} {amount('refunded_minor')}"
    weight = numbers["weight_basis_points"]
    line = f"{percent(weight, language)} {words[Word.OF]} {left} {currency}"
    if (numbers["net_minor"] - numbers["refunded_minor"]) * weight % WHOLE:
        line += f", {words[Word.ROUNDED_DOWN]}"
    credited = f"{words[Word.CREDITED]} {amount('credited_minor')}"
    return f"{line} = {amount('worth_minor')}, {credited}"


def _difference(
    names: tuple[str, str, str], numbers: Mapping[str, int], currency: str, language: Language
) -> str:
    """Write ``13.20 - 5.00 = 8.20 EUR``."""
    whole, part, rest = (plain(numbers[name], currency, language) for name in names)
    return f"{whole} - {part} = {rest} {currency}"
