"""A fire drill for an offer before it is published: every attack we know, and what it would gain.

Each attack is played against the very terms of the offer, by search where there is something to
search.  What an attacker would gain stands beside what it would cost them; what cannot be excluded
is stated in money, beside the budget.  Amounts are in minor units, rounded down as they are paid.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rewards import batch, evidence, splits
from rewards.engine import apply
from rewards.exposure import Exposure, exposures
from rewards.facts import Granted, Joined, OrderPlaced, OrderReversed, OrderVested
from rewards.forest import DEPTH_MAX, Forest, Totals, payable_minor
from rewards.money import LARGEST_MINOR, WHOLE
from rewards.terms import Terms

ACCOUNTS_MAX = 4
SIZES = (1, 4, 16, 100)
"""Sales of the attacker, in average orders: one in each default band and one far above."""

DAYS = 30
TIMER_PER_DAY, PROXIES, PEOPLE = 1_440, 10_000, 500
"""The farms: one machine every minute, so many rented addresses, so many hired people."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What one attack gains at best.

    ``gain_minor`` is what the attacker gets more than without it, ``spent_minor`` what they have to
    pay for that, ``tried`` how many variants were played.  ``limit`` says what holds it.
    """

    name: str
    gain_minor: int
    spent_minor: int
    tried: int
    limit: str


@dataclass(frozen=True, slots=True)
class Drill:
    """Every attack on an offer with these terms and this budget."""

    terms: Terms
    budget_minor: int
    attacks: tuple[Attack, ...]
    exposures: tuple[Exposure, ...]


def drill(terms: Terms, budget_minor: int) -> Drill:
    """Attack an offer in every way we know."""
    attacks: tuple[Attack, ...] = (
        *_splits(terms),
        _self_buying(terms, budget_minor),
        _returning_goods(terms, budget_minor),
        _refund_after_grant(terms, budget_minor),
        *_farms(terms),
        _pooling(terms),
        _padding(terms, budget_minor),
    )
    attacks = tuple(
        replace(attack, gain_minor=min(attack.gain_minor, budget_minor)) for attack in attacks
    )
    return Drill(terms, budget_minor, attacks, tuple(exposures(terms, budget_minor)))


def _ours(terms: Terms) -> splits.Rule:
    schedule = terms.schedule
    return lambda parents, credits_minor: batch.rewards(schedule, parents, credits_minor).reward


def _people(terms: Terms) -> Iterator[splits.Person]:
    """Yield attackers of every size: alone or with a friend, without visits or with all that count.

    Amounts lie one minor unit beside the round ones, so that rounding is attacked too.
    """
    aov = terms.average_order_minor
    for size in SIZES:
        value = size * aov + 1
        full = terms.visit_share_basis_points * value // WHOLE // max(1, terms.visit_credit_minor)
        for visits in (0, full + 1):
            yield splits.Person(value, visits)
            yield splits.Person(value, visits, (4 * aov - 1,))


def _splits(terms: Terms) -> Iterator[Attack]:
    """Several accounts instead of one, in every shape."""
    people = list(_people(terms))
    for kind in ("chain", "star", "side by side", "tree", "below own friends"):
        found = [
            splits.best_split(
                _ours(terms),
                terms.credit,
                person,
                accounts_max=ACCOUNTS_MAX - len(person.friends_minor),
                marks=terms.thresholds_minor[1:],
                kind=kind,
            )
            for person in people
        ]
        yield Attack(
            f"several accounts, {kind}",
            gain_minor=max(best.gain_minor for best in found if best.tried),
            spent_minor=0,
            tried=sum(best.tried for best in found),
            limit="convex schedule: the parts never earn more than the whole",
        )


def _self_buying(terms: Terms, budget_minor: int) -> Attack:
    """Buy through the own link with a second account, at every size, with and without sales."""
    best = Attack("", -1, 0, 0, "buyers are matched with the sharer and everybody above")
    tried = 0
    for before in (0, *SIZES):
        for size in SIZES:
            tried += 1
            forest, who = _seller(terms, budget_minor, before * terms.average_order_minor)
            paid = size * terms.average_order_minor
            earlier = payable_minor(terms, forest.participants[who])
            _sell(forest, who, paid)
            gain = payable_minor(terms, forest.participants[who]) - earlier
            # The largest part of the price is the worst; of equal parts, the largest amount.
            if (gain * best.spent_minor, gain) >= (best.gain_minor * paid, best.gain_minor):
                best = replace(best, gain_minor=gain, spent_minor=paid)
    return replace(best, name="buying from oneself", tried=tried)


def _returning_goods(terms: Terms, budget_minor: int) -> Attack:
    """Buy from oneself and send the goods back within the return window."""
    gains = []
    for size in SIZES:
        forest, who = _seller(terms, budget_minor, terms.average_order_minor)
        before = payable_minor(terms, forest.participants[who])
        paid = size * terms.average_order_minor
        fact = OrderPlaced("buy", who, paid, WHOLE)
        order = apply(forest, fact).order
        assert order is not None
        apply(forest, OrderReversed("return", who, order, paid))
        gains.append(payable_minor(terms, forest.participants[who]) - before)
    return Attack(
        "buying and sending back",
        gain_minor=max(gains),
        spent_minor=0,
        tried=len(gains),
        limit="nothing vests before the return window is over",
    )


def _refund_after_grant(terms: Terms, budget_minor: int) -> Attack:
    """Take a code for an order that the brand still takes back after the return window."""
    kept = []
    for size in SIZES:
        forest, who = _seller(terms, budget_minor, 0)
        paid = size * terms.average_order_minor
        placed = apply(forest, OrderPlaced("buy", who, paid, WHOLE)).order
        assert placed is not None
        vested = apply(forest, OrderVested("vest", who, placed)).order
        assert vested is not None
        payable = payable_minor(terms, forest.participants[who])
        taken = payable > 0 and not apply(forest, Granted("take", who, payable)).refused
        apply(forest, OrderReversed("late", who, vested, paid))
        kept.append(payable if taken else 0)
    best = max(kept)
    return Attack(
        "sending back after taking the code",
        gain_minor=best,
        spent_minor=0,
        tried=len(kept),
        limit="booked against the next rewards, and against the budget",
    )


def _farms(terms: Terms) -> Iterator[Attack]:
    """Fake visits, with no sale and beside real sales."""
    yield _farm(terms, "click farm without any sale", PROXIES, (0,), "visits alone earn no money")
    for name, visitors, limit in (
        ("timer bot", _visitors_of_a_timer(), "a visitor counts once; regular gaps are held"),
        (
            "rotating proxies",
            PROXIES,
            "share of sales is capped; one device and hollow visits held",
        ),
        ("human farm", PEOPLE, "share of sales is capped; visits without engagement are held"),
    ):
        yield _farm(terms, f"click farm beside sales: {name}", visitors, SIZES, limit)


def _farm(terms: Terms, name: str, visitors: int, sizes: tuple[int, ...], limit: str) -> Attack:
    """Return what so many accepted visits lift a sharer's reward by, if nobody noticed."""
    rule = terms.schedule.reward
    gains = []
    for size in sizes:
        value = size * terms.average_order_minor
        with_farm = rule(terms.credit(value, visitors)) // WHOLE
        gains.append(with_farm - rule(terms.credit(value, 0)) // WHOLE)
    return Attack(name, max(gains), 0, len(gains), limit)


def _visitors_of_a_timer() -> int:
    """Count the visitors that one machine makes which clicks every minute, by their keys."""
    keys = {
        (day, evidence.visitor_key(day.to_bytes(16, "big"), "offer", "192.0.2.1", "Mozilla/5.0"))
        for day in range(DAYS)
        for _ in range(TIMER_PER_DAY // 24)
    }
    return len(keys)


def _pooling(terms: Terms) -> Attack:
    """Strangers agree to join below one of them, so that their sales climb the bands together."""
    rule, aov = terms.schedule.reward, terms.average_order_minor
    gains = [rule(size * aov) // WHOLE - size * (rule(aov) // WHOLE) for size in SIZES]
    return Attack(
        "strangers pooling under one",
        gain_minor=max(gains),
        spent_minor=0,
        tried=len(gains),
        limit="never more than the highest rate, which real sales of that size earn too",
    )


def _padding(terms: Terms, budget_minor: int) -> Attack:
    """Fill the depth with empty accounts: whom a recruit brings then lands beside the recruit."""
    gains = []
    for size in SIZES:
        sold = size * terms.average_order_minor
        padded = _above_recruits(terms, budget_minor, DEPTH_MAX, sold)
        gains.append(padded - _above_recruits(terms, budget_minor, 1, sold))
    return Attack(
        "empty accounts down to the greatest depth",
        gain_minor=max(gains),
        spent_minor=0,
        tried=len(gains),
        limit="for each newcomer, taken from the recruit: the tree pays the same; it is said as"
        " depth_capped",
    )


def _above_recruits(terms: Terms, budget_minor: int, accounts: int, sold_minor: int) -> int:
    """Return what a chain of empty accounts earns above a recruit and whom the recruit brings."""
    forest = Forest(terms, Totals(budget_minor))
    recruit, newcomer = accounts, accounts + 1
    for person in range(newcomer + 1):
        apply(forest, Joined("join", person, person - 1 if person else None))
    for person in (recruit, newcomer):
        _sell(forest, person, sold_minor)
    return sum(payable_minor(terms, forest.participants[account]) for account in range(accounts))


def _seller(terms: Terms, budget_minor: int, sold_minor: int) -> tuple[Forest, int]:
    """Return a forest with one sharer who has sold this much, all of it vested."""
    forest = Forest(terms, Totals(budget_minor))
    apply(forest, Joined("join", 1, None))
    if sold_minor:
        _sell(forest, 1, sold_minor)
    return forest, 1


def _sell(forest: Forest, who: int, paid_minor: int) -> None:
    order = apply(forest, OrderPlaced("buy", who, min(paid_minor, LARGEST_MINOR), WHOLE)).order
    assert order is not None
    apply(forest, OrderVested("vest", who, order))
