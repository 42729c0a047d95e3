"""Two sides in many tabs: each word stands once, in order, and never after the permission."""

from collections import Counter
from datetime import datetime
from uuid import uuid4

import pytest
from sqlmodel import select

from server.errors import Conflict, Gone, NotFound, NotSignedIn
from server.services import conversations, erasures, withdrawals
from server.services.conversation_rules import Colleague, Customer
from server.store.connection import Database
from server.store.consents import Consent
from server.store.conversations import Conversation
from server.store.messages import Message
from tests.server import talks
from tests.server.races.conftest import Tally, unlike
from tests.server.races.crowd import at_once
from tests.server.talks import Talk

TABS = 20
Task = tuple[str, Customer | Colleague, str, str, datetime]


@pytest.fixture
def talk(database: Database) -> Talk:
    with database.transaction() as db:
        return talks.told(db)


def act(database: Database, task: Task) -> str:
    """Begin, write, look, solve, end or erase; return what came of it."""
    deed, by, public_id, form, now = task
    asked = {"by": by, "public_id": public_id}
    try:
        with database.transaction() as db:
            if deed == "begin":
                return talks.begin(db, by.member_id, now=now, event_id=form)
            if deed == "write":
                conversations.write(db, **asked, event_id=form, words="Well?", now=now)
            elif deed == "look":
                conversations.mark_read(db, **asked, number=TABS)
            elif deed == "solve":
                conversations.solve(db, **asked, seen=1, now=now)
            elif deed == "erase":
                erasures.erase(db, member_id=by.member_id, now=now)
            else:
                withdrawals.withdraw(db, member_id=by.member_id, consent_public_id=form, now=now)
    except (Conflict, Gone, NotFound, NotSignedIn) as refusal:
        return type(refusal).__name__
    return deed


def consistent(database: Database) -> list[str]:
    """Return what is wrong with the numbers of the conversations."""
    wrong = []
    with database.reading() as db:
        for row in db.exec(select(Conversation)).all():
            said = db.exec(select(Message).where(Message.conversation_id == row.id)).all()
            numbers = sorted(message.number for message in said)
            of = Counter(m.side for m in said if m.number > row.member_read and m.side == "brand")
            to = Counter(m.side for m in said if m.number > row.brand_read and m.side == "member")
            wrong += unlike(numbers, list(range(1, row.message_count + 1)))
            wrong += unlike((row.member_unread, row.brand_unread), (of["brand"], to["member"]))
    return wrong


def test_many_tabs_with_one_form_begin_one_conversation(
    database: Database, talk: Talk, tally: Tally
):
    form, now = str(uuid4()), talk.now
    came = at_once(database, act, [("begin", talk.ada, "", form, now)] * TABS)
    with database.reading() as db:
        begun = len(db.exec(select(Conversation)).all()) - 1
        agreed = len(db.exec(select(Consent)).all()) - 1
    tally(
        f"{TABS} tabs begin with one form",
        attempts=TABS,
        successes=begun,
        wrong=[*unlike((len(set(came)), begun, agreed), (1, 1, 1)), *consistent(database)],
    )


def test_many_words_are_numbered_one_after_the_other(database: Database, talk: Talk, tally: Tally):
    now, twice = talk.now, str(uuid4())
    sides = (talk.ada, talk.nele)
    tasks = [
        ("write", sides[n % 2], talk.public_id, twice if n % 4 == 0 else str(uuid4()), now)
        for n in range(TABS)
    ]
    tasks += [("look", side, talk.public_id, "", now) for side in sides]
    came = Counter(at_once(database, act, tasks))
    expected = TABS - TABS // 4 + 1 + 1
    with database.reading() as db:
        said = len(db.exec(select(Message)).all())
    tally(
        f"{TABS} messages from two sides, {TABS // 4} with one form, and both look",
        attempts=len(tasks),
        successes=said,
        wrong=[
            *unlike(dict(came), {"write": TABS, "look": 2}),
            *unlike(said, expected),
            *consistent(database),
        ],
    )


def test_what_somebody_writes_meanwhile_is_not_solved(database: Database, talk: Talk, tally: Tally):
    """The brand solves after the first message; what came before that refuses, after it opens."""
    now = talk.now
    tasks = [
        ("write", talk.ada, talk.public_id, str(uuid4()), now)
        if n % 2
        else ("solve", talk.nele, talk.public_id, "", now)
        for n in range(TABS)
    ]
    came = Counter(at_once(database, act, tasks))
    with database.reading() as db:
        row = db.exec(select(Conversation)).one()
    tally(
        "a brand solves while the customer writes",
        attempts=TABS,
        successes=came["write"],
        wrong=[
            *unlike((row.state, row.solved_by), ("open", "")),
            *unlike(came["write"], TABS // 2),
            *unlike(came["solve"] + came["Conflict"], TABS // 2),
            *consistent(database),
        ],
    )


@pytest.mark.parametrize("how", ["end", "erase"])
def test_nobody_writes_after_the_permission(database: Database, talk: Talk, tally: Tally, how: str):
    now = talk.now
    with database.reading() as db:
        given = db.exec(select(Consent)).one().public_id
    sides = (talk.ada, talk.nele)
    tasks = [("write", sides[n % 2], talk.public_id, str(uuid4()), now) for n in range(TABS)]
    tasks.insert(TABS // 2, (how, talk.ada, "", given, now))
    came = Counter(at_once(database, act, tasks))
    late = came["Gone"] + came["NotFound"] + came["NotSignedIn"]
    with database.reading() as db:
        said = len(db.exec(select(Message)).all())
    tally(
        f"{TABS} messages while the customer takes everything back: {how}",
        attempts=TABS,
        successes=came["write"],
        wrong=[
            *unlike(came[how], 1),
            *unlike(came["write"] + late, TABS),
            *unlike(said, 0 if how == "erase" else came["write"] + 1),
            *unlike(act(database, ("write", talk.nele, talk.public_id, given, now)), "NotFound"),
            *consistent(database),
        ],
    )
