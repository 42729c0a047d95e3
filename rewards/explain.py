"""Why an amount is what it is: a sentence, its numbers, and a line to recompute by hand.

The numbers come from the same functions that decide.  ``key`` names the sentence, which is written
from ``numbers`` in any language of ``explain_texts``; the English one is at hand as a property.
The worked line is exact: where a reward is finer than a minor unit it shows all decimals before it
rounds down.
"""

from dataclasses import dataclass

from rewards import budget, explain_words
from rewards.decision import Reason
from rewards.explain_notes import NOTES
from rewards.explain_texts import Key, Language, Note
from rewards.explain_words import percent
from rewards.facts import Order, weighted_minor
from rewards.forest import Aggregates, Participant, Totals, payable_minor, reward
from rewards.ledger import standing
from rewards.schedule import Band, Schedule
from rewards.terms import Terms

__all__ = [
    "Explanation",
    "Key",
    "Language",
    "notes",
    "percent",
    "sentence",
    "why",
    "why_budget",
    "why_grant",
    "why_joined",
    "why_order",
    "why_visit",
    "worked",
]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one amount is what it is; amounts in minor units, ``..._parts`` in ten-thousandths.

    ``bands`` divides the branch credit into the bands of the schedule, where there is one.
    """

    key: Key
    amount_minor: int
    numbers: dict[str, int]
    currency: str
    bands: tuple[Band, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return sentence(self)

    @property
    def worked(self) -> str:
        """The worked line in English."""
        return worked(self)


def sentence(explanation: Explanation, language: Language = Language.ENGLISH) -> str:
    """Write the sentence that explains an amount."""
    return explain_words.sentence(
        explanation.key, explanation.numbers, explanation.currency, language
    )


def worked(explanation: Explanation, language: Language = Language.ENGLISH) -> str:
    """Write the line that a reader can recompute by hand; empty if there is nothing to compute."""
    return explain_words.worked(
        explanation.key,
        explanation.numbers,
        explanation.bands,
        explanation.currency,
        language,
    )


def notes(
    explanation: Explanation, language: Language = Language.ENGLISH, *, vests: str = ""
) -> tuple[str, ...]:
    """Write what else is worth knowing: visits, what is pending, the band, the budget.

    ``vests`` is the date when the pending part vests, as the caller writes dates; without it the
    note speaks of return windows.
    """
    return tuple(
        explain_words.filled(
            NOTES[language][note],
            explanation.numbers,
            explanation.currency,
            language,
            vests=vests,
        )
        for note in _notes_of(explanation.numbers, vests)
    )


def why(
    terms: Terms, participant: Participant, *, remaining_minor: int | None = None
) -> Explanation:
    """Explain what a participant earns, and how much of it is pending, taken and payable.

    ``amount_minor`` is what is earned so far, pending or vested, rounded down.  With
    ``remaining_minor``, the offer's remaining budget, the numbers and notes say that too.
    """
    pot, now, schedule = participant.pot, standing(terms, participant), terms.schedule
    numbers = {
        "value_minor": pot.value,
        "orders": pot.orders,
        "visits": pot.visits,
        "visit_credit_minor": terms.visit_credit_minor,
        "visit_share_basis_points": terms.visit_share_basis_points,
        "visit_bonus_minor": terms.visit_bonus(pot.value, pot.visits),
        "credit_minor": pot.credit,
        "branch_credit_minor": pot.branch_credit,
        "below_credit_minor": pot.branch_credit - pot.credit,
        "branch_reward_parts": schedule.reward(pot.branch_credit),
        "children_reward_parts": pot.children_reward,
        "reward_parts": reward(terms, pot),
        "earned_minor": now.earned,
        "pending_minor": now.earned - now.vested,
        "granted_minor": now.granted,
        "payable_minor": now.vested - now.granted,
        "owed_minor": max(0, now.granted - now.vested),
        "reach": participant.reach,
        "floor_basis_points": schedule.floor_basis_points,
        "ceiling_basis_points": schedule.ceiling_basis_points,
        **_band_numbers(schedule, pot.branch_credit),
        **_remaining(remaining_minor),
    }
    bands = schedule.bands(pot.branch_credit)
    return Explanation(_key(pot, numbers), now.earned, numbers, terms.currency, bands)


def why_order(
    terms: Terms, order: Order, reason: Reason | None, *, remaining_minor: int | None = None
) -> Explanation:
    """Explain what an order counts for; ``reason`` is that of the decision when it was placed.

    ``amount_minor`` is the credit it holds now, not yet a reward.
    """
    numbers = {
        "net_minor": order.net_minor,
        "weight_basis_points": order.weight_basis_points,
        "weighted_minor": weighted_minor(order.net_minor, order.weight_basis_points),
        "refunded_minor": order.refunded_minor,
        "worth_minor": order.worth_minor,
        "credited_minor": order.credited_minor,
        "not_credited_minor": order.worth_minor - order.credited_minor,
        "pending_minor": 0 if order.vested else order.credited_minor,
        **_remaining(remaining_minor),
    }
    if order.refunded_whole:
        key = Key.ORDER_REFUNDED
    elif reason is Reason.BUDGET_SPENT:
        key = Key.ORDER_NOT_IN_MONEY
    elif order.credited_minor < order.worth_minor:
        key = Key.ORDER_PARTLY
    else:
        key = Key.ORDER_IN_FULL
    return Explanation(key, order.credited_minor, numbers, terms.currency)


def why_visit(terms: Terms, participant: Participant, *, credited: bool) -> Explanation:
    """Explain what a verified visit counts for; the participant is as it stands with the visit.

    ``amount_minor`` is what all visits through the own link add to the credit.
    """
    pot = participant.pot
    bonus = terms.visit_bonus(pot.value, pot.visits)
    numbers = {
        "visits": pot.visits,
        "value_minor": pot.value,
        "visit_credit_minor": terms.visit_credit_minor,
        "visit_share_basis_points": terms.visit_share_basis_points,
        "visit_bonus_minor": bonus,
    }
    key = Key.VISIT_COUNTS if credited else Key.VISIT_NOT_IN_MONEY
    return Explanation(key, bonus, numbers, terms.currency)


def why_grant(
    terms: Terms, participant: Participant, value_minor: int, reason: Reason | None
) -> Explanation:
    """Explain why a code of this value is granted or refused, from how things stood before.

    ``amount_minor`` is the code's value, or 0 if it is refused.
    """
    payable = payable_minor(terms, participant)
    numbers = {
        "value_minor": value_minor,
        "payable_minor": payable,
        "min_grant_minor": terms.min_grant_minor,
        "left_minor": payable - value_minor,
        "short_minor": max(0, value_minor - payable),
    }
    key = Key.CODE_GRANTED
    if reason is Reason.BELOW_MINIMUM_GRANT:
        key = Key.CODE_BELOW_MINIMUM
    elif reason is not None:
        key = Key.CODE_ABOVE_PAYABLE
    return Explanation(key, 0 if reason else value_minor, numbers, terms.currency)


def why_budget(
    terms: Terms, totals: Totals, budget_minor: int, reason: Reason | None
) -> Explanation:
    """Explain why the budget is now this amount, or cannot be; ``amount_minor`` is what it is."""
    numbers = {
        "budget_minor": budget_minor,
        "promised_minor": budget.liability_minor_rounded_up(totals),
    }
    key = Key.BUDGET_TOO_LOW if reason else Key.BUDGET_SET
    return Explanation(key, totals.budget_minor, numbers, terms.currency)


def why_joined(terms: Terms, reason: Reason | None) -> Explanation:
    """Explain below or beside whom somebody takes part; there is no amount yet."""
    key = Key.JOINED_BESIDE if reason is Reason.DEPTH_CAPPED else Key.JOINED
    return Explanation(key, 0, {}, terms.currency)


def _key(pot: Aggregates, numbers: dict[str, int]) -> Key:
    """Choose the sentence."""
    if numbers["owed_minor"]:
        return Key.OWED
    if numbers["below_credit_minor"]:
        return Key.BRANCH
    if pot.value:
        return Key.OWN_LINK
    return Key.VISITS_ONLY if pot.visits else Key.NOTHING_YET


def _band_numbers(schedule: Schedule, credit_minor: int) -> dict[str, int]:
    """Return the rate of the next credit, and how far the next higher band is, if there is one."""
    thresholds, rates = schedule.thresholds_minor, schedule.rates_basis_points
    band = sum(threshold <= credit_minor for threshold in thresholds) - 1
    numbers = {"band_basis_points": rates[band]}
    if band + 1 < len(rates):
        numbers["to_next_band_minor"] = thresholds[band + 1] - credit_minor
        numbers["next_band_basis_points"] = rates[band + 1]
    return numbers


def _remaining(remaining_minor: int | None) -> dict[str, int]:
    return {} if remaining_minor is None else {"remaining_minor": remaining_minor}


def _notes_of(numbers: dict[str, int], vests: str) -> list[Note]:
    """Choose the notes that the numbers have something to say about, in the order of reading."""
    chosen: list[Note] = []
    if "reward_parts" in numbers and numbers["visit_bonus_minor"]:
        chosen.append(Note.VISITS)
    if numbers.get("pending_minor", 0):
        chosen.append(Note.PENDING_UNTIL if vests else Note.PENDING)
    if numbers.get("granted_minor", 0):
        chosen.append(Note.TAKEN)
    if "band_basis_points" in numbers:
        chosen.append(Note.NEXT_BAND if "next_band_basis_points" in numbers else Note.TOP_BAND)
    if "remaining_minor" in numbers:
        chosen.append(Note.BUDGET_LEFT if numbers["remaining_minor"] else Note.BUDGET_EMPTY)
    return chosen
