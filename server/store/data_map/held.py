"""The words of the data map: what one entry says about one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class About(StrEnum):
    """Whom the rows of a table are about."""

    CUSTOMER = "customer"
    FRIEND = "friend"
    BUYER = "buyer"
    TEAM = "team"
    BRAND = "brand"
    NOBODY = "nobody"


PEOPLE = frozenset({About.CUSTOMER, About.FRIEND, About.BUYER, About.TEAM})


class SeenBy(StrEnum):
    """Who is shown something of a table by pages and APIs."""

    PERSON = "the person"
    TEAM = "the brand's team"
    PARTNERS = "partners"
    OPERATOR = "operator"
    NOBODY = "nobody"


class Rule(StrEnum):
    """What decides when a row goes."""

    PERIOD = "period"
    ALONG = "along"
    ERASURE = "erasure"
    MONEY_FACT = "money fact"
    WHILE_IT_EXISTS = "while it exists"


@dataclass(frozen=True, slots=True)
class Sooner:
    """Columns that are emptied ``after`` a shorter time than their row; its forgetter does it."""

    after: timedelta
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when rows stay; made by the functions below.

    With a period a row goes ``after`` the latest moment in ``since``, of which the first column
    must be set; rows with the values of ``unless`` stay, and rows that others refer to.  Where more
    than deleting is to be done, ``does`` names the forgetter in ``services/retention.py``.
    ``along`` is the column that names the row with which it goes.
    """

    rule: Rule
    words: str
    since: tuple[str, ...] = ()
    after: timedelta = timedelta()
    unless: Mapping[str, str] = field(default_factory=dict)
    along: str | None = None
    does: str | None = None
    sooner: Sooner | None = None


def period(
    after: timedelta,
    *since: str,
    words: str,
    unless: Mapping[str, str] | None = None,
    does: str | None = None,
    sooner: Sooner | None = None,
) -> Kept:
    """Keep rows for a while after the latest of some columns; the job of retention deletes them."""
    return Kept(Rule.PERIOD, words, since, after, unless or {}, does=does, sooner=sooner)


def along(column: str, *, words: str) -> Kept:
    """Keep rows as long as the row that this column names."""
    return Kept(Rule.ALONG, words, along=column)


def erasure(words: str = "until the person erases it") -> Kept:
    """Keep rows until the person erases what is held about them."""
    return Kept(Rule.ERASURE, words)


def money_fact(words: str = "10 years, as tax law asks for books; without the person") -> Kept:
    """Keep rows as the law of taxes asks; nothing deletes them by itself."""
    return Kept(Rule.MONEY_FACT, words)


def while_it_exists(words: str) -> Kept:
    """Keep rows as long as what they describe is in use."""
    return Kept(Rule.WHILE_IT_EXISTS, words)


class Erasing(StrEnum):
    """What becomes of rows when the person whom they are about erases everything."""

    DELETE = "delete"
    BLANK = "blank"
    STAY = "stay"


@dataclass(frozen=True, slots=True)
class OnErase:
    """What erasing does to the rows of one person: delete them, blank columns, or leave them."""

    what: Erasing
    why: str
    columns: tuple[str, ...] = ()


def deleted(why: str = "nothing else stands on it") -> OnErase:
    """Delete the rows."""
    return OnErase(Erasing.DELETE, why)


def blanked(*columns: str, why: str) -> OnErase:
    """Empty these columns, or fill them with what leads to nobody; the rows stay, ``why``."""
    return OnErase(Erasing.BLANK, why, columns)


def stays(why: str) -> OnErase:
    """Leave the rows as they are."""
    return OnErase(Erasing.STAY, why)


@dataclass(frozen=True, slots=True)
class Held:
    """One table: whom it is about, why, until when, who sees it, and every column in words.

    A column of text, JSON or bytes is either in ``personal``, because it can lead to a person, or
    in ``harmless`` with the reason why it cannot.
    """

    table: str
    about: About
    why: str
    until: Kept
    seen_by: tuple[SeenBy, ...]
    on_erase: OnErase
    exported: bool | str
    """Whether the person's export holds it; else the reason why not."""
    fields: Mapping[str, str]
    personal: tuple[str, ...] = ()
    harmless: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_about_people(self) -> bool:
        """Whether its rows are about people."""
        return self.about in PEOPLE


def because(why: str, *columns: str) -> dict[str, str]:
    """Say of several columns at once why they lead to nobody."""
    return dict.fromkeys(columns, why)


FIXED = "one of a fixed list of words"
RANDOM = "random, and of a thing, not of a person"
BRANDS_OWN = "the brand's own words or address"
NO_PEOPLE = "the table knows no person"
NOT_ABOUT_A_PERSON = "it is not about a person"
