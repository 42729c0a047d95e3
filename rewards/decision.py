"""What the engine answers: a decision, with a reason whenever it is not "yes, in full"."""

from dataclasses import dataclass
from enum import StrEnum

from rewards.facts import Fact, Order
from rewards.ledger import Transfer


class Reason(StrEnum):
    """Why a fact did not count in full; stable, stored and shown (see ``explain``)."""

    BUDGET_PARTLY = "budget_partly"
    """The order is credited with the largest part that the budget has room for."""
    BUDGET_SPENT = "budget_spent"
    """The budget has no room: the order or visit counts, but not in money."""
    DEPTH_CAPPED = "depth_capped"
    """The tree is as deep as it may be; the newcomer joined beside the would-be parent."""
    BELOW_MINIMUM_GRANT = "below_minimum_grant"
    MORE_THAN_PAYABLE = "more_than_payable"
    BUDGET_BELOW_LIABILITY = "budget_below_liability"
    """A budget cannot be lower than what is already promised."""
    WELCOME_SPENT = "welcome_spent"
    """What was set aside for the friends' welcome discounts has no room for another."""
    WELCOME_TAKEN = "welcome_taken"
    """This friend was welcomed before."""


REFUSALS = frozenset(
    {
        Reason.BELOW_MINIMUM_GRANT,
        Reason.MORE_THAN_PAYABLE,
        Reason.BUDGET_BELOW_LIABILITY,
        Reason.WELCOME_SPENT,
        Reason.WELCOME_TAKEN,
    }
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one fact, and the ledger transfers that follow from it.

    ``order`` is the order as it now stands, for the facts about orders; ``credited`` says for
    visits whether they count in money, and must be repeated when they vest or are removed.
    """

    fact: Fact
    reason: Reason | None = None
    order: Order | None = None
    credited: bool = False
    transfers: tuple[Transfer, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the rules said no and nothing was changed."""
        return self.reason in REFUSALS
