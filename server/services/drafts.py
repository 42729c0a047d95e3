"""What a brand decides about an offer, and whether it can work."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from rewards.errors import TermsInvalid
from rewards.money import LARGEST_MINOR
from rewards.terms import Terms, default_terms
from server.errors import FieldInvalid
from server.settings import LOOPBACK
from server.store.offers import Landing

LOWEST_CEILING, HIGHEST_CEILING = 100, 5_000
LOWEST_CODE_RATE, HIGHEST_CODE_RATE = 100, 9_000
RETURN_DAYS_MAX = 365
_ADDRESS = re.compile(r"https?://[!-~]+")
"""Visible ASCII only: what else there is, browsers write with percent signs."""

TITLE_MAX, PAGE_URL_MAX, SHARE_TEXT_MAX = 80, 500, 280


@dataclass(frozen=True, slots=True)
class Draft:
    """What a brand decides about an offer; amounts in minor units of the brand's currency.

    Codes give their value off; with ``code_rate_basis_points`` they give that share of an order, up
    to their value.  ``code_min_order_minor`` is the smallest order for a code.  ``landing`` says
    where links lead first: to the brand's page, or to the card.
    """

    title: str
    page_url: str
    share_text: str
    average_order_minor: int
    ceiling_basis_points: int
    budget_minor: int
    min_grant_minor: int
    return_days: int
    code_rate_basis_points: int | None = None
    code_min_order_minor: int = 0
    landing: str = Landing.PAGE


def terms(wanted: Draft, *, currency: str) -> Terms:
    """Return the terms that a draft would freeze.

    Raises:
        FieldInvalid: no schedule can be made of these amounts.
    """
    try:
        made = default_terms(
            currency=currency,
            average_order_minor=wanted.average_order_minor,
            ceiling_basis_points=wanted.ceiling_basis_points,
        )
    except TermsInvalid as error:
        raise FieldInvalid("average_order", str(error)) from error
    return replace(made, min_grant_minor=wanted.min_grant_minor, return_days=wanted.return_days)


def check(wanted: Draft, *, hosts: set[str]) -> None:
    """Refuse what a customer or the money could stumble over, field by field.

    ``hosts`` are those that the brand owns.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.
    """
    if not 0 < len(wanted.title.strip()) <= TITLE_MAX:
        raise FieldInvalid("title", f"Give the offer a title of at most {TITLE_MAX} characters.")
    if len(wanted.share_text) > SHARE_TEXT_MAX:
        raise FieldInvalid("share_text", f"Keep the text within {SHARE_TEXT_MAX} characters.")
    if len(wanted.page_url) > PAGE_URL_MAX:
        raise FieldInvalid("page_url", f"Keep the address within {PAGE_URL_MAX} characters.")
    _check_page(wanted.page_url, hosts)
    _check_landing(wanted.landing)
    for field, value, low, high in (
        ("average_order", wanted.average_order_minor, 1, LARGEST_MINOR // 16),
        ("budget", wanted.budget_minor, 1, LARGEST_MINOR),
        ("min_grant", wanted.min_grant_minor, 1, LARGEST_MINOR),
    ):
        if not low <= value <= high:
            raise FieldInvalid(field, "Give an amount above zero, and not beyond all bounds.")
    if not LOWEST_CEILING <= wanted.ceiling_basis_points <= HIGHEST_CEILING:
        raise FieldInvalid("ceiling", "Let the highest rate lie between 1 % and 50 %.")
    rate = wanted.code_rate_basis_points
    if rate is not None and not LOWEST_CODE_RATE <= rate <= HIGHEST_CODE_RATE:
        raise FieldInvalid("code_rate", "Let codes give between 1 % and 90 % off.")
    if not 0 <= wanted.code_min_order_minor <= LARGEST_MINOR:
        raise FieldInvalid("code_min_order", "Give an amount, or nothing for any order.")
    if not 0 <= wanted.return_days <= RETURN_DAYS_MAX:
        raise FieldInvalid("return_days", "Let the return window lie between 0 and 365 days.")


def _check_landing(landing: str) -> None:
    if landing not in set(Landing):
        raise FieldInvalid("landing", "Choose where links lead first.")


def _check_page(page_url: str, hosts: set[str]) -> None:
    """Refuse an address that is none, or not one of the brand's own."""
    sentence = (
        "Give the full address of the page as your browser shows it, beginning with https://."
    )
    if not _ADDRESS.fullmatch(page_url):
        raise FieldInvalid("page_url", sentence)
    try:
        parts = urlsplit(page_url)
    except ValueError as error:
        raise FieldInvalid("page_url", sentence) from error
    is_own_machine = parts.scheme == "http" and parts.hostname in LOOPBACK
    if (parts.scheme != "https" and not is_own_machine) or parts.username is not None:
        raise FieldInvalid("page_url", sentence)
    if parts.netloc.lower() not in hosts:
        known = ", ".join(sorted(hosts)) or "none yet"
        raise FieldInvalid("page_url", f"The page must lie on a domain of the brand ({known}).")
