"""Double entry in minor units: every movement of money, and what the balances must say.

A transfer leaves the debited account and arrives at the credited one, so the sum of all balances is
always zero.  ``budget`` and ``friend`` are where money comes from: their balances are what was
promised, negative.  The entries of a fact are derived from whole minor units before and after it;
the rest below one minor unit stays in the aggregates and is paid once it is whole.  Source:
docs/ENGINE.md §9.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from rewards.errors import FactInvalid
from rewards.forest import Forest, Participant, reward
from rewards.money import WHOLE
from rewards.terms import RULE_VERSION, Terms


class AccountKind(StrEnum):
    """What an account is for; pending, payable and granted are kept per participant."""

    BUDGET = "budget"
    PENDING = "pending"
    PAYABLE = "payable"
    GRANTED = "granted"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    """Passed through by codes that ended unused: balance 0, its turnover is what came back."""
    FRIEND = "friend"
    """The friends' welcome discounts: a budget line of its own, outside the mechanism."""


_PERSONAL = frozenset({AccountKind.PENDING, AccountKind.PAYABLE, AccountKind.GRANTED})


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one offer; its text is like ``budget`` or ``pending:7``.

    Raises:
        FactInvalid: a personal account without its participant, or the reverse.
    """

    kind: AccountKind
    participant: int | None = None

    def __post_init__(self) -> None:
        """Refuse an account that belongs to nobody, or to somebody who has none of this kind."""
        if (self.kind in _PERSONAL) != (self.participant is not None):
            msg = f"Give a participant for {', '.join(sorted(_PERSONAL))}, and only for these."
            raise FactInvalid(msg)

    def __str__(self) -> str:
        """Write the account as text; ``parse`` reads it."""
        return self.kind if self.participant is None else f"{self.kind}:{self.participant}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote.

        Raises:
            FactInvalid: the text names no account.
        """
        kind, _, participant = text.partition(":")
        if kind in set(AccountKind) and (participant.isdecimal() or text == kind):
            return cls(AccountKind(kind), int(participant) if participant else None)
        msg = f"{text!r} names no account."
        raise FactInvalid(msg)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement: from the debited to the credited account; never changed, only undone.

    ``cause`` is the event that made it, ``undoes`` the event that it takes back.

    Raises:
        FactInvalid: the amount is none.
    """

    debit: Account
    credit: Account
    amount_minor: int
    cause: str
    reason: str
    rule_version: str = RULE_VERSION
    undoes: str | None = None

    def __post_init__(self) -> None:
        """Refuse a movement of nothing."""
        if self.amount_minor <= 0:
            msg = f"A transfer moves at least one minor unit, not {self.amount_minor}."
            raise FactInvalid(msg)

    def undone(self, cause: str, reason: str) -> "Transfer":
        """Return the transfer that takes this one back."""
        return replace(
            self,
            debit=self.credit,
            credit=self.debit,
            cause=cause,
            reason=reason,
            undoes=self.cause,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """One participant's amounts in whole minor units, rounded down."""

    earned: int
    vested: int
    granted: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written beside every transfer of one fact; see ``Transfer``."""

    cause: str
    reason: str
    undoes: str | None = None


def standing(terms: Terms, participant: Participant) -> Standing:
    """Return floor(R_pot), floor(R_vest), granted and redeemed of a participant."""
    return Standing(
        earned=reward(terms, participant.pot) // WHOLE,
        vested=reward(terms, participant.vest) // WHOLE,
        granted=participant.granted_minor,
        redeemed=participant.redeemed_minor,
    )


def transfers_between(
    participant: int,
    before: Standing,
    after: Standing,
    entry: Entry,
) -> Iterator[Transfer]:
    """Yield the transfers that lead a participant from one standing to another."""
    budget, redeemed = Account(AccountKind.BUDGET), Account(AccountKind.REDEEMED)
    expired = Account(AccountKind.EXPIRED)
    pending = Account(AccountKind.PENDING, participant)
    payable = Account(AccountKind.PAYABLE, participant)
    granted = Account(AccountKind.GRANTED, participant)
    given = after.granted - before.granted
    for source, target, amount in (
        (budget, pending, after.earned - before.earned),
        (pending, payable, after.vested - before.vested),
        (payable, granted, max(0, given)),
        (granted, expired, max(0, -given)),
        (expired, payable, max(0, -given)),
        (granted, redeemed, after.redeemed - before.redeemed),
    ):
        if amount > 0:
            yield Transfer(source, target, amount, entry.cause, entry.reason, undoes=entry.undoes)
        elif amount < 0:
            yield Transfer(target, source, -amount, entry.cause, entry.reason, undoes=entry.undoes)


def balances(transfers: Iterable[Transfer]) -> dict[Account, int]:
    """Return the balance of every account that was ever touched, in minor units."""
    sums: dict[Account, int] = {}
    for transfer in transfers:
        sums[transfer.debit] = sums.get(transfer.debit, 0) - transfer.amount_minor
        sums[transfer.credit] = sums.get(transfer.credit, 0) + transfer.amount_minor
    return sums


def expected_balances(forest: Forest) -> dict[Account, int]:
    """Return what the personal accounts must hold, whatever happened (docs/ENGINE.md §9)."""
    expected: dict[Account, int] = {}
    for participant in forest.participants.values():
        now = standing(forest.terms, participant)
        for kind, amount in (
            (AccountKind.PENDING, now.earned - now.vested),
            (AccountKind.PAYABLE, now.vested - now.granted),
            (AccountKind.GRANTED, now.granted - now.redeemed),
        ):
            expected[Account(kind, participant.id)] = amount
    return expected


def check(forest: Forest, sums: Mapping[Account, int], *, whole: bool = True) -> list[str]:
    """Return a sentence for everything that is wrong with the balances of an offer.

    ``sums`` is what ``balances`` returns.  With ``whole=False`` the forest is only a part, and only
    the accounts of its participants are compared.
    """
    expected = expected_balances(forest)
    wrong = [
        f"{account} holds {sums.get(account, 0)} and should hold {amount}."
        for account, amount in expected.items()
        if sums.get(account, 0) != amount
    ]
    if whole:
        wrong += _check_whole(forest, sums, expected)
    return wrong


@dataclass(frozen=True, slots=True)
class Grant:
    """One code as it was issued, or one transfer that granted a code; they match one to one."""

    participant: int
    cause: str
    value_minor: int


def check_codes(issued: Iterable[Grant], granted: Iterable[Grant]) -> list[str]:
    """Return a sentence for every issued code without exactly one grant, and for every other grant.

    ``issued`` comes from the codes, ``granted`` from the transfers (docs/ENGINE.md §9).
    """
    codes, grants = Counter(issued), Counter(granted)
    wrong = [
        f"The code of {grant.value_minor} by {grant.cause} for participant {grant.participant} was"
        f" issued {codes[grant]} times and granted {grants[grant]} times."
        for grant in sorted(codes | grants, key=lambda grant: (grant.participant, grant.cause))
        if codes[grant] != grants[grant]
    ]
    wrong += [
        f"The code by {grant.cause} for participant {grant.participant} was issued {times} times."
        for grant, times in codes.items()
        if times > 1 and grants[grant] == times
    ]
    return wrong


def _check_whole(
    forest: Forest, sums: Mapping[Account, int], expected: Mapping[Account, int]
) -> Iterator[str]:
    """Yield what is wrong with the accounts of nobody in particular."""
    if total := sum(sums.values()):
        yield f"All accounts together hold {total} and should hold 0."
    for account, amount in sums.items():
        if account.kind in _PERSONAL and account not in expected and amount:
            yield f"{account} holds {amount} and belongs to nobody in the forest."

    def held(kind: AccountKind) -> int:
        return sums.get(Account(kind), 0)

    everybody = forest.participants.values()
    redeemed = sum(participant.redeemed_minor for participant in everybody)
    granted = sum(participant.granted_minor for participant in everybody)
    budget = forest.totals.budget_minor
    if (found := held(AccountKind.REDEEMED) + held(AccountKind.FRIEND)) != redeemed:
        yield f"redeemed less friend holds {found} and should hold {redeemed}."
    if expired := held(AccountKind.EXPIRED):
        yield f"expired holds {expired} and should hold 0."
    if (promised := -held(AccountKind.BUDGET)) > budget:
        yield f"{promised} left the budget of {budget}."
    if granted > budget:
        yield f"{granted} were granted from a budget of {budget}."
