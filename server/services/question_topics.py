"""Which offers an answer brings to the front: all that an answer ever changes."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from server.errors import FieldInvalid, NotFound, QuestionNotEditable
from server.services import audits, question_words
from server.store import offers
from server.store import questions as store


def change(
    db: Session,
    *,
    brand_id: int,
    public_id: str,
    version: int,
    actor: str,
    topics: Collection[tuple[str, int]],
    now: datetime,
) -> None:
    """Say which offers each answer brings to the front: exactly these (offer, choice).

    Raises:
        NotFound: the brand has no such version, or no such offer.
        QuestionNotEditable: this version has ended.
        FieldInvalid: there is no such choice.

    """
    rows = store.lock(db, brand_id=brand_id, public_id=public_id)
    row = next((row for row in rows if row.version == version), None)
    if row is None or row.id is None:
        raise NotFound("The brand has no such question.")
    if row.state == store.QuestionState.ENDED:
        raise QuestionNotEditable("This version of the question has ended.")
    own = {offer.public_id: offer.id for offer in offers.of_brand(db, brand_id)}
    if not {offer for offer, _ in topics} <= own.keys():
        raise NotFound("The brand has no such offer.")
    if not all(0 <= choice < row.choice_count for _, choice in topics):
        raise FieldInvalid("topics", "Choose among the answers of this question.")
    before = of_version(db, row)
    pairs = {(id_, choice) for offer, choice in topics if (id_ := own[offer]) is not None}
    store.set_topics(db, question_id=row.id, pairs=pairs)
    audits.note(
        db,
        brand_id=brand_id,
        actor=actor,
        action="question.topics_set",
        subject=f"question:{public_id}",
        now=now,
        before={"version": version, "topics": sorted(map(list, before))},
        after={"version": version, "topics": sorted(map(list, set(topics)))},
    )


def of_version(db: Session, row: store.Question) -> frozenset[tuple[str, int]]:
    """Return the (offer, choice) of a version."""
    assert row.id is not None
    names = {offer.id: offer.public_id for offer in offers.of_brand(db, row.brand_id)}
    return frozenset((names[t.offer_id], t.choice) for t in store.topics(db, [row.id]))


def by_label(db: Session, row: store.Question) -> set[tuple[int, str, str]]:
    """Return the topics of a version as (offer, language, what the choice is called)."""
    assert row.id is not None
    words = question_words.from_json(row.words)
    return {
        (topic.offer_id, language, one.choices[topic.choice])
        for topic in store.topics(db, [row.id])
        for language, one in words.items()
    }


def keep(db: Session, row: store.Question, topics: Collection[tuple[int, str, str]]) -> None:
    """Let the choices that are still called the same bring the same offers to the front."""
    assert row.id is not None
    place = {
        (language, label): choice
        for language, one in question_words.from_json(row.words).items()
        for choice, label in enumerate(one.choices)
    }
    pairs = {
        (offer_id, place[language, label])
        for offer_id, language, label in topics
        if (language, label) in place
    }
    store.set_topics(db, question_id=row.id, pairs=pairs)
