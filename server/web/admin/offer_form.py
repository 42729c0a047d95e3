"""The form that a draft is written in; what was typed stays as it was typed."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField

from rewards import explain
from rewards.money import text
from server.errors import Invalid
from server.services.drafts import Draft
from server.services.offers import OfferView
from server.store.offers import Landing
from server.web import forms

LONGEST = {"title": 80, "page_url": 500, "share_text": 280}
"""What the table keeps, in characters."""

LANDINGS = {
    Landing.PAGE: "Straight to your page",
    Landing.CARD: "To a card first, which says who sent it and what they earn",
}
"""Where links can lead first, in the words of the form."""

USUAL_CEILING_BASIS_POINTS = 1_000
USUAL_LEAST_CODE_MINOR = 500
USUAL_RETURN_DAYS = 14


class OfferForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """What a brand decides about an offer, as text."""

    title = StringField("Title")
    page_url = StringField("Page to share")
    share_text = TextAreaField("Text to share")
    landing = StringField("Where links lead", default=Landing.PAGE)
    landings = LANDINGS
    average_order = StringField("Average order")
    ceiling = StringField("Highest rate")
    budget = StringField("Budget")
    min_grant = StringField("Smallest code")
    return_days = StringField("Return window")
    code_rate = StringField("Codes give a share")
    code_min_order = StringField("Smallest order for a code")

    @classmethod
    def usual(cls, currency: str) -> "OfferForm":
        """Return the form of a new offer, with what suits most brands."""
        return cls(
            ceiling=_percent(USUAL_CEILING_BASIS_POINTS),
            min_grant=text(USUAL_LEAST_CODE_MINOR, currency),
            return_days=str(USUAL_RETURN_DAYS),
        )

    @classmethod
    def of(cls, offer: OfferView) -> "OfferForm":
        """Return the form of an offer that exists."""
        terms = offer.terms
        return cls(
            title=offer.title,
            page_url=offer.page_url,
            share_text=offer.share_text,
            landing=offer.landing,
            average_order=text(terms.average_order_minor, offer.currency),
            ceiling=_percent(terms.schedule.ceiling_basis_points),
            budget=text(offer.budget_minor, offer.currency),
            min_grant=text(terms.min_grant_minor, offer.currency),
            return_days=str(terms.return_days),
            code_rate=_percent(offer.code_rate_basis_points)
            if offer.code_rate_basis_points
            else "",
            code_min_order=text(offer.code_min_order_minor, offer.currency)
            if offer.code_min_order_minor
            else "",
        )

    def wanted(self, currency: str) -> Draft | None:
        """Return what was typed as values, or None after noting at each field what is wrong."""
        self.validate()
        for name, most in LONGEST.items():
            self._check_text(name, most)
        if not _typed(self.title):
            self.note("title", "Give the offer a title.")
        self._check_address()
        average = self._read(self.average_order, lambda typed: forms.amount(typed, currency))
        ceiling = self._read(self.ceiling, forms.basis_points)
        budget = self._read(self.budget, lambda typed: forms.amount(typed, currency))
        least = self._read(self.min_grant, lambda typed: forms.amount(typed, currency))
        days = self._read(self.return_days, forms.days)
        rate = self._read(self.code_rate, forms.basis_points) if _typed(self.code_rate) else None
        smallest = (
            self._read(self.code_min_order, lambda typed: forms.amount(typed, currency))
            if _typed(self.code_min_order)
            else 0
        )
        if self.errors:
            return None
        return Draft(
            title=_typed(self.title),
            page_url=_typed(self.page_url),
            share_text=_typed(self.share_text),
            landing=_typed(self.landing),
            average_order_minor=average,
            ceiling_basis_points=ceiling,
            budget_minor=budget,
            min_grant_minor=least,
            return_days=days,
            code_rate_basis_points=rate,
            code_min_order_minor=smallest,
        )

    def note(self, field: str, sentence: str) -> None:
        """Say at a field what is wrong with it."""
        self[field].errors = (*self[field].errors, sentence)

    def _check_text(self, name: str, most: int) -> None:
        typed = _typed(self[name])
        if len(typed) > most:
            self.note(name, f"Use at most {most} characters; these are {len(typed)}.")

    def _check_address(self) -> None:
        if not _typed(self.page_url):
            self.note("page_url", "Give the full address of the page, beginning with https://.")
        try:
            urlsplit(_typed(self.page_url))
        except ValueError:  # such as an unfinished IPv6 address
            self.note("page_url", "This is no address; copy it from your browser.")

    def _read(self, field: Field, read: Callable[[str], int]) -> int:
        try:
            return read(_typed(field))
        except Invalid as error:
            self.note(field.name, str(error))
            return 0


def _typed(field: Field) -> str:
    return (field.data or "").strip()


def _percent(basis_points: int) -> str:
    return explain.percent(basis_points).removesuffix(" %")
