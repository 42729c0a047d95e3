"""Questions: written by a brand, published, changed as a new version, ended.

A changed question is another question: the old version ends, and the answers to it are deleted,
because they were given to other words.  Its field stays, so that "never" holds for every version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from rewards.asks import KEPT_DAYS, SENSITIVITY, Kind
from server import tokens
from server.errors import FieldInvalid, NotFound, QuestionNotEditable
from server.services import answers, audits, question_topics, question_words
from server.services.question_words import QuestionDraft, Words
from server.store import questions as store

DRAFT, LIVE, ENDED = store.QuestionState

_note = partial(audits.note_about, "question")


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One version of a question, as its brand sees it; ``topics`` are (offer, choice)."""

    public_id: str
    version: int
    field: str
    kind: str
    points: int
    words: Mapping[str, Words]
    groups: tuple[tuple[int, ...], ...]
    retention_days: int
    state: str
    created_at: datetime
    published_at: datetime | None
    ended_at: datetime | None
    topics: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class KindGuide:
    """What a kind of question costs, and how long its answers may be kept."""

    kind: str
    points: int
    kept_days_max: int


def guide() -> list[KindGuide]:
    """Return every kind of question that there is; others cannot be asked."""
    return [KindGuide(kind, SENSITIVITY[kind], KEPT_DAYS[kind]) for kind in Kind]


def draft(
    db: Session, *, brand_id: int, actor: str, wanted: QuestionDraft, now: datetime
) -> QuestionView:
    """Begin a question that nobody is asked yet.

    Raises:
        FieldInvalid: a field does not work; it says which and what to do.

    """
    question_words.check(wanted)
    row = _new(brand_id, tokens.public_id(), 1, wanted, now=now)
    db.add(row)
    db.flush()
    _note(db, row, actor, "question.drafted", now=now, after=_described(row))
    return view(db, row)


def edit(
    db: Session, *, brand_id: int, public_id: str, actor: str, wanted: QuestionDraft, now: datetime
) -> QuestionView:
    """Change the draft of a question; where there is none, begin its next version.

    Raises:
        NotFound: the brand has no such question.
        FieldInvalid: a field does not work; it says which and what to do.

    """
    question_words.check(wanted)
    newest = lock(db, brand_id=brand_id, public_id=public_id)[0]
    is_first_draft = newest.state == DRAFT and newest.version == 1
    if wanted.field != newest.field and not is_first_draft:
        raise FieldInvalid("field", "A later version keeps its field; begin a new question.")
    before, topics = _described(newest), question_topics.by_label(db, newest)
    if newest.state == DRAFT:
        row = newest
        _fill(row, wanted)
    else:
        row = _new(brand_id, public_id, newest.version + 1, wanted, now=now)
        db.add(row)
    db.flush()
    question_topics.keep(db, row, topics)
    action = "question.edited" if row is newest else "question.drafted"
    _note(db, row, actor, action, now=now, before=before, after=_described(row))
    return view(db, row)


def publish(
    db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime
) -> QuestionView:
    """Let customers be asked the draft; the version before it ends with all its answers.

    Raises:
        NotFound: the brand has no such question.
        QuestionNotEditable: it has no draft.

    """
    row, *others = lock(db, brand_id=brand_id, public_id=public_id)
    if row.state != DRAFT:
        raise QuestionNotEditable("There is no draft of this question to publish.")
    for other in others:
        if other.state == LIVE:
            _end(db, other, now=now)
    row.state, row.published_at = LIVE, now
    db.flush()
    _note(db, row, actor, "question.published", now=now, after=_described(row))
    return view(db, row)


def end(db: Session, *, brand_id: int, public_id: str, actor: str, now: datetime) -> QuestionView:
    """End a question: nobody is asked any more, and every answer to it is deleted.

    Raises:
        NotFound: the brand has no such question.
        QuestionNotEditable: it is not asked now.

    """
    live = [row for row in lock(db, brand_id=brand_id, public_id=public_id) if row.state == LIVE]
    if not live:
        raise QuestionNotEditable("Only a question that is asked now can end.")
    _end(db, live[0], now=now)
    _note(db, live[0], actor, "question.ended", now=now)
    return view(db, live[0])


def of_brand(db: Session, *, brand_id: int) -> list[QuestionView]:
    """Return the newest version of each question of a brand, and what is live; newest first."""
    seen: set[str] = set()
    kept = []
    for row in store.of_brand(db, brand_id):
        if row.public_id not in seen or row.state == LIVE:
            kept.append(view(db, row))
        seen.add(row.public_id)
    return kept


def versions(db: Session, *, brand_id: int, public_id: str) -> list[QuestionView]:
    """Return every version of a brand's question, newest first.

    Raises:
        NotFound: the brand has no such question.

    """
    rows = store.versions(db, brand_id=brand_id, public_id=public_id)
    if not rows:
        raise NotFound("The brand has no such question.")
    return [view(db, row) for row in rows]


def lock(db: Session, *, brand_id: int, public_id: str) -> list[store.Question]:
    """Return every version of a brand's question, newest first; nobody else changes one.

    Raises:
        NotFound: the brand has no such question.

    """
    rows = store.lock(db, brand_id=brand_id, public_id=public_id)
    if not rows:
        raise NotFound("The brand has no such question.")
    return rows


def view(db: Session, row: store.Question) -> QuestionView:
    """Return a version as its brand sees it."""
    assert row.id is not None
    return QuestionView(
        public_id=row.public_id,
        version=row.version,
        field=row.field,
        kind=row.kind,
        points=SENSITIVITY[Kind(row.kind)],
        words=question_words.from_json(row.words),
        groups=tuple(map(tuple, row.groups)),
        retention_days=row.retention_days,
        state=row.state,
        created_at=row.created_at,
        published_at=row.published_at,
        ended_at=row.ended_at,
        topics=question_topics.of_version(db, row),
    )


def _new(
    brand_id: int, public_id: str, version: int, wanted: QuestionDraft, *, now: datetime
) -> store.Question:
    row = store.Question(
        public_id=public_id,
        version=version,
        brand_id=brand_id,
        field="",
        kind="",
        words={},
        choice_count=0,
        retention_days=0,
        created_at=now,
    )
    _fill(row, wanted)
    return row


def _fill(row: store.Question, wanted: QuestionDraft) -> None:
    row.field, row.kind = wanted.field, wanted.kind
    row.words = question_words.to_json(wanted.words)
    row.groups = [list(group) for group in wanted.groups]
    row.choice_count = len(next(iter(wanted.words.values())).choices)
    row.retention_days = wanted.retention_days


def _end(db: Session, row: store.Question, *, now: datetime) -> None:
    """End a version and delete its answers; how many there were is nobody's business."""
    assert row.id is not None
    row.state, row.ended_at = ENDED, now
    db.flush()
    answers.delete_of_question(db, question_id=row.id, now=now)


def _described(row: store.Question) -> dict[str, Any]:
    return {
        "version": row.version,
        "field": row.field,
        "kind": row.kind,
        "words": row.words,
        "groups": row.groups,
        "retention_days": row.retention_days,
    }
