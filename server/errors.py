"""Everything that can go wrong on purpose.

Errors speak of the product and know no HTTP; ``server/web/problems.py`` gives each its status.
Every ``str(error)`` may be shown to the caller, so it says what to do and names no secret.

ProductError
├── NotFound
├── NotSignedIn
├── NotAllowed
├── ContentLocked
├── Invalid
│   ├── CursorInvalid
│   ├── FieldInvalid
│   ├── ReplayInvalid
│   └── TimesInvalid
├── ConsentMissing
├── Conflict
│   ├── EventTaken
│   ├── OrderRefTaken
│   ├── ReversalRefTaken
│   ├── RollbackRefTaken
│   ├── RedemptionEnded
│   ├── AlreadyReferred
│   ├── OfferNotEditable
│   ├── QuestionNotEditable
│   ├── BrandTaken
│   └── IdempotencyKeyReused
├── CodeRefused
├── GrantRefused
├── ClaimRefused
├── Gone
└── Unavailable
"""

from collections.abc import Mapping
from enum import StrEnum


class ProductError(Exception):
    """Base of what a service raises; ``str(error)`` is safe to show to the caller.

    ``sentence`` is constant, with ``{names}`` for its ``values``, so that a page can say it in
    another language.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class NotFound(ProductError):
    """There is no such thing, or none that the caller may see."""


class NotSignedIn(ProductError):
    """The caller did not say who they are, or the proof is no longer good."""


class NotAllowed(ProductError):
    """The caller is known and may not do this."""


class ContentLocked(ProductError):
    """Exclusive content is not unlocked; the sentence says what is missing."""


class Invalid(ProductError):
    """A value breaks a rule that its shape alone could not show."""


class CursorInvalid(Invalid):
    """A list was asked to go on from a place that it never gave."""


class FieldInvalid(Invalid):
    """One field of a form or a body is not valid; ``field`` names it."""

    def __init__(self, field: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.field = field


class ReplayInvalid(Invalid):
    """A cascade file cannot be replayed; the sentence names the line."""


class TimesInvalid(Invalid):
    """A moment lies where it cannot be, such as an order in the future."""


class ConsentMissing(ProductError):
    """The person has not agreed to this, agreed to another text, or took it back."""


class Conflict(ProductError):
    """The request contradicts what is already recorded."""


class EventTaken(Conflict):
    """The device already used this event id for something else."""


class OrderRefTaken(Conflict):
    """A different order was already reported under this reference."""

    def __init__(self, order_ref: str) -> None:
        super().__init__(
            f"Order {order_ref!r} was already reported with other values. "
            "Use a new reference for a new order, or a reversal for a refund."
        )
        self.order_ref = order_ref


class ReversalRefTaken(Conflict):
    """A different refund was already reported under this reference."""

    def __init__(self, reversal_ref: str) -> None:
        super().__init__(
            f"Reversal {reversal_ref!r} was already reported with another amount. "
            "Use a new reference for each refund."
        )
        self.reversal_ref = reversal_ref


class RollbackRefTaken(Conflict):
    """A different rollback of this redemption was already asked for under this reference."""

    def __init__(self, rollback_ref: str) -> None:
        super().__init__(
            f"Rollback {rollback_ref!r} was already asked for with another amount. "
            "Use a new reference for each rollback."
        )
        self.rollback_ref = rollback_ref


class RedemptionEnded(Conflict):
    """The use of the code for this order was rolled back; repeating it would use the code again."""

    def __init__(self, order_ref: str) -> None:
        super().__init__(
            f"The use of this code for order {order_ref!r} was rolled back. "
            "To use the code again, send a new order reference."
        )
        self.order_ref = order_ref


class AlreadyReferred(Conflict):
    """Somebody else already brought this friend to the offer; the first referral stays."""


class OfferNotEditable(Conflict):
    """A published offer is frozen; publish a successor instead."""


class QuestionNotEditable(Conflict):
    """What customers are asked is frozen; a changed question is a new version."""


class BrandTaken(Conflict):
    """Another brand already uses this name in addresses, or this domain."""


class IdempotencyKeyReused(Conflict):
    """The Idempotency-Key was used for a request with another body or address."""


class RefusalKey(StrEnum):
    """Why a code cannot be used.  Stable: partners write programs against these."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    ALREADY_REDEEMED = "already_redeemed"
    RESERVED_ELSEWHERE = "reserved_elsewhere"
    REVOKED = "revoked"
    WRONG_BRAND = "wrong_brand"
    MINIMUM_NOT_MET = "minimum_not_met"
    CURRENCY_MISMATCH = "currency_mismatch"
    HOLDER_MISMATCH = "holder_mismatch"
    NOT_YET_VALID = "not_yet_valid"


class CodeRefused(ProductError):
    """The code cannot be used; ``key`` is one of ``RefusalKey``, ``sentences`` by language."""

    def __init__(self, key: RefusalKey, sentences: Mapping[str, str]) -> None:
        super().__init__(sentences["en"])
        self.key = key
        self.sentences = dict(sentences)


class GrantRefused(ProductError):
    """The engine gives no code for this request; ``reason`` is its key."""

    def __init__(self, reason: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.reason = reason


class ClaimRefused(ProductError):
    """A referral claim does not hold; ``reason`` is its key."""

    def __init__(self, reason: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.reason = reason


class Gone(ProductError):
    """It was here and was taken back on purpose."""


class Unavailable(ProductError):
    """A service we rely on does not answer; the same request may work later."""
