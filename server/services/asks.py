"""Asking a customer one thing: whether, which, and what was asked so far.

The engine's budget decides whether, ``ask_choice`` which (docs/ENGINE.md §10).  Nothing is asked
before a brand has delivered something, and nobody is asked twice within a day, whoever asks.  What
is shown was asked: it costs its points, whatever the reply (docs/DECISIONS/0036).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from rewards import ask_choice
from rewards import asks as engine
from server import tokens
from server.errors import NotFound
from server.services import answers, ask_accounts, question_words, question_worth
from server.services.ask_accounts import Given
from server.services.consents import ConsentText
from server.store import answers as answer_store
from server.store import asks as store
from server.store import brands, questions, writing

BETWEEN_ASKS = timedelta(days=1)
_PLENTY = engine.ALIKE_MIN
_COARSE = " (coarse)"


@dataclass(frozen=True, slots=True)
class Card:
    """One question as it is put to one customer, with everything that they should know first."""

    ask_public_id: str
    question_public_id: str
    brand: str
    language: str
    title: str
    choices: tuple[str, ...]
    purpose: str
    benefit: str
    retention_days: int
    kept_until: datetime
    consent: ConsentText


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A question that may be asked, of whom, and what it is expected to be worth."""

    brand_id: int
    given: Given
    account: engine.Account
    question: questions.Question
    is_coarse: bool
    alike: int
    prospect: ask_choice.Prospect


def shown(
    db: Session, *, member_id: int, session: str, language: str, now: datetime
) -> Card | None:
    """Return the question that was put to a customer in this session and has no reply yet."""
    ask = store.of_session(db, member_id=member_id, session=session)
    if ask is None or ask.reply is not None:
        return None
    question = questions.get(db, ask.question_id)
    if question.state != questions.QuestionState.LIVE:
        return None
    return _card(db, ask.public_id, question, language, is_coarse=ask.is_coarse, now=now)


def is_due(db: Session, *, member_id: int, session: str, now: datetime) -> bool:
    """Tell whether there is something to ask a customer in this session; change nothing."""
    return _choose(db, member_id=member_id, session=session, now=now) is not None


def ask_next(
    db: Session, *, member_id: int, session: str, language: str, now: datetime
) -> Card | None:
    """Ask a customer the one question that is worth most, if any may be asked; pay for it.

    In the same session again, it is the same question and costs nothing.
    """
    store.lock_member(db, member_id)
    if store.of_session(db, member_id=member_id, session=session) is not None:
        return shown(db, member_id=member_id, session=session, language=language, now=now)
    chosen = _choose(db, member_id=member_id, session=session, now=now)
    if chosen is None:
        return None
    asked = engine.ask(
        chosen.account,
        question_worth.put(chosen.question),
        alike_after=chosen.alike,
        session=session,
        now_s=chosen.account.at_s,
    )
    assert isinstance(asked, engine.Account), "what may not be asked is not chosen"
    assert engine.audit(asked)
    account_id = ask_accounts.keep(
        db,
        asked,
        brand_id=chosen.brand_id,
        member_id=member_id,
        given=chosen.given,
    )
    public_id = tokens.public_id()
    written = {
        "public_id": public_id,
        "account_id": account_id,
        "member_id": member_id,
        "question_id": chosen.question.id,
        "field": chosen.question.field,
        "is_coarse": chosen.is_coarse,
        "session": session,
        "cost_parts": asked.history[-1].cost_parts,
        "asked_at": now,
    }
    writing.put(db, store.Ask, written)
    return _card(
        db,
        public_id,
        chosen.question,
        language,
        is_coarse=chosen.is_coarse,
        now=now,
    )


def preview(
    db: Session, *, brand_id: int, public_id: str, version: int, language: str, now: datetime
) -> Card:
    """Return the card as a customer would see it, for the brand that writes it.

    Raises:
        NotFound: the brand has no such version.

    """
    for question in questions.versions(db, brand_id=brand_id, public_id=public_id):
        if question.version == version:
            return _card(db, "", question, language, is_coarse=False, now=now)
    raise NotFound("The brand has no such question.")


def _choose(db: Session, *, member_id: int, session: str, now: datetime) -> _Chosen | None:
    last = store.newest(db, member_id)
    if last is not None and (last.session == session or now - last.asked_at < BETWEEN_ASKS):
        return None
    possible = [
        one
        for brand_id, given in ask_accounts.given_by_brand(db, member_id=member_id).items()
        for one in _possible(
            db, brand_id=brand_id, member_id=member_id, given=given, session=session, now=now
        )
    ]
    best = ask_choice.best([one.prospect for one in possible])
    return next((one for one in possible if one.prospect is best), None)


def _possible(
    db: Session, *, brand_id: int, member_id: int, given: Given, session: str, now: datetime
) -> Iterator[_Chosen]:
    """Yield the brand's questions that may be asked of a customer now."""
    account = ask_accounts.current(db, brand_id=brand_id, member_id=member_id, given=given, now=now)
    answered = {row.question_id for row in answer_store.of_member(db, member_id)}
    live = questions.live(db, [brand_id])
    open_ = [
        one
        for one in live
        if one.id not in answered and _may_ask(account, one, alike=_PLENTY, session=session)
    ]
    if not open_:  # the counts below are dear
        return
    market = question_worth.market(db, brand_id=brand_id, member_id=member_id, live=live)
    for question in open_:
        found = _finest(market, question)
        if found is None:
            continue
        is_coarse, alike = found
        prospect = question_worth.prospect(db, market, question, is_coarse=is_coarse)
        if prospect is not None and _may_ask(account, question, alike=alike, session=session):
            yield _Chosen(brand_id, given, account, question, is_coarse, alike, prospect)


def _may_ask(
    account: engine.Account, question: questions.Question, *, alike: int, session: str
) -> bool:
    refused = engine.refusal(
        account,
        question_worth.put(question),
        alike_after=alike,
        session=session,
        now_s=account.at_s,
    )
    return refused is None


def _finest(market: question_worth.Market, question: questions.Question) -> tuple[bool, int] | None:
    """Return whether to ask the coarser version, and how many would be alike; None for neither."""
    fine = question_worth.put(question)
    alike = {fine.field: question_worth.alike(market, question, is_coarse=False)}
    if question.groups:
        coarse = replace(fine, field=fine.field + _COARSE)
        fine = replace(fine, coarser=coarse)
        alike[coarse.field] = question_worth.alike(market, question, is_coarse=True)
    found = engine.coarsest_needed(fine, alike)
    return None if found is None else (found is not fine, alike[found.field])


def _card(
    db: Session,
    ask_public_id: str,
    question: questions.Question,
    language: str,
    *,
    is_coarse: bool,
    now: datetime,
) -> Card:
    brand = brands.find(db, question.brand_id)
    assert brand is not None
    by_language = question_words.from_json(question.words)
    spoken = question_words.best(by_language, language)
    words = by_language[spoken]
    return Card(
        ask_public_id=ask_public_id,
        question_public_id=question.public_id,
        brand=brand.name,
        language=spoken,
        title=words.title,
        choices=words.group_names if is_coarse else words.choices,
        purpose=words.purpose,
        benefit=words.benefit,
        retention_days=question.retention_days,
        kept_until=now + timedelta(days=question.retention_days),
        consent=answers.consent_text(db, question, language),
    )
