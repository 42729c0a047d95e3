"""The form that a question is written in; what was typed stays as it was typed."""

import re

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from rewards.explain import Language
from server.errors import Invalid
from server.services.question_words import QuestionDraft, Words
from server.services.questions import QuestionView
from server.web import forms
from server.web.languages import NAMES

PARTS = ("title", "choices", "groups", "purpose", "benefit")
"""What is written in each language."""

_GROUP = re.compile(r"([^:]+):\s*(\d{1,2}(?:\s*,\s*\d{1,2})*)\s*")


class QuestionForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """What a brand decides about a question, as text."""

    field = StringField("Name of the field")
    kind = StringField("What it asks about")
    retention_days = StringField("Keep answers for")

    @classmethod
    def of(cls, question: QuestionView) -> "QuestionForm":
        """Return the form of a question that exists."""
        typed = {
            "field": question.field,
            "kind": question.kind,
            "retention_days": str(question.retention_days),
        }
        for language, words in question.words.items():
            typed[f"title_{language}"] = words.title
            typed[f"choices_{language}"] = "\n".join(words.choices)
            typed[f"groups_{language}"] = "\n".join(
                f"{name}: {', '.join(str(choice + 1) for choice in group)}"
                for name, group in zip(words.group_names, question.groups, strict=True)
            )
            typed[f"purpose_{language}"] = words.purpose
            typed[f"benefit_{language}"] = words.benefit
        return cls(**typed)

    def wanted(self) -> QuestionDraft | None:
        """Return what was typed as values, or None after noting at each field what is wrong."""
        self.validate()
        try:
            days = forms.days(self.typed("retention_days"))
        except Invalid as error:
            self.note("retention_days", str(error))
            days = 0
        written = [code for code in Language if any(self.typed(f"{p}_{code}") for p in PARTS)]
        groups = {code: self._groups(code) for code in written}
        several = {tuple(group for _, group in found) for found in groups.values()}
        if len(several) > 1:
            self.note("groups_en", "Put the same choices together in every language.")
        if self.errors:
            return None
        return QuestionDraft(
            field=self.typed("field"),
            kind=self.typed("kind"),
            words={code: self._words(code, groups[code]) for code in written},
            retention_days=days,
            groups=several.pop() if several else (),
        )

    def typed(self, name: str) -> str:
        """Return what was typed into a field, without what surrounds it."""
        return (self[name].data or "").strip()

    def note(self, field: str, sentence: str) -> None:
        """Say at a field what is wrong with it; what is wrong in every language, at the first."""
        name = field if field in self._fields else f"{field}_{Language.ENGLISH}"
        self[name].errors = (*self[name].errors, sentence)

    def _words(self, code: str, groups: list[tuple[str, tuple[int, ...]]]) -> Words:
        return Words(
            title=self.typed(f"title_{code}"),
            choices=tuple(self._lines(f"choices_{code}")),
            purpose=self.typed(f"purpose_{code}"),
            benefit=self.typed(f"benefit_{code}"),
            group_names=tuple(name for name, _ in groups),
        )

    def _groups(self, code: str) -> list[tuple[str, tuple[int, ...]]]:
        found = []
        for line in self._lines(f"groups_{code}"):
            match = _GROUP.fullmatch(line)
            if match is None:
                self.note(f"groups_{code}", f"Write '{line}' like this: small: 1, 2")
                continue
            numbers = tuple(int(number) - 1 for number in match[2].split(","))
            found.append((match[1].strip(), numbers))
        return found

    def _lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.typed(name).splitlines() if line.strip()]


def _add_languages(form: type[QuestionForm]) -> None:
    """Give the form its fields in each language."""
    for code in Language:
        name = NAMES[code]
        for part, label, kind in (
            ("title", "Question", StringField),
            ("choices", "Choices", TextAreaField),
            ("groups", "Coarser version", TextAreaField),
            ("purpose", "Purpose", StringField),
            ("benefit", "Benefit", StringField),
        ):
            setattr(form, f"{part}_{code}", kind(f"{label} ({name})"))


_add_languages(QuestionForm)
