"""What a brand writes about a question, and whether it may be asked at all."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rewards.asks import KEPT_DAYS, Kind
from rewards.explain import Language
from server.errors import FieldInvalid
from server.services import sensitive_words

CHOICES_MIN, CHOICES_MAX = 2, 12
TITLE_MAX, CHOICE_MAX, SENTENCE_MAX, FIELD_MAX = 120, 40, 200, 40
_FIELD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Words:
    """A question in one language: how it is put, what it is for, what it changes."""

    title: str
    choices: tuple[str, ...]
    purpose: str
    benefit: str
    group_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """What a brand decides about a question.

    ``groups`` has the coarser version: each group lists the choices that it stands for.
    """

    field: str
    kind: str
    words: Mapping[str, Words]
    retention_days: int
    groups: tuple[tuple[int, ...], ...] = ()


def check(wanted: QuestionDraft) -> None:
    """Refuse what nobody may be asked, and what a customer could not understand.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.

    """
    if wanted.kind not in set(Kind):
        raise FieldInvalid("kind", "Choose one of the kinds in the list; there are no others.")
    if len(wanted.field) > FIELD_MAX or not _FIELD.fullmatch(wanted.field):
        raise FieldInvalid("field", "Name the field in small letters, like shoe_size.")
    most = KEPT_DAYS[Kind(wanted.kind)]
    if not 1 <= wanted.retention_days <= most:
        raise FieldInvalid("retention_days", f"Keep answers of this kind 1 to {most} days.")
    if not wanted.words:
        raise FieldInvalid("title", "Write the question in at least one language.")
    for language, words in wanted.words.items():
        _check_words(language, words)
    _check_groups(wanted)
    _refuse_sensitive(wanted)


def best(words: Mapping[str, Words], language: str) -> str:
    """Return the language in which to ask: the reader's if it is there, else the first of ours."""
    return language if language in words else next(one for one in Language if one in words)


def to_json(words: Mapping[str, Words]) -> dict[str, Any]:
    """Return words as the table keeps them."""
    return {language: asdict(one) for language, one in words.items()}


def from_json(kept: Mapping[str, Any]) -> dict[str, Words]:
    """Return words as the table keeps them, read back."""
    return {
        language: Words(
            title=one["title"],
            choices=tuple(one["choices"]),
            purpose=one["purpose"],
            benefit=one["benefit"],
            group_names=tuple(one["group_names"]),
        )
        for language, one in kept.items()
    }


def _check_words(language: str, words: Words) -> None:
    if language not in set(Language):
        raise FieldInvalid("title", "Write in English, German or French.")
    if not 0 < len(words.title.strip()) <= TITLE_MAX:
        raise FieldInvalid(f"title_{language}", f"Ask in 1 to {TITLE_MAX} characters.")
    if not CHOICES_MIN <= len(words.choices) <= CHOICES_MAX:
        raise FieldInvalid(
            f"choices_{language}", f"Give {CHOICES_MIN} to {CHOICES_MAX} choices, one a line."
        )
    for labels in (words.choices, words.group_names):
        if any(not 0 < len(label.strip()) <= CHOICE_MAX for label in labels):
            raise FieldInvalid(
                f"choices_{language}", f"Let each choice have 1 to {CHOICE_MAX} characters."
            )
        if len(set(labels)) < len(labels):
            raise FieldInvalid(f"choices_{language}", "Let no two choices be called the same.")
    if not 0 < len(words.purpose.strip()) <= SENTENCE_MAX:
        raise FieldInvalid(
            f"purpose_{language}",
            f"Say what the answer is for, in up to {SENTENCE_MAX} characters.",
        )
    if not 0 < len(words.benefit.strip()) <= SENTENCE_MAX:
        raise FieldInvalid(
            f"benefit_{language}",
            f"Say what it changes for the customer, in up to {SENTENCE_MAX} characters.",
        )


def _check_groups(wanted: QuestionDraft) -> None:
    counts = {len(words.choices) for words in wanted.words.values()}
    if len(counts) > 1:
        raise FieldInvalid("choices", "Give as many choices in every language, in one order.")
    named = {len(words.group_names) for words in wanted.words.values()}
    if named != {len(wanted.groups)}:
        raise FieldInvalid("groups", "Name every group of the coarser version in every language.")
    if not wanted.groups:
        return
    inside = sorted(choice for group in wanted.groups for choice in group)
    (count,) = counts
    if inside != list(range(count)):
        raise FieldInvalid("groups", "Put every choice into exactly one group.")
    if not CHOICES_MIN <= len(wanted.groups) < count:
        raise FieldInvalid("groups", "Let the coarser version have at least two, but fewer groups.")


def _refuse_sensitive(wanted: QuestionDraft) -> None:
    for name, sentence in _everything(wanted):
        matter = sensitive_words.found_in(sentence)
        if matter is not None:
            raise FieldInvalid(
                name,
                f"'{sentence}' seems to be about {matter.about}. "
                f"Nobody is asked about that here ({matter.article}). "
                "If it is about something else, find other words for it.",
            )


def _everything(wanted: QuestionDraft) -> Iterator[tuple[str, str]]:
    yield "field", wanted.field
    for language, words in wanted.words.items():
        yield f"title_{language}", words.title
        for label in (*words.choices, *words.group_names):
            yield f"choices_{language}", label
        yield f"purpose_{language}", words.purpose
        yield f"benefit_{language}", words.benefit
