"""From payable money to discount codes, and from reach to exclusive content.

A code's whole face value is booked when it is granted, for a percentage code its maximum; whatever
it did not give off an order comes back to payable, once.  ``Code`` is the life of one code: every
step returns the code as it then stands and the facts that ``engine.apply`` must be told, so money
and code cannot disagree.  Dates are the caller's: it says when a code expires.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from rewards.decision import Reason
from rewards.errors import CodeEnded, FactInvalid
from rewards.facts import (
    Fact,
    Granted,
    GrantReturned,
    Redeemed,
    RedemptionRolledBack,
    ReturnReason,
)
from rewards.forest import Participant, payable_minor
from rewards.money import LARGEST_MINOR, WHOLE
from rewards.terms import Terms


def refusal(terms: Terms, participant: Participant, value_minor: int) -> Reason | None:
    """Return why a code of this value cannot be granted, or None if it can (docs/ENGINE.md §5)."""
    if value_minor < terms.min_grant_minor:
        return Reason.BELOW_MINIMUM_GRANT
    if value_minor > payable_minor(terms, participant):
        return Reason.MORE_THAN_PAYABLE
    return None


def largest_grant_minor(terms: Terms, participant: Participant) -> int:
    """Return the largest code that would be granted now, or 0 if none."""
    payable = max(0, payable_minor(terms, participant))
    return 0 if refusal(terms, participant, payable) else payable


def redeemable_minor(participant: Participant) -> int:
    """Return the value of the participant's codes that are out and not redeemed."""
    return participant.granted_minor - participant.redeemed_minor


@dataclass(frozen=True, slots=True)
class Discount:
    """What a code gives off an order: an amount, or a percentage with a maximum.

    ``face_minor`` is the amount or the maximum: the most it can ever give, and what is booked.

    Raises:
        FactInvalid: the amount or the percentage is none.
    """

    face_minor: int
    rate_basis_points: int | None = None

    def __post_init__(self) -> None:
        """Refuse a discount of nothing, or of more than the whole."""
        if type(self.face_minor) is not int or not 1 <= self.face_minor <= LARGEST_MINOR:
            msg = f"Let face_minor be a whole number from 1; it was {self.face_minor!r}."
            raise FactInvalid(msg)
        rate = self.rate_basis_points
        if rate is not None and (type(rate) is not int or not 1 <= rate <= WHOLE):
            msg = f"Let rate_basis_points lie between 1 and {WHOLE}; it was {rate!r}."
            raise FactInvalid(msg)

    def off_minor_rounded_down(self, order_minor: int) -> int:
        """Return what it gives off an order of this total."""
        rate = WHOLE if self.rate_basis_points is None else self.rate_basis_points
        return min(self.face_minor, max(0, order_minor) * rate // WHOLE)


class CodeState(StrEnum):
    """Where a code is in its life."""

    OUT = "out"
    REDEEMED = "redeemed"
    ENDED = "ended"
    """Expired or revoked, its value given back."""


@dataclass(frozen=True, slots=True)
class Code:
    """One granted code as it stands; every step returns a new one.

    ``redeemed_minor`` is what it gave off the order it was used for.
    """

    event_id: str
    participant: int
    discount: Discount
    state: CodeState = CodeState.OUT
    redeemed_minor: int = 0


Step = tuple[Code, tuple[Fact, ...]]
"""A code after something happened to it, and the facts that follow for the engine."""


def issue(event_id: str, participant: int, discount: Discount) -> Step:
    """Return a new code and the fact that grants it; the engine may still refuse that fact."""
    fact = Granted(event_id, participant, discount.face_minor)
    return Code(event_id, participant, discount), (fact,)


def automatic(event_id: str, terms: Terms, participant: Participant) -> Step | None:
    """Return a code over everything payable, if that is enough for one, for offers that want it."""
    value = largest_grant_minor(terms, participant)
    return issue(event_id, participant.id, Discount(value)) if value else None


def redeem(code: Code, event_id: str, order_minor: int) -> Step:
    """Use a code for an order of this total; what it does not give off is payable again.

    Raises:
        CodeEnded: the code was used or has ended.
        FactInvalid: the order is so small that the code gives nothing off.
    """
    _check_out(code)
    off = code.discount.off_minor_rounded_down(order_minor)
    facts: tuple[Fact, ...] = (Redeemed(event_id, code.participant, off),)
    if unused := code.discount.face_minor - off:
        facts += (_returned(code, event_id, unused, ReturnReason.UNUSED),)
    return replace(code, state=CodeState.REDEEMED, redeemed_minor=off), facts


def roll_back(code: Code, event_id: str, redeemed_by: str, value_minor: int | None = None) -> Step:
    """Undo the redemption of a code, in part or (without a value) all that is left of it.

    After the whole, the code is out again, with what was left as its amount.  A part goes back to
    payable, and the code stays used for the rest: one code never lowers two orders.

    Raises:
        CodeEnded: the code is not redeemed.
        FactInvalid: nothing, or more than is left of the redemption, is rolled back.
    """
    if code.state is not CodeState.REDEEMED:
        raise CodeEnded(code.event_id)
    left = code.redeemed_minor
    value = left if value_minor is None else value_minor
    if not 1 <= value <= left:
        msg = f"Roll back between 1 and {left}, which is left of the redemption; it was {value}."
        raise FactInvalid(msg)
    undone = RedemptionRolledBack(event_id, code.participant, value, undoes=redeemed_by)
    if value == left:
        out = replace(code, discount=Discount(value), state=CodeState.OUT, redeemed_minor=0)
        return out, (undone,)
    back = _returned(code, event_id, value, ReturnReason.UNUSED)
    return replace(code, redeemed_minor=left - value), (undone, back)


def end(code: Code, event_id: str, reason: ReturnReason) -> Step:
    """Expire or revoke a code and return its value to payable; only the first time does that.

    A code that was used or has ended stays as it is, so an end may safely come twice or late.
    """
    if code.state is not CodeState.OUT:
        return code, ()
    fact = _returned(code, event_id, code.discount.face_minor, reason)
    return replace(code, state=CodeState.ENDED), (fact,)


def _returned(code: Code, event_id: str, value_minor: int, reason: ReturnReason) -> GrantReturned:
    return GrantReturned(event_id, code.participant, value_minor, reason, undoes=code.event_id)


def _check_out(code: Code) -> None:
    if code.state is not CodeState.OUT:
        raise CodeEnded(code.event_id)


def is_unlocked(participant: Participant, threshold_visits: int, *, opened: bool) -> bool:
    """Tell whether content with a threshold on reach is open (docs/ENGINE.md §6).

    A visit that is removed later can lock content again only before it was opened.
    """
    return opened or participant.reach >= threshold_visits


@dataclass(frozen=True, slots=True)
class Unlocks:
    """What became of exclusive content when the reach of a branch changed."""

    unlocked: frozenset[str]
    locked_again: frozenset[str]


def unlocks_between(
    before_visits: int, after_visits: int, thresholds: Mapping[str, int], opened: AbstractSet[str]
) -> Unlocks:
    """Return which content a change of reach unlocks, and which it locks again.

    ``thresholds`` says the verified visits that each content needs, ``opened`` what the customer
    has opened; that stays open whatever is removed.
    """

    def reached(visits: int) -> frozenset[str]:
        return frozenset(name for name, needed in thresholds.items() if visits >= needed)

    before, after = reached(before_visits) | opened, reached(after_visits) | opened
    return Unlocks(unlocked=after - before, locked_again=before - after)
