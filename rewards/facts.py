"""What happened: the only things the engine is ever told.

``event_id`` is the cause that the ledger writes beside every amount; ``undoes``, where there is
one, is the ``event_id`` of the fact that this one takes back.  Amounts are in minor units of the
offer's currency, weights in basis points.  Facts have no time: the caller decides when a return
window is over and says so by a ``...Vested`` fact.
"""

from dataclasses import dataclass
from enum import StrEnum

from rewards.errors import FactInvalid
from rewards.money import LARGEST_MINOR, WHOLE


class ReturnReason(StrEnum):
    """Why a code gave its value back."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSED = "unused"
    """The rest of a code that was redeemed for less than its face value."""


def weighted_minor(net_minor: int, weight_basis_points: int) -> int:
    """Return floor(net * weight / 10 000): what an order counts for (docs/ENGINE.md §2)."""
    return net_minor * weight_basis_points // WHOLE


def _check_amount(name: str, amount: int, low: int = 1, high: int = LARGEST_MINOR) -> None:
    if type(amount) is not int or not low <= amount <= high:
        msg = f"Let {name} be a whole number between {low} and {high}; it was {amount!r}."
        raise FactInvalid(msg)


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it stands: what was paid, refunded and credited.

    ``net_minor`` is without tax, shipping and the discount itself.  ``credited_minor`` is the part
    of V that it holds now, at most its worth.

    Raises:
        FactInvalid: the numbers contradict each other.
    """

    net_minor: int
    weight_basis_points: int
    credited_minor: int
    refunded_minor: int = 0
    vested: bool = False

    def __post_init__(self) -> None:
        """Refuse an order that cannot be."""
        _check_amount("net_minor", self.net_minor)
        _check_amount("weight_basis_points", self.weight_basis_points, 0, WHOLE)
        _check_amount("refunded_minor", self.refunded_minor, 0, self.net_minor)
        _check_amount("credited_minor", self.credited_minor, 0, self.worth_minor)

    @property
    def worth_minor(self) -> int:
        """What is left of the order after refunds, weighted and rounded down."""
        return weighted_minor(self.net_minor - self.refunded_minor, self.weight_basis_points)

    @property
    def refunded_whole(self) -> bool:
        """Whether nothing of the order is left."""
        return self.refunded_minor == self.net_minor


@dataclass(frozen=True, slots=True)
class Joined:
    """A participant shares for the first time; the parent is who brought them in, for good."""

    event_id: str
    participant: int
    parent: int | None


@dataclass(frozen=True, slots=True)
class VisitVerified:
    """A visitor, counted once per offer, was seen to be real (docs/ENGINE.md §7)."""

    event_id: str
    participant: int


@dataclass(frozen=True, slots=True)
class VisitVested:
    """The review hold of a verified visit is over; ``credited`` is what its decision said."""

    event_id: str
    participant: int
    credited: bool = True


@dataclass(frozen=True, slots=True)
class VisitRemoved:
    """A verified visit was found not to be real; ``credited`` is what its decision said."""

    event_id: str
    participant: int
    vested: bool
    credited: bool = True
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order was made through the participant's own link.

    Raises:
        FactInvalid: the amount or the weight is none.
    """

    event_id: str
    participant: int
    net_minor: int
    weight_basis_points: int

    def __post_init__(self) -> None:
        """Refuse an order of nothing, or one that counts more than once."""
        _check_amount("net_minor", self.net_minor)
        _check_amount("weight_basis_points", self.weight_basis_points, 0, WHOLE)


@dataclass(frozen=True, slots=True)
class OrderVested:
    """The return window of an order is over; ``order`` is as it stood before."""

    event_id: str
    participant: int
    order: Order


@dataclass(frozen=True, slots=True)
class OrderReversed:
    """An order was refunded, partly or whole; ``order`` is as it stood before.

    Raises:
        FactInvalid: the refund is none.
    """

    event_id: str
    participant: int
    order: Order
    refund_minor: int
    undoes: str | None = None

    def __post_init__(self) -> None:
        """Refuse a refund of nothing."""
        _check_amount("refund_minor", self.refund_minor)


@dataclass(frozen=True, slots=True)
class _Valued:
    """A fact about a code of a value.

    Raises:
        FactInvalid: the value is none.
    """

    event_id: str
    participant: int
    value_minor: int

    def __post_init__(self) -> None:
        """Refuse a code of nothing."""
        _check_amount("value_minor", self.value_minor)


@dataclass(frozen=True, slots=True)
class Granted(_Valued):
    """The participant takes payable money as a discount code of this face value."""


@dataclass(frozen=True, slots=True)
class GrantReturned(_Valued):
    """A code, or what was left of it, ended unused; its value is payable again, once."""

    reason: ReturnReason
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class Redeemed(_Valued):
    """A granted code was used for an order."""


@dataclass(frozen=True, slots=True)
class RedemptionRolledBack(_Valued):
    """A redemption was undone, partly or whole; the code is out again."""

    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class BudgetRaised:
    """The brand sets the offer's budget; it may fall only as far as nothing is promised.

    Raises:
        FactInvalid: the budget is none.
    """

    event_id: str
    budget_minor: int

    def __post_init__(self) -> None:
        """Refuse a budget below nothing."""
        _check_amount("budget_minor", self.budget_minor, 0)


Fact = (
    Joined
    | VisitVerified
    | VisitVested
    | VisitRemoved
    | OrderPlaced
    | OrderVested
    | OrderReversed
    | Granted
    | GrantReturned
    | Redeemed
    | RedemptionRolledBack
    | BudgetRaised
)
