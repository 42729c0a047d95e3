"""The attribution log: each visit, order and referral that touched a person, and what became of it.

Others have no names in it, except the one under which they shared.  Who visits has a keyed name
that holds for this log alone: it tells visitors apart and leads nobody anywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from rewards.money import Money
from server import tokens
from server.services import attribution_words as words
from server.services.attribution import Unattributed
from server.services.sentences import Sentence, say
from server.store import attribution_log as store
from server.store.attribution_log import Entry, Place, Source

PAGE = 30
NAME_LENGTH = 6
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry: what happened, what became of it, and what else is to be said."""

    at: datetime
    is_mine: bool
    """Whether the person was the friend or buyer, and not the sharer."""
    what: Sentence
    outcome: Sentence
    notes: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log; ``behind`` is where the next one begins, if there is one."""

    lines: tuple[LogLine, ...]
    behind: Place | None


def of_member(
    db: Session, *, member_id: int, behind: Place | None, key: str, now: datetime
) -> LogPage:
    """Return a page of a member's log; ``key`` makes the names of visitors."""
    found = store.of_member(db, member_id, behind=behind, limit=PAGE + 1)
    shown = found[:PAGE]
    orders = [e.place.row_id for e in shown if e.place.source in _ORDERS]
    refunds, held = store.refunds(db, orders), store.held(db, orders)

    def name_of(kind: str, whom: object) -> str:
        return tokens.keyed(key, "attribution log", kind, str(member_id), str(whom))[:NAME_LENGTH]

    lines = []
    for entry in shown:
        values = dict(entry.values)
        if entry.place.source in _ORDERS:
            values["refunds"] = refunds.get(entry.place.row_id, [])
            values["is_held"] = entry.place.row_id in held
        lines.append(_line(entry, values, name_of, now))
    return LogPage(tuple(lines), shown[-1].place if len(found) > PAGE else None)


_ORDERS = frozenset({Source.ORDER_BROUGHT, Source.ORDER_OF_MINE})
_MINE = frozenset({Source.ORDER_OF_MINE, Source.VISIT_OF_MINE, Source.REFERRAL_OF_MINE})


def _line(
    entry: Entry, values: Values, name_of: Callable[[str, object], str], now: datetime
) -> LogLine:
    where = {"offer": values["offer"], "brand": values["brand"]}
    name = values["name"] or words.NOBODY_NAMED  # of what was found, the case
    notes: tuple[Sentence, ...] = ()
    match entry.place.source:
        case Source.ORDER_BROUGHT:
            what = say("An order came through your link for {offer} by {brand}.", **where)
            outcome, notes = _credit(values), _order_notes(values, now)
        case Source.VISIT_BROUGHT:
            visitor = words.A_VISITOR
            if values["visitor_key"] is not None:
                called = name_of("visitor", values["visitor_key"].hex())
                visitor = say("Visitor {name}", name=called)
            what = say(
                "{visitor} opened your link for {offer} by {brand}.", visitor=visitor, **where
            )
            outcome, notes = _visited(values), _vesting(values, now)
        case Source.FRIEND_BROUGHT:
            friend = name_of("friend", values["friend_id"])
            what = say("Friend {name} confirmed that you brought them.", name=friend)
            outcome = say("What they set in motion for {offer} by {brand} counts for you.", **where)
        case Source.ORDER_OF_MINE:
            what = say("{brand} reported an order that we take for yours.", **where)
            outcome = words.ORDERS.get(values["reason"]) or say("It counts for {name}.", name=name)
            notes = _refund_days(values)
        case Source.VISIT_OF_MINE:
            what = say(
                "You came to {offer} by {brand} through a link of {name}.", name=name, **where
            )
            outcome = words.VISITS[values["outcome"]]
        case Source.FOUND:
            what, outcome, notes = words.found(values)
        case _:
            what = say(
                "You confirmed that {name} brought you to {offer} by {brand}.", name=name, **where
            )
            outcome = say("What you set in motion counts for {name}, too.", name=name)
    is_mine = entry.place.source in _MINE
    return LogLine(entry.place.at, is_mine, what, outcome, notes)


def _credit(values: Values) -> Sentence:
    if values["reason"] == Unattributed.OWN_ORDER:
        return Sentence(words.OWN_ORDER.words, {"brand": values["brand"]})
    if values["reason"] in words.ORDERS:
        return words.ORDERS[values["reason"]]
    amount = Money(values["credited_minor"], values["currency"])
    sentence = words.LIMITED.get(values["reason"])
    if sentence is None:
        return say("{amount} of it count for you.", amount=amount)
    return Sentence(sentence.words, {"amount": amount})


def _visited(values: Values) -> Sentence:
    if values["outcome"] is None and values["verified_at"] is None:
        return words.NOT_VERIFIED
    if values["outcome"] == "counted" and not values["credited"]:
        return words.REACH_ALONE
    return words.VISITS[values["outcome"]]


def _order_notes(values: Values, now: datetime) -> tuple[Sentence, ...]:
    notes = [
        say(
            "Refunded on {day}: {before} became {after}.",
            day=refund.reversed_at,
            before=Money(refund.credited_before_minor, values["currency"]),
            after=Money(refund.credited_after_minor, values["currency"]),
        )
        for refund in values["refunds"]
    ]
    if values["is_held"]:
        return (*notes, words.HELD)
    return (*notes, *_vesting(values, now))


def _refund_days(values: Values) -> tuple[Sentence, ...]:
    days = [say("Refunded on {day}.", day=refund.reversed_at) for refund in values["refunds"]]
    return (*days, words.HELD) if values["is_held"] else tuple(days)


def _vesting(values: Values, now: datetime) -> tuple[Sentence, ...]:
    if values["vested_at"] is not None:
        return (say("Yours to take since {day}.", day=values["vested_at"]),)
    if values["vests_at"] is not None and values["vests_at"] > now:
        return (say("Yours to take from {day} on.", day=values["vests_at"]),)
    return ()
