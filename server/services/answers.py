"""Answers: given with a consent of their own, taken back at once, ended in time.

An answer decides what is shown first, and nothing else: no function that computes an amount, a code
or an unlock is ever given one (tests/server/test_answers_change_nothing.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards.asks import UNUSED_DAYS, Kind, Reply, is_expired
from server.errors import Conflict, FieldInvalid, Gone, NotFound
from server.services import consents, question_consents, question_words
from server.store import answers as store
from server.store import asks as ask_store
from server.store import brands, questions
from server.store import consents as consent_store
from server.store.data_map import Held

UNUSED = timedelta(days=UNUSED_DAYS)
USE_NOTED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer, as the person who gave it sees it; ``choice`` is one of ``choices``."""

    question_public_id: str
    consent_public_id: str
    brand: str
    language: str
    title: str
    choices: tuple[str, ...]
    choice: int
    purpose: str
    benefit: str
    answered_at: datetime
    used_at: datetime | None
    expires_at: datetime


def answer(
    db: Session,
    *,
    member_id: int,
    ask_public_id: str,
    choice: int,
    text_hash: str,
    language: str,
    surface: str,
    now: datetime,
) -> bool:
    """Record an answer with its consent; return whether it was the first reply.

    A question that has its reply keeps it, so two tabs or a repeated form give one answer.

    Raises:
        NotFound: the member was asked nothing under this id.
        Gone: the brand changed or ended the question meanwhile.
        FieldInvalid: this is none of the choices.
        ConsentMissing: the member agreed to other words than the current ones.
        Conflict: the member answered the same question when asked another time.

    """
    ask_store.lock_member(db, member_id)
    ask = _ask(db, member_id, ask_public_id)
    if ask.reply is not None:
        return False
    question = questions.hold(db, ask.question_id)
    if question.state != questions.QuestionState.LIVE:
        raise Gone("This question is no longer asked. Nothing was recorded.")
    if not 0 <= choice < (len(question.groups) if ask.is_coarse else question.choice_count):
        raise FieldInvalid("choice", "Choose one of the answers.")
    text = consent_text(db, question, language)
    consent_id = consents.give_text(
        db, member_id=member_id, text=text, text_hash=text_hash, surface=surface, now=now
    )
    written = {
        "question_id": question.id,
        "member_id": member_id,
        "consent_id": consent_id,
        "is_coarse": ask.is_coarse,
        "choice": choice,
        "answered_at": now,
        "expires_at": now + timedelta(days=question.retention_days),
    }
    written_id = consent_store.put_consented(
        db, store.Answer, written, purpose=text.purpose, member_id=member_id
    )
    if written_id is None:
        raise Conflict("You have answered this question already; change it in My data.")
    return _reply(db, ask, Reply.ANSWERED, now=now)


def decline(
    db: Session, *, member_id: int, ask_public_id: str, is_for_good: bool, now: datetime
) -> bool:
    """Note that a member does not answer now, or never will; return whether it is the first reply.

    Raises:
        NotFound: the member was asked nothing under this id.

    """
    ask_store.lock_member(db, member_id)
    ask = _ask(db, member_id, ask_public_id)
    return _reply(db, ask, Reply.NEVER if is_for_good else Reply.NOT_NOW, now=now)


def change(
    db: Session, *, member_id: int, question_public_id: str, choice: int, now: datetime
) -> None:
    """Let a member choose another answer; it ends when the first one would have ended.

    Raises:
        NotFound: the member has no answer to such a question.
        FieldInvalid: this is none of the choices.

    """
    ask_store.lock_member(db, member_id)
    row, question = _answer(db, member_id, question_public_id)
    words = _shown(question, "en", is_coarse=row.is_coarse)[1]
    if not 0 <= choice < len(words):
        raise FieldInvalid("choice", "Choose one of the answers.")
    if is_over(row, question, now=now) or not store.change(db, row, choice=choice):
        raise NotFound("You have no answer to such a question.")


def delete_of_consent(db: Session, *, consent_id: int) -> bool:
    """Delete the answer that stands on a consent; return whether there was one."""
    row = store.of_consent(db, consent_id)
    if row is None or row.id is None:
        return False
    store.remove(db, [row.id])
    return True


def delete_of_question(db: Session, *, question_id: int, now: datetime) -> int:
    """Delete every answer to a version of a question, with its consent; return how many."""
    rows = store.of_question(db, question_id)
    _remove(db, rows, now=now)
    return len(rows)


def is_due(db: Session, held: Held, *, now: datetime) -> bool:  # noqa: ARG001 - one of several
    """Tell whether some answer has ended."""
    return bool(store.ending(db, now=now, unused_since=now - UNUSED, limit=1))


def forget(db: Session, held: Held, *, now: datetime, limit: int) -> int:  # noqa: ARG001
    """Delete answers that are too old, or that nothing used for 180 days; return how many."""
    over = store.ending(db, now=now, unused_since=now - UNUSED, limit=limit)
    _remove(db, over, now=now)
    return len(over)


def is_over(row: store.Answer, question: questions.Question, *, now: datetime) -> bool:
    """Tell whether an answer must be deleted: by its own end, or by the engine's rules."""
    answered_s = int(row.answered_at.timestamp())
    used_s = int(row.used_at.timestamp()) if row.used_at else answered_s
    return row.expires_at <= now or is_expired(
        Kind(question.kind), answered_s=answered_s, used_s=used_s, now_s=int(now.timestamp())
    )


def of_member(db: Session, *, member_id: int, language: str, now: datetime) -> list[AnswerView]:
    """Return a member's answers that have not ended, oldest first."""
    return [
        _view(db, row, question, language)
        for row in store.of_member(db, member_id)
        if not is_over(row, question := questions.get(db, row.question_id), now=now)
    ]


def is_use_news(db: Session, *, answer_ids: Sequence[int], now: datetime) -> bool:
    """Tell whether one of these answers was not noted as used within a day."""
    return store.is_use_news(db, answer_ids, since=now - USE_NOTED_EVERY)


def note_use(db: Session, *, answer_ids: Sequence[int], now: datetime) -> int:
    """Note that a page showed something first because of these answers; at most once a day."""
    return store.note_use(db, answer_ids, now=now, since=now - USE_NOTED_EVERY)


def consent_text(db: Session, question: questions.Question, language: str) -> consents.ConsentText:
    """Return what somebody agrees to who answers a question, in the best language it has."""
    brand = brands.find(db, question.brand_id)
    assert brand is not None
    words = question_words.from_json(question.words)
    spoken = question_words.best(words, language)
    return question_consents.text(
        public_id=question.public_id,
        version=question.version,
        brand=brand.name,
        language=spoken,
        words=words[spoken],
        retention_days=question.retention_days,
    )


def _ask(db: Session, member_id: int, public_id: str) -> ask_store.Ask:
    ask = ask_store.find(db, member_id=member_id, public_id=public_id)
    if ask is None:
        raise NotFound("You were asked no such question.")
    return ask


def _reply(db: Session, ask: ask_store.Ask, reply: Reply, *, now: datetime) -> bool:
    assert ask.id is not None
    return ask_store.reply(db, ask.id, said=reply, now=now)


def _answer(
    db: Session, member_id: int, question_public_id: str
) -> tuple[store.Answer, questions.Question]:
    for row in store.of_member(db, member_id):
        question = questions.get(db, row.question_id)
        if question.public_id == question_public_id:
            return row, question
    raise NotFound("You have no answer to such a question.")


def _remove(db: Session, rows: Sequence[store.Answer], *, now: datetime) -> None:
    for row in rows:
        consent_store.withdraw(db, row.consent_id, now=now)
    store.remove(db, [row.id for row in rows if row.id is not None])


def _shown(
    question: questions.Question, language: str, *, is_coarse: bool
) -> tuple[str, tuple[str, ...]]:
    """Return the language in which a question is shown, and its choices there."""
    words = question_words.from_json(question.words)
    spoken = question_words.best(words, language)
    return spoken, words[spoken].group_names if is_coarse else words[spoken].choices


def _view(
    db: Session, row: store.Answer, question: questions.Question, language: str
) -> AnswerView:
    brand = brands.find(db, question.brand_id)
    consent = consent_store.find(db, row.consent_id)
    assert brand is not None
    assert consent is not None
    spoken, choices = _shown(question, language, is_coarse=row.is_coarse)
    words = question_words.from_json(question.words)[spoken]
    return AnswerView(
        question_public_id=question.public_id,
        consent_public_id=consent.public_id,
        brand=brand.name,
        language=spoken,
        title=words.title,
        choices=choices,
        choice=row.choice,
        purpose=words.purpose,
        benefit=words.benefit,
        answered_at=row.answered_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )
