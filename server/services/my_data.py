"""What is held about a person and why, in plain words, grouped by what it is for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.services import (
    authorizations,
    my_data_groups,
    my_data_review_words,
    my_data_words,
    own_records,
)
from server.services.authorizations import ConnectedApp
from server.services.my_data_groups import PURPOSES, SURFACES
from server.services.my_data_words import Line
from server.services.sentences import Sentence, say
from server.store.own_records import (
    account,
    asking,
    buying,
    content,
    integrity,
    sharing,
    talking,
)
from server.store.own_records.kinds import Kind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One consent: to what, in which words, where and when, and whether it still stands."""

    public_id: str
    about: Sentence
    words: str
    language: str
    version: str
    surface: Sentence
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """What is held for one purpose; ``key`` is its place on the page."""

    key: str
    title: Sentence
    why: Sentence
    lines: tuple[Line, ...]
    consents: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything on the page."""

    groups: tuple[Group, ...]
    apps: tuple[ConnectedApp, ...]


class _Held:
    """What is held about one member, asked for as it is needed."""

    def __init__(self, db: Session, member_id: int) -> None:
        self._db, self._member_id = db, member_id

    def rows(self, kind: Kind) -> list[Row]:
        return kind.of_member(self._db, self._member_id)

    def count(self, kind: Kind) -> int:
        return kind.count(self._db, self._member_id)


def of_member(db: Session, *, member_id: int, now: datetime) -> MyData:
    """Return what is held about a member, a purpose at a time."""
    held = _Held(db, member_id)
    agreed = _agreements(held)
    groups = [_group(held, agreed, key) for key in my_data_groups.GROUPS]
    connected = authorizations.connected(db, member_id=member_id, now=now)
    return MyData(tuple(group for group in groups if group is not None), tuple(connected))


def _group(held: _Held, agreed: dict[str, list[Agreement]], key: str) -> Group | None:
    title, why = my_data_groups.GROUPS[key]
    lines = _LINES[key](held) if key in _LINES else []
    if key == "work" and not lines:
        return None
    return Group(key, title, why, tuple(lines), tuple(agreed.get(key, ())))


def _agreements(held: _Held) -> dict[str, list[Agreement]]:
    """Return what was agreed to by the group where it belongs, newest first."""
    of_what = {row["consent_id"]: row["offer"] for row in held.rows(sharing.SHARES)}
    of_what |= {row["consent_id"]: row["offer"] for row in held.rows(buying.REFERRALS)}
    for row in held.rows(asking.ANSWERS):
        of_what[row["consent_id"]] = own_records.question_of(row)["title"]
    of_what |= {row["consent_id"]: row["subject"] for row in held.rows(talking.CONVERSATIONS)}
    found: dict[str, list[Agreement]] = {}
    for row in reversed(held.rows(account.CONSENTS)):
        purpose = row["purpose"].partition(":")[0]
        key, about = PURPOSES[purpose]
        what = of_what.get(row["consent_id"], "")
        found.setdefault(key, []).append(
            Agreement(
                public_id=row["consent_id"],
                about=say("{purpose}: {what}", purpose=about, what=what) if what else about,
                words=row["text"],
                language=row["language"],
                version=row["text_version"],
                surface=SURFACES.get(row["surface"], say("elsewhere")),
                given_at=row["given_at"],
                withdrawn_at=row["withdrawn_at"],
            )
        )
    return found


def _signing_in(held: _Held) -> list[Line]:
    return [
        *(my_data_words.account(row) for row in held.rows(account.ACCOUNT)),
        *(my_data_words.browser(row) for row in held.rows(account.BROWSERS)),
    ]


def _sharing(held: _Held) -> list[Line]:
    return [
        *(my_data_words.share(row) for row in reversed(held.rows(sharing.SHARES))),
        *_counted(
            held,
            (sharing.DISCLOSURES, my_data_words.disclosures),
            (sharing.VISITS, my_data_words.visits),
            (sharing.CLICKS, my_data_words.clicks),
            (sharing.ORDERS, my_data_words.orders),
            (sharing.FRIENDS, my_data_words.friends),
        ),
    ]


def _being_a_friend(held: _Held) -> list[Line]:
    return [
        *(my_data_words.referral(row) for row in reversed(held.rows(buying.REFERRALS))),
        *_counted(
            held,
            (buying.ARRIVALS, my_data_words.arrivals),
            (buying.PURCHASES, my_data_words.purchases),
            (buying.OWN_IDENTITIES, my_data_words.own_identities),
            (buying.PURCHASE_IDENTITIES, my_data_words.purchase_identities),
        ),
    ]


def _rewards(held: _Held) -> list[Line]:
    return [
        *(my_data_words.place(row) for row in reversed(held.rows(sharing.PLACES))),
        *_counted(
            held,
            (sharing.BOOKINGS, my_data_words.bookings),
            (buying.CODES, my_data_words.codes),
            (buying.REDEMPTIONS, my_data_words.redemptions),
            (buying.CODES_AT_STRIPE, my_data_words.codes_at_stripe),
        ),
        *(my_data_words.content(row) for row in reversed(held.rows(content.CONTENT))),
    ]


def _questions(held: _Held) -> list[Line]:
    answers = reversed(held.rows(asking.ANSWERS))
    return [
        *(my_data_words.answer({**row, **own_records.question_of(row)}) for row in answers),
        *_counted(held, (asking.ASKS, my_data_words.asks)),
        *(my_data_words.ask_budget(row) for row in held.rows(asking.ASK_BUDGETS)),
    ]


def _messages(held: _Held) -> list[Line]:
    talks = reversed(held.rows(talking.CONVERSATIONS))
    return [
        *(my_data_words.conversation(row) for row in talks),
        *_counted(held, (talking.MESSAGES, my_data_words.messages)),
        *(my_data_words.case(row) for row in reversed(held.rows(sharing.CASES))),
        *(my_data_review_words.finding(row) for row in reversed(held.rows(integrity.FINDINGS))),
        *(my_data_review_words.case(row) for row in reversed(held.rows(integrity.CASES))),
        *_counted(held, (integrity.STATEMENTS, my_data_review_words.statements)),
    ]


def _requests(held: _Held) -> list[Line]:
    return [
        *(my_data_words.request(row) for row in reversed(held.rows(account.REQUESTS))),
        *(my_data_words.export(row) for row in reversed(held.rows(account.EXPORTS))),
    ]


def _work(held: _Held) -> list[Line]:
    return [
        *(my_data_words.team(row) for row in held.rows(account.TEAMS)),
        *_counted(
            held,
            (account.TEAM_ACTIONS, my_data_words.team_actions),
            (talking.WRITTEN_FOR_BRANDS, my_data_words.messages_for_brands),
            (integrity.ASKED_FOR_BRANDS, my_data_review_words.asked_for_brands),
        ),
    ]


def _counted(held: _Held, *kinds: tuple[Kind, Callable[[int], Line]]) -> list[Line]:
    """Return a line for each kind of which there is something."""
    found = [(held.count(kind), line) for kind, line in kinds]
    return [line(count) for count, line in found if count]


_LINES: dict[str, Callable[[_Held], list[Line]]] = {
    "signing-in": _signing_in,
    "sharing": _sharing,
    "friend": _being_a_friend,
    "rewards": _rewards,
    "questions": _questions,
    "messages": _messages,
    "requests": _requests,
    "work": _work,
}
"""How the lines of each group are found."""
