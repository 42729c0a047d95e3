"""How rare an answer would make somebody, and what it would be worth: from counts alone.

Which question is worth asking is estimated from how many customers a brand has, how many take part
in each of its offers, and how many gave each answer (docs/DECISIONS/0035).  Nothing about one
person goes into it, except which answers they gave already, to keep them among enough others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from rewards import ask_choice, ask_estimates
from rewards import asks as engine
from rewards.money import WHOLE, minor_digits
from server.services import forests, question_words
from server.store import answers, asks, offers, participants, questions

DAYS_BETWEEN_USES = 30
"""How often somebody is thought to look at the offers."""
POINT_MAJOR = 5.0


@dataclass(frozen=True, slots=True)
class Market:
    """What is known of a brand's customers together, and what one of them answered before."""

    customers: int
    offers: dict[int, offers.Offer]
    sharers: dict[int, int]
    topics: dict[int, list[questions.OfferTopic]]
    counts: dict[tuple[int, bool, int], int]
    own: list[tuple[int, int]]
    """The share of each answer that the customer gave already: how many gave it, of how many."""


def market(
    db: Session, *, brand_id: int, member_id: int, live: Sequence[questions.Question]
) -> Market:
    """Count what must be known to choose among a brand's live questions."""
    ids = {one.id: one for one in live if one.id is not None}
    brand_offers = {one.id: one for one in offers.of_brand(db, brand_id) if one.id is not None}
    topics: dict[int, list[questions.OfferTopic]] = {}
    for topic in questions.topics(db, ids):
        if brand_offers[topic.offer_id].status == offers.OfferStatus.PUBLISHED:
            topics.setdefault(topic.question_id, []).append(topic)
    counts = answers.counts(db, ids)
    return Market(
        customers=participants.count_members(db, brand_offers),
        offers=brand_offers,
        sharers=participants.count_by_offer(db, brand_offers),
        topics=topics,
        counts=counts,
        own=[
            _share(_counts(counts, ids[row.question_id], is_coarse=row.is_coarse), row.choice)
            for row in answers.of_member(db, member_id)
            if row.question_id in ids
        ],
    )


def alike(found: Market, question: questions.Question, *, is_coarse: bool) -> int:
    """Return how many customers would look the same after the rarest answer."""
    counts = _counts(found.counts, question, is_coarse=is_coarse)
    rarest = min(range(len(counts)), key=counts.__getitem__, default=0)
    return engine.alike_after(found.customers, [*found.own, _share(counts, rarest)])


def put(question: questions.Question) -> engine.Question:
    """Return a question as the engine knows it."""
    words = question_words.from_json(question.words)
    changes = words[question_words.best(words, "en")].benefit
    return engine.Question(question.field, engine.Kind(question.kind), changes)


def prospect(
    db: Session, found: Market, question: questions.Question, *, is_coarse: bool
) -> ask_choice.Prospect | None:
    """Return what is expected of a question, or None if its answer would move no offer."""
    assert question.id is not None
    fits: dict[str, set[int]] = {}
    for topic in found.topics.get(question.id, ()):
        fits.setdefault(str(topic.offer_id), set()).update(
            _places(question, topic, is_coarse=is_coarse)
        )
    if not fits:
        return None
    counts = _counts(found.counts, question, is_coarse=is_coarse)
    replies = asks.replies(db, question.id)
    base = {
        offer: ask_estimates.share_of(found.sharers.get(int(offer), 0), found.customers)
        for offer in fits
    }
    return ask_choice.Prospect(
        question=put(question),
        chances=ask_estimates.chances(counts),
        rates=ask_estimates.lifted(base, fits, choices=len(counts)),
        values={offer: _value(found.offers[int(offer)]) for offer in fits},
        uses=question.retention_days / DAYS_BETWEEN_USES,
        answering=ask_estimates.share_of(
            replies.get(engine.Reply.ANSWERED, 0), sum(replies.values())
        ),
    )


def value_per_point(currency: str) -> int:
    """Return how much delivered value is a point: 5.00, or 500 where there are no cents."""
    further: int = 10 ** max(0, minor_digits(currency) - 2)
    return engine.VALUE_PER_POINT_MINOR * further


def _value(offer: offers.Offer) -> float:
    """Return what an average order earns its sharer, where a point is worth 5.00."""
    terms = forests.terms_of(offer)
    reward_minor = terms.schedule.reward(terms.average_order_minor) / WHOLE
    return POINT_MAJOR * reward_minor / value_per_point(terms.currency)


def _places(
    question: questions.Question, topic: questions.OfferTopic, *, is_coarse: bool
) -> set[int]:
    if not is_coarse:
        return {topic.choice}
    return {g for g, choices in enumerate(question.groups) if topic.choice in choices}


def _counts(
    counts: dict[tuple[int, bool, int], int], question: questions.Question, *, is_coarse: bool
) -> list[int]:
    """Return how many gave each answer; who gave the finer one gave the coarser one with it."""
    assert question.id is not None
    fine = [counts.get((question.id, False, x), 0) for x in range(question.choice_count)]
    if not is_coarse:
        return fine
    return [
        counts.get((question.id, True, g), 0) + sum(fine[x] for x in choices)
        for g, choices in enumerate(question.groups)
    ]


def _share(counts: list[int], choice: int) -> tuple[int, int]:
    """Return the share of an answer by the rule of succession, as whole numbers."""
    return counts[choice] + 1, sum(counts) + len(counts)
