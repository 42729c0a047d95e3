"""Replaying real cascades through the services of live traffic.

Each node signs in, arrives by its parent's link, says who brought it, and shares; strangers come
through its link, some buy, some send it back; in the end everything vests.  Only who comes and what
they pay is drawn (see ``crowds``): every rule about money is the one that live traffic meets.

The story lies in the past: its last moment, when everything has vested, is ``now``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards.decision import Reason
from rewards.errors import MoneyInvalid
from rewards.money import Money
from server.errors import Conflict, Invalid, NotFound
from server.services import checks, forests, replay_figures
from server.services.cascades import Cascades
from server.services.crowds import Crowd
from server.services.replay_figures import Figures
from server.services.replay_walk import Deliver, Walk
from server.store import offers, outbox, participants


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay: figures per cascade and in total, and what did not count, by why.

    ``wrong`` is what the books say is wrong; anything in it is a bug.
    """

    offer_title: str
    currency: str
    cascades: tuple[Figures, ...]
    total: Figures
    refunds: int
    orders_refused: dict[str, int]
    visits_refused: dict[str, int]
    budget_minor: int
    remaining_minor: int
    wrong: tuple[str, ...]


def crowd(
    db: Session,
    *,
    offer_public_id: str,
    seed: int,
    visits_mean: float,
    order_rate: float,
    order_mean: str | None,
    refund_rate: float,
) -> Crowd:
    """Return what is drawn for an offer; ``order_mean`` is like 60.00 in the offer's currency.

    Without a mean, orders are as large as the offer's average order.

    Raises:
        NotFound: there is no such offer.
        Conflict: it is not published, or has ended.
        Invalid: a number lies where nothing can be drawn.

    """
    terms = forests.terms_of(_offer(db, offer_public_id))
    mean_minor = terms.average_order_minor
    if order_mean is not None:
        try:
            mean_minor = Money.parse(order_mean, terms.currency).minor
        except MoneyInvalid as error:
            raise Invalid(str(error)) from error
    return Crowd(seed, visits_mean, order_rate, mean_minor, refund_rate)


def replay(
    db: Session,
    *,
    cascades: Cascades,
    crowd: Crowd,
    offer_public_id: str,
    deliver: Deliver,
    progress: Callable[[], None],
    now: datetime,
) -> Replay:
    """Walk cascades through the services, and return what came of them.

    ``progress`` is called once for each node.  The same cascades and crowd in offers of the same
    terms and budget give the same figures.

    Raises:
        NotFound: there is no such offer.
        Conflict: the offer is not published, or this file with this seed is in it already.

    """
    found = _offer(db, offer_public_id)
    assert found.id is not None
    offer = offers.lock(db, found.id)
    walk = Walk(db, offer, cascades, crowd, now)
    if walk.was_here(cascades.nodes[0]):
        raise Conflict(
            f"This file was already replayed into {offer.title!r} with seed {crowd.seed}; "
            "take another seed or another offer."
        )
    newest = outbox.newest_id(db)
    for node in cascades.nodes:
        walk.go_on_until(node.seconds)
        walk.join(node)
        progress()
    walk.finish(deliver, after_message=newest)
    return _result(db, walk, cascades)


def _offer(db: Session, public_id: str) -> offers.Offer:
    offer = offers.find_by_public_id(db, public_id)
    if offer is None:
        raise NotFound(f"There is no offer {public_id!r}.")
    if offer.status == offers.OfferStatus.DRAFT:
        raise Conflict(f"The offer {offer.title!r} is a draft; publish it first.")
    if offer.status == offers.OfferStatus.ENDED:
        raise Conflict(f"The offer {offer.title!r} has ended; it can no longer be shared.")
    return offer


def _result(db: Session, walk: Walk, cascades: Cascades) -> Replay:
    parts = {name: Figures(name) for name in cascades.names}
    for row in participants.of_offer(db, walk.offer_id):
        cascade = walk.cascade_of.get(row["member_id"])
        if cascade is not None:
            parts[cascade].add(walk.terms, forests.participant_of(row))
    total = replay_figures.total(parts.values())
    unpaid = {Reason.BUDGET_SPENT.value: total.visits - total.credited_visits}
    return Replay(
        offer_title=walk.offer.title,
        currency=walk.terms.currency,
        cascades=tuple(parts.values()),
        total=total,
        refunds=walk.refunds,
        orders_refused={str(why): count for why, count in sorted(walk.orders_refused.items())},
        visits_refused={why: n for why, n in {**walk.visits_refused, **unpaid}.items() if n},
        budget_minor=walk.offer.budget_minor,
        remaining_minor=forests.remaining_minor(walk.offer),
        wrong=tuple(checks.of_offer(db, walk.offer)),
    )
