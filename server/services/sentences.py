"""Sentences that a service leaves for the page to say in its language, with their values.

``say("{name} brought you.", name="Bela")`` is written in English, and translated at the edge as
errors are.  A value may be a moment, of which the day is written, an amount, or another sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A constant sentence, with ``{names}`` for its values."""

    words: str
    values: Mapping[str, object]


def say(words: str, /, **values: object) -> Sentence:
    """Return a sentence; ``make translations`` finds its words here."""
    return Sentence(words, values)
