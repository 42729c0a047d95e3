"""The form in which a brand adds exclusive content; what was typed stays as it was typed."""

import re

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from server.services.content_items import ContentDraft
from server.store.content_items import ContentKind

_WHOLE = re.compile(r"\d{1,7}", re.ASCII)
KINDS = {
    ContentKind.MARKDOWN: "A text, written here",
    ContentKind.FILE: "A file",
    ContentKind.LINK: "A link to a page",
}
"""What an item can be, in the words of the form."""


class ContentForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """What a brand gives, in which offer, and what it takes."""

    offer = StringField("Offer")
    title = StringField("Title")
    threshold = StringField("Real visits that unlock it")
    kind = StringField("What it is")
    body = TextAreaField("Text")
    address = StringField("Address")
    file = StringField("File")

    def wanted(self) -> ContentDraft | None:
        """Return what was typed, or None after noting that the form has no good token."""
        if not self.validate():
            return None
        kind = self.typed("kind")
        return ContentDraft(
            offer_public_id=self.typed("offer"),
            title=self.typed("title"),
            kind=kind,
            body=self.typed("address" if kind == ContentKind.LINK else "body"),
            threshold_visits=visits(self.typed("threshold")),
        )

    def typed(self, name: str) -> str:
        """Return what was typed into a field, without what surrounds it."""
        return (self[name].data or "").strip()

    def note(self, field: str, sentence: str) -> None:
        """Say at a field what is wrong with it."""
        self[field].errors = (*self[field].errors, sentence)


def visits(typed: str) -> int:
    """Return a typed number of visits, or 0 for what is none."""
    plain = typed.strip()
    return int(plain) if _WHOLE.fullmatch(plain) else 0


def has_file() -> bool:
    """Tell whether the sent form holds a file."""
    sent = request.files.get("file")
    return sent is not None and bool(sent.filename)
