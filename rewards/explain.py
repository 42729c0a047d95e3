"""Why an amount is what it is: a sentence, its numbers, and a line to recompute by hand.

The numbers come from the same functions that decide.  ``key`` names the sentence for translators,
who fill its template with ``numbers``; the English one is written here.  The worked line is exact:
where a reward is finer than a minor unit it shows all decimals before it rounds down.
"""

from dataclasses import dataclass
from enum import StrEnum

from rewards.decision import Reason
from rewards.facts import Order, weighted_minor
from rewards.forest import Aggregates, Participant, reward
from rewards.ledger import standing
from rewards.money import WHOLE, text, text_of_parts
from rewards.terms import Terms


class Key(StrEnum):
    """Which sentence explains an amount."""

    NOTHING_YET = "nothing_yet"
    VISITS_ONLY = "visits_only"
    OWN_LINK = "own_link"
    BRANCH = "branch"
    OWED = "owed"
    ORDER_IN_FULL = "order_in_full"
    ORDER_PARTLY = "order_partly"
    ORDER_NOT_IN_MONEY = "order_not_in_money"
    ORDER_REFUNDED = "order_refunded"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one amount is what it is; amounts in minor units, ``..._parts`` in ten-thousandths."""

    key: Key
    amount_minor: int
    sentence: str
    numbers: dict[str, int]
    worked: str


def percent(basis_points: int) -> str:
    """Write basis points as a percentage: ``4 %``, ``4.5 %``, ``4.25 %``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"


def why(terms: Terms, participant: Participant) -> Explanation:
    """Explain what a participant earns, and how much of it is pending, taken and payable.

    ``amount_minor`` is what is earned so far, pending or vested, rounded down.
    """
    pot, now = participant.pot, standing(terms, participant)
    numbers = {
        "value_minor": pot.value,
        "orders": pot.orders,
        "visits": pot.visits,
        "visit_bonus_minor": terms.visit_bonus(pot.value, pot.visits),
        "credit_minor": pot.credit,
        "branch_credit_minor": pot.branch_credit,
        "below_credit_minor": pot.branch_credit - pot.credit,
        "branch_reward_parts": terms.schedule.reward(pot.branch_credit),
        "children_reward_parts": pot.children_reward,
        "reward_parts": reward(terms, pot),
        "earned_minor": now.earned,
        "pending_minor": now.earned - now.vested,
        "granted_minor": now.granted,
        "payable_minor": now.vested - now.granted,
        "reach": participant.reach,
        "floor_basis_points": terms.schedule.floor_basis_points,
        "ceiling_basis_points": terms.schedule.ceiling_basis_points,
    }
    key = _key(pot, numbers)
    return Explanation(
        key=key,
        amount_minor=now.earned,
        sentence=_sentence(terms, key, numbers),
        numbers=numbers,
        worked=_worked(terms, numbers),
    )


def why_order(terms: Terms, order: Order, reason: Reason | None) -> Explanation:
    """Explain what an order counts for; ``reason`` is that of the decision when it was placed.

    ``amount_minor`` is the credit it holds now.
    """
    weighted = weighted_minor(order.net_minor, order.weight_basis_points)
    numbers = {
        "net_minor": order.net_minor,
        "weight_basis_points": order.weight_basis_points,
        "weighted_minor": weighted,
        "refunded_minor": order.refunded_minor,
        "worth_minor": order.worth_minor,
        "credited_minor": order.credited_minor,
        "not_credited_minor": order.worth_minor - order.credited_minor,
    }
    written = {name: text(amount, terms.currency) for name, amount in numbers.items()}
    left = written["net_minor"]
    if order.refunded_minor:
        left += f" less {written['refunded_minor']}"
    counted = f"{percent(order.weight_basis_points)} of {left} {terms.currency}"
    if (order.net_minor - order.refunded_minor) * order.weight_basis_points % WHOLE:
        counted += ", rounded down"
    if order.refunded_whole:
        key, sentence = Key.ORDER_REFUNDED, "This order was refunded and counts no longer."
    elif reason is Reason.BUDGET_SPENT:
        key = Key.ORDER_NOT_IN_MONEY
        sentence = "This order does not count in money, because the offer's budget was spent."
    elif order.credited_minor < order.worth_minor:
        key = Key.ORDER_PARTLY
        sentence = (
            f"This order counts with {written['credited_minor']} {terms.currency}, because the"
            " offer's budget had no room for more."
        )
    else:
        key = Key.ORDER_IN_FULL
        sentence = f"This order counts with {written['credited_minor']} {terms.currency}."
    worked = f"{counted} = {written['worth_minor']}, credited {written['credited_minor']}"
    return Explanation(key, order.credited_minor, sentence, numbers, worked)


def _key(pot: Aggregates, numbers: dict[str, int]) -> Key:
    """Choose the sentence."""
    if numbers["payable_minor"] < 0:
        return Key.OWED
    if numbers["below_credit_minor"]:
        return Key.BRANCH
    if pot.value:
        return Key.OWN_LINK
    return Key.VISITS_ONLY if pot.visits else Key.NOTHING_YET


def _sentence(terms: Terms, key: Key, numbers: dict[str, int]) -> str:
    """Write the sentence in English."""
    currency = terms.currency
    credit = f"{text(numbers['branch_credit_minor'], currency)} {currency}"
    earned = f"{text(numbers['earned_minor'], currency)} {currency}"
    rates = (
        f"a rate that grows from {percent(numbers['floor_basis_points'])}"
        f" to {percent(numbers['ceiling_basis_points'])} as it grows"
    )
    if key is Key.OWED:
        owed = f"{text(-numbers['payable_minor'], currency)} {currency}"
        return (
            f"Orders were refunded after you took their reward; the next {owed} that you earn"
            " make up for it."
        )
    if key is Key.BRANCH:
        return (
            f"Everything your link set in motion, {credit}, earns {rates}; what the people you"
            f" brought already earn on their own branches is theirs, the rest, {earned}, is yours."
        )
    if key is Key.OWN_LINK:
        return f"Orders through your link, counting {credit}, earn {rates}: {earned}."
    if key is Key.VISITS_ONLY:
        return (
            "Visits alone earn no money; they count as soon as an order comes, and unlock content."
        )
    return "Nobody has come through your link yet."


def _worked(terms: Terms, numbers: dict[str, int]) -> str:
    """Write the sum that a customer can check by hand."""
    currency = terms.currency

    def exact(name: str) -> str:
        return text_of_parts(numbers[name], currency)

    bands = " + ".join(
        f"{percent(band.rate_basis_points)} x {text(band.credit_minor, currency)}"
        for band in terms.schedule.bands(numbers["branch_credit_minor"])
    )
    line = f"{bands or '0'} = {exact('branch_reward_parts')}"
    if numbers["children_reward_parts"]:
        line += (
            f"; {exact('branch_reward_parts')} - {exact('children_reward_parts')}"
            f" = {exact('reward_parts')}"
        )
    if numbers["reward_parts"] % WHOLE:
        line += f", rounded down {text(numbers['earned_minor'], currency)}"
    return f"{line} {currency}"
