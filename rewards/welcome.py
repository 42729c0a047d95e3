"""The friend's welcome discount: a budget line of its own, outside the mechanism.

Each referred visitor may get one single-use code for a first order.  A code is promised at its face
value, so the line can never give more than its cap; only what is really given off an order is
booked, from the account ``friend`` to ``redeemed``.  A line is a value: every step returns a new
one, with the transfers that follow.  Source: docs/ENGINE.md §5.
"""

from dataclasses import dataclass, replace

from rewards.decision import Reason
from rewards.errors import FactInvalid, MoreThanPromised
from rewards.explain import Explanation, Key
from rewards.grants import Discount
from rewards.ledger import Account, AccountKind, Transfer
from rewards.terms import Terms


@dataclass(frozen=True, slots=True)
class Line:
    """What is set aside for friends, what of it is promised in codes, and what was given.

    Raises:
        FactInvalid: more is promised and given than is set aside.
    """

    cap_minor: int
    promised_minor: int = 0
    given_minor: int = 0

    def __post_init__(self) -> None:
        """Refuse a line that cannot be."""
        amounts = (self.cap_minor, self.promised_minor, self.given_minor)
        if any(type(amount) is not int or amount < 0 for amount in amounts) or self.room_minor < 0:
            msg = f"A welcome line cannot hold {amounts}: cap, promised and given."
            raise FactInvalid(msg)

    @property
    def room_minor(self) -> int:
        """How much more can be promised: what decides, and what is shown."""
        return self.cap_minor - self.promised_minor - self.given_minor


def promise(line: Line, discount: Discount, *, welcomed: bool) -> tuple[Line, Reason | None]:
    """Promise a friend a welcome code, or say why there is none; ``welcomed`` is whether they had.

    A refusal returns the line as it was.
    """
    if welcomed:
        return line, Reason.WELCOME_TAKEN
    if discount.face_minor > line.room_minor:
        return line, Reason.WELCOME_SPENT
    return replace(line, promised_minor=line.promised_minor + discount.face_minor), None


def redeem(
    line: Line, discount: Discount, event_id: str, order_minor: int
) -> tuple[Line, tuple[Transfer, ...]]:
    """Use a welcome code for an order of this total; what it does not give off has room again.

    Raises:
        MoreThanPromised: no such code is out.
    """
    after = release(line, discount)
    off = discount.off_minor_rounded_down(order_minor)
    after = replace(after, given_minor=line.given_minor + off)
    return after, (_transfer(off, event_id),) if off else ()


def release(line: Line, discount: Discount) -> Line:
    """Let a welcome code end unused; its face value has room again.

    Raises:
        MoreThanPromised: no such code is out.
    """
    if discount.face_minor > line.promised_minor:
        raise MoreThanPromised(discount.face_minor, line.promised_minor)
    return replace(line, promised_minor=line.promised_minor - discount.face_minor)


def roll_back(line: Line, given: Transfer, event_id: str) -> tuple[Line, tuple[Transfer, ...]]:
    """Undo the redemption that made a transfer; the code does not come back, its value does.

    Raises:
        MoreThanPromised: less than this was given.
    """
    if given.amount_minor > line.given_minor:
        raise MoreThanPromised(given.amount_minor, line.given_minor)
    after = replace(line, given_minor=line.given_minor - given.amount_minor)
    return after, (given.undone(event_id, "welcome_rolled_back"),)


def why_refused(terms: Terms, line: Line, discount: Discount, reason: Reason) -> Explanation:
    """Explain why a friend gets no welcome code."""
    numbers = {
        "value_minor": discount.face_minor,
        "cap_minor": line.cap_minor,
        "room_minor": line.room_minor,
    }
    key = Key.WELCOME_TAKEN if reason is Reason.WELCOME_TAKEN else Key.WELCOME_SPENT
    return Explanation(key, 0, numbers, terms.currency)


def _transfer(amount_minor: int, event_id: str) -> Transfer:
    friend, redeemed = Account(AccountKind.FRIEND), Account(AccountKind.REDEEMED)
    return Transfer(friend, redeemed, amount_minor, event_id, "welcome_redeemed")
