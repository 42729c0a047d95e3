"""What goes wrong when a caller is mistaken; every text may be shown to that caller.

RewardsError
├── MoneyInvalid           an amount or a currency that cannot be read
│   └── MixedCurrencies    two currencies in one sum
├── TermsInvalid           an offer's terms that cannot work
│   └── TermsUnreadable    stored terms with missing or unknown members
├── FactInvalid            a fact that contradicts itself
│   ├── RefundTooLarge     more refunded than was paid
│   └── FactUnreadable     a stored fact or reason with missing or unknown parts
└── HistoryBroken          a fact that contradicts what happened before
    ├── UnknownParticipant
    ├── AlreadyJoined
    ├── AlreadyVested
    ├── NothingToVest
    ├── NeverCredited      something is taken back, or vests, that was never there
    ├── MoreThanGranted    more redeemed or returned than codes are out
    ├── MoreThanPromised   the same for friends' welcome codes
    └── CodeEnded          a code that was used or has ended is used again

A refusal by the rules is not an error: see ``decision.Reason``.
"""


class RewardsError(Exception):
    """The caller is mistaken; nothing was changed."""


class MoneyInvalid(RewardsError):
    """An amount or a currency that cannot be read."""


class MixedCurrencies(MoneyInvalid):
    """Two currencies met in one sum or comparison."""

    def __init__(self, one: str, other: str) -> None:
        """Name the two."""
        super().__init__(
            f"{one} and {other} cannot be added or compared; convert one of them first."
        )


class TermsInvalid(RewardsError):
    """Terms that cannot work; the text says what to do."""


class TermsUnreadable(TermsInvalid):
    """Stored terms with missing, unknown or mistyped members."""


class FactInvalid(RewardsError):
    """A fact that contradicts itself, like an order of less than nothing."""


class RefundTooLarge(FactInvalid):
    """More would be refunded than was paid and not yet refunded."""

    def __init__(self, refund_minor: int, left_minor: int) -> None:
        """Say how much is left."""
        super().__init__(
            f"A refund of {refund_minor} minor units is larger than the {left_minor} that are left"
            " of this order; refund at most what is left."
        )


class FactUnreadable(FactInvalid):
    """A stored fact or reason with a missing, unknown or mistyped part."""


class HistoryBroken(RewardsError):
    """A fact that contradicts what happened before."""


class UnknownParticipant(HistoryBroken):
    """A participant who has not joined, or whose path to the root was not loaded."""

    def __init__(self, participant: int) -> None:
        """Say who."""
        super().__init__(
            f"Participant {participant} is not in this forest; let them join first, and load the"
            " whole path to the root."
        )


class AlreadyJoined(HistoryBroken):
    """A participant joins twice; nobody ever moves."""

    def __init__(self, participant: int) -> None:
        """Say who."""
        super().__init__(f"Participant {participant} has already joined, and nobody joins twice.")


class AlreadyVested(HistoryBroken):
    """An order vests twice."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This order has already vested; an order vests once.")


class NothingToVest(HistoryBroken):
    """An order vests although all of it was refunded."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("All of this order was refunded; there is nothing left to vest.")


class NeverCredited(HistoryBroken):
    """Something is taken back, or vests, that this participant was never credited with."""

    def __init__(self, participant: int, what: str) -> None:
        """Say who and of what."""
        super().__init__(
            f"Participant {participant} was never credited with these {what}; check that the order"
            " or visit is theirs and was not taken back before."
        )


class MoreThanGranted(HistoryBroken):
    """More is redeemed, returned or rolled back than is there."""

    def __init__(self, participant: int, value_minor: int, there_minor: int) -> None:
        """Say how much is there."""
        super().__init__(
            f"{value_minor} minor units are more than the {there_minor} that participant"
            f" {participant} has there; name at most these."
        )


class MoreThanPromised(HistoryBroken):
    """More of the friends' welcome discounts is moved than is there."""

    def __init__(self, value_minor: int, there_minor: int) -> None:
        """Say how much is there."""
        super().__init__(
            f"{value_minor} minor units are more than the {there_minor} of the friends' line; check"
            " that this welcome code is out."
        )


class CodeEnded(HistoryBroken):
    """A code that is not in the state for what is asked of it."""

    def __init__(self, event_id: str) -> None:
        """Say which."""
        super().__init__(
            f"The code granted by {event_id!r} is not there for this; it was used, has ended or is"
            " not redeemed."
        )
