"""Whether the books are right: every offer recomputed from its facts, and its ledger added up.

The unlocks of content are held beside what the engine says of each reach.
"""

from sqlmodel import Session

from rewards import ledger, recompute
from rewards.forest import Forest
from rewards.ledger import Account, Grant
from rewards.recompute import Count
from server.services import content_unlocks, forests
from server.store import facts, offers, participants
from server.store import ledger as ledger_store


def everything(db: Session) -> list[str]:
    """Return a sentence for everything that is wrong with any offer."""
    wrong: list[str] = []
    for offer in offers.everything(db):
        wrong += [f"{offer.public_id}: {sentence}" for sentence in of_offer(db, offer)]
    return wrong


def of_offer(db: Session, offer: offers.Offer) -> list[str]:
    """Return a sentence for everything that is wrong with one offer."""
    assert offer.id is not None
    nodes = [forests.participant_of(row) for row in participants.of_offer(db, offer.id)]
    found = Forest(forests.terms_of(offer), forests.totals_of(offer), nodes)
    expected = recompute.from_counts(found.terms, offer.budget_minor, _counts(db, offer.id, found))
    sums = {Account.parse(name): amount for name, amount in ledger_store.balances(db, offer.id)}
    return [
        *recompute.differences(found, expected),
        *ledger.check(found, sums),
        *_codes(db, offer.id),
        *content_unlocks.wrong(db, offer_id=offer.id, nodes=nodes),
    ]


def _codes(db: Session, offer_id: int) -> list[str]:
    """Return what is wrong between the codes of an offer and their grants in its ledger."""
    issued = [
        Grant(who, f"grant:{event}", value) for who, event, value in facts.issued_of(db, offer_id)
    ]
    granted = [
        Grant(Account.parse(account).participant or 0, cause, amount)
        for account, cause, amount in ledger_store.granted(db, offer_id)
    ]
    return ledger.check_codes(issued, granted)


def _counts(db: Session, offer_id: int, forest: Forest) -> list[Count]:
    """Return what was counted for every participant, from the facts alone, parents first."""
    orders, visits, codes = (
        facts.orders_of(db, offer_id),
        facts.visits_of(db, offer_id),
        facts.codes_of(db, offer_id),
    )
    counts: list[Count] = []
    for node in sorted(forest.participants.values(), key=lambda node: node.depth):
        order = orders.get(node.id, facts.OrderSums())
        visit = visits.get(node.id, facts.VisitSums())
        code = codes.get(node.id, facts.CodeSums())
        counts.append(
            Count(
                id=node.id,
                parent=node.parent,
                value=order.value,
                orders=order.orders,
                visits=visit.credited,
                vested_value=order.vested_value,
                vested_orders=order.vested_orders,
                vested_visits=visit.vested,
                verified_visits=visit.verified,
                granted_minor=code.granted,
                redeemed_minor=code.redeemed,
            )
        )
    return counts
