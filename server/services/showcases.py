"""The offers that a customer can share now, in an order that their answers decide.

This is all that an answer ever changes: what stands first.  Every offer is shown to everybody, with
the same words and the same terms.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.services import answers, question_words
from server.store import answers as answer_store
from server.store import brands, offers, participants, questions

FEW = 24
"""So many offers are shown to everybody; of more, those of the brands that a customer knows."""


@dataclass(frozen=True, slots=True)
class Because:
    """The answer that brought an offer to the front, in the language in which it was given."""

    label: str
    language: str


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """One offer as customers see it, and why it stands first, if it does."""

    public_id: str
    title: str
    brand: str
    page_url: str
    because: Because | None


@dataclass(frozen=True, slots=True)
class Showcase:
    """Offers in their order, and the answers that decided it."""

    offers: tuple[ShownOffer, ...]
    used: tuple[int, ...]


def of_member(db: Session, *, member_id: int, language: str, now: datetime) -> Showcase:
    """Return the offers for a member; what their answers bring to the front comes first."""
    front, used = _front(db, member_id=member_id, language=language, now=now)
    rows = sorted(_rows(db, member_id), key=lambda row: (row.id not in front, -(row.id or 0)))
    shown = {row.id for row in rows}
    return Showcase(
        tuple(_shown(db, row, front.get(row.id or 0)) for row in rows),
        tuple(sorted({id_ for offer, ids in used.items() if offer in shown for id_ in ids})),
    )


def _rows(db: Session, member_id: int) -> list[offers.Offer]:
    published = offers.published(db)
    if len(published) <= FEW:
        return published
    own = {row.offer_id for row in participants.of_member(db, member_id)}
    known = {offer.brand_id for id_ in own if (offer := offers.find(db, id_))}
    return [row for row in published if row.brand_id in known] or published[-FEW:]


def _front(
    db: Session, *, member_id: int, language: str, now: datetime
) -> tuple[dict[int, Because], dict[int, list[int]]]:
    """Return by offer why it stands first, and by which answers."""
    because: dict[int, Because] = {}
    used: dict[int, list[int]] = {}
    for row in answer_store.of_member(db, member_id):
        question = questions.get(db, row.question_id)
        if question.state != questions.QuestionState.LIVE or answers.is_over(
            row, question, now=now
        ):
            continue
        said = _said(row, question, language)
        fitting = question.groups[row.choice] if row.is_coarse else [row.choice]
        for topic in questions.topics(db, [row.question_id]):
            if topic.choice in fitting:
                because.setdefault(topic.offer_id, said)
                assert row.id is not None
                used.setdefault(topic.offer_id, []).append(row.id)
    return because, used


def _said(row: answer_store.Answer, question: questions.Question, language: str) -> Because:
    words = question_words.from_json(question.words)
    spoken = question_words.best(words, language)
    labels = words[spoken].group_names if row.is_coarse else words[spoken].choices
    return Because(labels[row.choice], spoken)


def _shown(db: Session, row: offers.Offer, because: Because | None) -> ShownOffer:
    brand = brands.find(db, row.brand_id)
    assert brand is not None
    return ShownOffer(row.public_id, row.title, brand.name, row.page_url, because)
