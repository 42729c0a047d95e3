"""Terms, facts and reasons to and from JSON, strictly: the stored forms of the engine.

Tags and member names are permanent: what was written once is read for ever, so a tag is never
changed and never given to anything else, and a form that needs another member gets a new tag beside
the old one.  An unknown or a missing member is an error in both directions of time: old code must
not read a new form with a member left out, and new code must not fill in what an old form never
said.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_type_hints

from rewards.decision import Reason
from rewards.errors import FactUnreadable, TermsUnreadable
from rewards.facts import (
    BudgetRaised,
    Fact,
    Granted,
    GrantReturned,
    Joined,
    Order,
    OrderPlaced,
    OrderReversed,
    OrderVested,
    Redeemed,
    RedemptionRolledBack,
    ReturnReason,
    VisitRemoved,
    VisitVerified,
    VisitVested,
)
from rewards.terms import RULE_VERSION, Terms

FACT_TAGS: dict[str, type[Fact]] = {
    "joined/1": Joined,
    "visit_verified/1": VisitVerified,
    "visit_vested/1": VisitVested,
    "visit_removed/1": VisitRemoved,
    "order_placed/1": OrderPlaced,
    "order_vested/1": OrderVested,
    "order_reversed/1": OrderReversed,
    "granted/1": Granted,
    "grant_returned/1": GrantReturned,
    "redeemed/1": Redeemed,
    "redemption_rolled_back/1": RedemptionRolledBack,
    "budget_raised/1": BudgetRaised,
}
"""The kind of fact that each tag stands for; append only."""

REASON_TAGS: dict[str, Reason] = {
    "budget_partly": Reason.BUDGET_PARTLY,
    "budget_spent": Reason.BUDGET_SPENT,
    "depth_capped": Reason.DEPTH_CAPPED,
    "below_minimum_grant": Reason.BELOW_MINIMUM_GRANT,
    "more_than_payable": Reason.MORE_THAN_PAYABLE,
    "budget_below_liability": Reason.BUDGET_BELOW_LIABILITY,
    "welcome_spent": Reason.WELCOME_SPENT,
    "welcome_taken": Reason.WELCOME_TAKEN,
}
"""The reason that each tag stands for; append only."""

RETURN_TAGS: dict[str, ReturnReason] = {
    "expired": ReturnReason.EXPIRED,
    "revoked": ReturnReason.REVOKED,
    "unused": ReturnReason.UNUSED,
}
"""Why a code gave its value back; append only."""

_TAGS_OF_FACTS = {kind: tag for tag, kind in FACT_TAGS.items()}
_TAGS_OF_REASONS = {reason: tag for tag, reason in REASON_TAGS.items()}
_TAGS_OF_RETURNS = {reason: tag for tag, reason in RETURN_TAGS.items()}

_TAG = "fact"
_RULE = "rule_version"
_LISTS = ("thresholds_minor", "rates_basis_points")


def terms_to_json(terms: Terms) -> dict[str, object]:
    """Write terms as a JSON object, with the version of the rule they are meant for."""
    members: dict[str, object] = {_RULE: RULE_VERSION}
    for name, value in asdict(terms).items():
        members[name] = list(value) if name in _LISTS else value
    return members


def terms_from_json(members: Mapping[str, object]) -> Terms:
    """Read what ``terms_to_json`` wrote.

    Raises:
        TermsUnreadable: a member is missing, unknown or of another type, or the rule is another.
        TermsInvalid: the members are readable but the terms cannot work.
    """
    names = {field.name for field in fields(Terms)} | {_RULE}
    if wrong := sorted(names ^ set(members)):
        msg = f"Stored terms need exactly the known members; these differ: {', '.join(wrong)}."
        raise TermsUnreadable(msg)
    if members[_RULE] != RULE_VERSION:
        msg = f"Stored terms are for rule {members[_RULE]!r}; this code computes {RULE_VERSION!r}."
        raise TermsUnreadable(msg)
    values: dict[str, object] = {}
    for name, value in members.items():
        if name in _LISTS:
            if not isinstance(value, list):
                msg = f"Let {name} be a list of whole numbers."
                raise TermsUnreadable(msg)
            values[name] = tuple(value)
        elif name != _RULE:
            values[name] = value
    return Terms(**values)  # type: ignore[arg-type]  # Terms checks every type itself


def fact_to_json(fact: Fact) -> dict[str, object]:
    """Write a fact as a JSON object with its permanent tag."""
    members: dict[str, object] = {_TAG: _TAGS_OF_FACTS[type(fact)]}
    for field in fields(fact):
        value = getattr(fact, field.name)
        if isinstance(value, Order):
            value = asdict(value)
        elif isinstance(value, ReturnReason):
            value = _TAGS_OF_RETURNS[value]
        members[field.name] = value
    return members


def fact_from_json(members: Mapping[str, object]) -> Fact:
    """Read what ``fact_to_json`` wrote, now or ever.

    Raises:
        FactUnreadable: the tag is unknown, or a member is missing, unknown or of another type.
        FactInvalid: the members are readable but the fact contradicts itself.
    """
    tag = members.get(_TAG)
    kind = FACT_TAGS.get(tag) if isinstance(tag, str) else None
    if kind is None:
        msg = f"{tag!r} is no kind of fact that this code knows."
        raise FactUnreadable(msg)
    values = {name: value for name, value in members.items() if name != _TAG}
    return kind(**_members(kind, values, str(tag)))


def reason_to_text(reason: Reason) -> str:
    """Write a reason as its permanent tag."""
    return _TAGS_OF_REASONS[reason]


def reason_from_text(tag: str) -> Reason:
    """Read what ``reason_to_text`` wrote, now or ever.

    Raises:
        FactUnreadable: the tag is unknown.
    """
    if tag not in REASON_TAGS:
        msg = f"{tag!r} is no reason that this code knows."
        raise FactUnreadable(msg)
    return REASON_TAGS[tag]


def _members(kind: type[Any], values: Mapping[str, object], what: str) -> dict[str, Any]:
    """Check that the members of a stored form are exactly those of its kind, each of its type."""
    hints = {field.name: get_type_hints(kind)[field.name] for field in fields(kind)}
    if wrong := sorted(hints.keys() ^ values.keys()):
        msg = f"A stored {what} needs exactly the known members; these differ: {', '.join(wrong)}."
        raise FactUnreadable(msg)
    return {name: _member(hint, values[name], f"{what} {name}") for name, hint in hints.items()}


def _member(hint: Any, value: object, what: str) -> object:  # noqa: ANN401 - any type hint
    """Read one member: a number, a text, a truth, an order or the reason of a return."""
    if hint is Order and isinstance(value, Mapping):
        return Order(**_members(Order, value, what))
    if hint is ReturnReason and isinstance(value, str) and value in RETURN_TAGS:
        return RETURN_TAGS[value]
    if type(value) in _PLAIN.get(hint, ()):
        return value
    msg = f"The stored {what} cannot be {value!r}."
    raise FactUnreadable(msg)


_PLAIN: dict[Any, tuple[type, ...]] = {
    int: (int,),
    str: (str,),
    bool: (bool,),
    str | None: (str, type(None)),
    int | None: (int, type(None)),
}
"""The types of plain members; ``type`` is asked because a truth is no number here."""
