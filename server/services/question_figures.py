"""What a brand sees of the answers to its question: counts of at least fifty people, rounded."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import aggregates
from server.errors import NotFound
from server.services import question_words
from server.store import answers, questions


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """How many people gave each answer, as it was at ``as_of``; who could watch would see who."""

    as_of: datetime
    people: aggregates.Table


def of_version(
    db: Session, *, brand_id: int, public_id: str, version: int, now: datetime
) -> AnswerFigures:
    """Return the answers to a version that were there at the last midnight (UTC), by label.

    Raises:
        NotFound: the brand has no such version.

    """
    rows = questions.versions(db, brand_id=brand_id, public_id=public_id)
    row = next((row for row in rows if row.version == version), None)
    if row is None or row.id is None:
        raise NotFound("The brand has no such question.")
    as_of = now.replace(hour=0, minute=0, second=0, microsecond=0)
    by_language = question_words.from_json(row.words)
    words = by_language[question_words.best(by_language, "en")]
    cells = [*words.choices, *(_coarse(name) for name in words.group_names)]
    given = (
        (
            one.member_id,
            _coarse(words.group_names[one.choice]) if one.is_coarse else words.choices[one.choice],
        )
        for one in answers.of_question(db, row.id)
        if one.answered_at < as_of
    )
    return AnswerFigures(as_of, aggregates.table(given, cells=cells, crossed=True))


def _coarse(name: str) -> str:
    return f"{name} (coarser version)"
