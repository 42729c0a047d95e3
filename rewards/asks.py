"""The data-request budget: what a customer may be asked, in whole numbers (docs/ENGINE.md §10).

Every question costs points by its sensitivity.  Points come slowly with time and with value that
was really delivered; so nobody is ever asked for more than they were given.  No reply ever changes
an amount, a code or an unlock.  Moments are whole seconds of any one clock; a point has 6 048 000
parts, so that a second and a cent are whole numbers of parts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rewards.errors import FactInvalid

DAY_S = 86_400
POINT = 6_048_000
PER_SECOND = POINT // (14 * DAY_S)
TIME_MAX = 2 * POINT
"""So without delivered value nothing above two points can ever be asked."""
VALUE_MAX = 6 * POINT
PER_ITEM = POINT // 2
VALUE_PER_POINT_MINOR = 500
ALIKE_MIN = 20
"""An answer must leave at least this many customers who look the same."""
YEAR_DAYS, ASKS_A_YEAR_MAX = 365, 6
ANSWERED_PAUSE_DAYS, REFUSED_PAUSE_DAYS, PAUSE_MAX_DAYS = 14, 30, 365
UNUSED_DAYS = 180
_THOUSAND = 1_000


class Kind(StrEnum):
    """What a question is about; special categories of personal data are not among them."""

    SIZE = "size"
    CATEGORY = "category"
    CITY = "city"
    BIRTHDAY_MONTH = "birthday_month"
    CONTACT = "contact"
    BIRTH_DATE = "birth_date"
    INCOME_BRACKET = "income_bracket"


SENSITIVITY = {
    Kind.SIZE: 1,
    Kind.CATEGORY: 1,
    Kind.CITY: 2,
    Kind.BIRTHDAY_MONTH: 2,
    Kind.CONTACT: 3,
    Kind.BIRTH_DATE: 5,
    Kind.INCOME_BRACKET: 5,
}
KEPT_DAYS = {
    Kind.SIZE: 365,
    Kind.CATEGORY: 180,
    Kind.CITY: 730,
    Kind.BIRTHDAY_MONTH: 730,
    Kind.CONTACT: 730,
    Kind.BIRTH_DATE: 730,
    Kind.INCOME_BRACKET: 180,
}


class Reply(StrEnum):
    """What the customer said."""

    ANSWERED = "answered"
    NOT_NOW = "not_now"
    NEVER = "never"


class Refusal(StrEnum):
    """Why a question may not be asked now; stable, stored and shown."""

    EXCLUDED = "excluded"
    """The customer said never."""
    TOO_IDENTIFYING = "too_identifying"
    ASKED_THIS_SESSION = "asked_this_session"
    COOLING_DOWN = "cooling_down"
    ENOUGH_THIS_YEAR = "enough_this_year"
    NOT_EARNED = "not_earned"
    """The question costs more points than there are."""


@dataclass(frozen=True, slots=True)
class Question:
    """One profile field that a brand would like to know, with a coarser version if there is one.

    Raises:
        FactInvalid: it does not say what it changes for the customer.
    """

    field: str
    kind: Kind
    changes: str
    coarser: "Question | None" = None

    def __post_init__(self) -> None:
        """Refuse a question that gives the customer no reason."""
        if not self.changes.strip():
            msg = f"Say what {self.field} changes for the customer, or do not ask."
            raise FactInvalid(msg)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was put to a customer: kept for the audit; ``reply`` None until given."""

    at_s: int
    field: str
    session: str
    cost_parts: int
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The points of one customer with one brand, and everything that was ever asked."""

    at_s: int
    began_s: int
    time_parts: int = POINT
    value_parts: int = 0
    delivered_parts: int = 0
    """Everything ever delivered, also what the limit on points let go."""
    history: tuple[Asked, ...] = ()


def opened(now_s: int) -> Account:
    """Open a customer's account, with one point."""
    return Account(at_s=now_s, began_s=now_s)


def passed(account: Account, now_s: int) -> Account:
    """Let time pass: a point in 14 days, at most two.

    Raises:
        FactInvalid: time would run backwards.
    """
    if now_s < account.at_s:
        msg = "Name a moment that is not before the last one; time does not run backwards."
        raise FactInvalid(msg)
    grown = account.time_parts + (now_s - account.at_s) * PER_SECOND
    return replace(account, at_s=now_s, time_parts=min(TIME_MAX, grown))


def delivered(
    account: Account,
    *,
    redeemed_minor: int = 0,
    items_opened: int = 0,
    value_per_point_minor: int = VALUE_PER_POINT_MINOR,
) -> Account:
    """Add points for discounts redeemed and exclusive items opened; at most six are kept.

    Raises:
        FactInvalid: less than nothing was delivered.
    """
    if redeemed_minor < 0 or items_opened < 0 or value_per_point_minor < 1:
        msg = "Deliver something, or nothing; a taken-back discount does not take points back."
        raise FactInvalid(msg)
    parts = redeemed_minor * POINT // value_per_point_minor + items_opened * PER_ITEM
    return replace(
        account,
        value_parts=min(VALUE_MAX, account.value_parts + parts),
        delivered_parts=account.delivered_parts + parts,
    )


def cost_parts(question: Question, alike_after: int) -> int:
    """Return what a question costs: its sensitivity and max(0, log2(20 / alike)), rounded up.

    ``alike_after`` is how many customers of the brand will share the resulting combination of
    answers.  The logarithm is rounded up to thousandths of a point, by whole numbers alone: the
    least m with 2^m * alike^1000 >= 20^1000.
    """
    alike = min(ALIKE_MIN, max(1, alike_after))
    needed: int = -(-pow(ALIKE_MIN, _THOUSAND) // pow(alike, _THOUSAND))
    surcharge = (needed - 1).bit_length()
    return SENSITIVITY[question.kind] * POINT + surcharge * (POINT // _THOUSAND)


def refusal(
    account: Account, question: Question, *, alike_after: int, session: str, now_s: int
) -> Refusal | None:
    """Return why a question may not be asked now, or None if it may.

    Raises:
        FactInvalid: time would run backwards.
    """
    account = passed(account, now_s)
    asked = account.history
    lately = [one for one in asked if now_s - one.at_s < YEAR_DAYS * DAY_S]
    cost = cost_parts(question, alike_after)
    checks = (
        (Refusal.EXCLUDED, question.field in excluded_fields(asked)),
        (Refusal.TOO_IDENTIFYING, alike_after < ALIKE_MIN),
        (Refusal.ASKED_THIS_SESSION, any(one.session == session for one in asked)),
        (Refusal.COOLING_DOWN, now_s < rests_until_s(asked)),
        (Refusal.ENOUGH_THIS_YEAR, len(lately) >= ASKS_A_YEAR_MAX),
        (Refusal.NOT_EARNED, cost > account.time_parts + account.value_parts),
    )
    return next((reason for reason, holds in checks if holds), None)


def alike_after(customers: int, shares: Iterable[tuple[int, int]]) -> int:
    """Return how many customers would share a combination of answers, rounded down.

    ``shares`` has (how many gave it, how many answered) of each answer in it, taken as independent
    of each other; and nobody is alike where nobody answered.
    """
    alike, of = customers, 1
    for gave, answered in shares:
        alike, of = alike * gave, of * answered
    return alike // of if of else 0


def coarsest_needed(question: Question, alike: dict[str, int]) -> Question | None:
    """Return the question, or the first coarser version that leaves enough alike, or None.

    ``alike`` says by field how many customers would share the resulting answers.
    """
    wanted: Question | None = question
    while wanted is not None and alike.get(wanted.field, 0) < ALIKE_MIN:
        wanted = wanted.coarser
    return wanted


def ask(
    account: Account, question: Question, *, alike_after: int, session: str, now_s: int
) -> Account | Refusal:
    """Ask a question and pay for it, whatever the reply will be: first from delivered value.

    Raises:
        FactInvalid: time would run backwards.
    """
    refused = refusal(account, question, alike_after=alike_after, session=session, now_s=now_s)
    if refused is not None:
        return refused
    account = passed(account, now_s)
    cost = cost_parts(question, alike_after)
    from_value = min(cost, account.value_parts)
    return replace(
        account,
        value_parts=account.value_parts - from_value,
        time_parts=account.time_parts - (cost - from_value),
        history=(*account.history, Asked(now_s, question.field, session, cost)),
    )


def replied(account: Account, reply: Reply) -> Account:
    """Note the reply to the last question.

    Raises:
        FactInvalid: nothing was asked, or it has its reply.
    """
    if not account.history or account.history[-1].reply is not None:
        msg = "Ask a question before noting its reply."
        raise FactInvalid(msg)
    *before, last = account.history
    return replace(account, history=(*before, replace(last, reply=reply)))


def excluded_fields(history: Collection[Asked]) -> frozenset[str]:
    """Return the fields that the customer never wants to be asked about again."""
    return frozenset(one.field for one in history if one.reply is Reply.NEVER)


def is_expired(kind: Kind, *, answered_s: int, used_s: int, now_s: int) -> bool:
    """Tell whether a value must be deleted: too old, or used by no decision for 180 days."""
    too_old = now_s - answered_s >= KEPT_DAYS[kind] * DAY_S
    return too_old or now_s - max(used_s, answered_s) >= UNUSED_DAYS * DAY_S


def audit(account: Account) -> bool:
    """Tell whether everything ever asked was covered: 1 + days / 14 + delivered / 5.00."""
    spent = sum(one.cost_parts for one in account.history)
    earned = (account.at_s - account.began_s) * PER_SECOND + account.delivered_parts
    return spent <= POINT + earned


def rests_until_s(history: Sequence[Asked]) -> int:
    """Return when the next question may come: later after each refusal.

    No reply yet is a refusal too.
    """
    if not history:
        return 0
    last = history[-1]
    if last.reply is Reply.ANSWERED:
        return last.at_s + ANSWERED_PAUSE_DAYS * DAY_S
    before = sum(one.reply is not Reply.ANSWERED for one in history[:-1])
    days = min(PAUSE_MAX_DAYS, REFUSED_PAUSE_DAYS << before)
    return last.at_s + days * DAY_S
