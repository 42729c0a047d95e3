"""Two tabs, and twenty: one question costs once, and has one answer."""

from collections import Counter

import pytest
from sqlmodel import select

from server.errors import Gone
from server.services import answers, asks, questions
from server.services.asks import Card
from server.store.answers import Answer
from server.store.asks import Ask, AskAccount
from server.store.connection import Database
from server.store.consents import Consent
from tests.server import asking
from tests.server.asking import Asking
from tests.server.races.conftest import Tally, unlike
from tests.server.races.crowd import at_once

TABS = 20


@pytest.fixture
def shop(database: Database) -> Asking:
    with database.transaction() as db:
        shop = asking.open_shop(db)
        shop.live()
    return shop


def look(database: Database, task: tuple[int, str, object]) -> str:
    """Open the page where a card is; return which one."""
    member_id, session, now = task
    with database.transaction() as db:
        card = asks.ask_next(db, member_id=member_id, session=session, language="en", now=now)
    return card.ask_public_id if card else "nothing"


def say(database: Database, task: tuple[int, Card, int, object]) -> tuple[str, bool]:
    """Reply to a card: with a choice, or with -1 for never."""
    member_id, card, choice, now = task
    asked = {"member_id": member_id, "ask_public_id": card.ask_public_id, "now": now}
    with database.transaction() as db:
        if choice < 0:
            return "never", answers.decline(db, is_for_good=True, **asked)
        first = answers.answer(
            db,
            choice=choice,
            text_hash=card.consent.hash,
            language="en",
            surface="test",
            **asked,
        )
    return "answered", first


def end(database: Database, task: tuple[int, Card, int, object]) -> tuple[str, bool]:
    """Answer a card, or with -1 end its question."""
    _, card, choice, now = task
    if choice >= 0:
        try:
            return say(database, task)
        except Gone:
            return "gone", False
    with database.transaction() as db:
        brand_id = db.exec(select(AskAccount)).one().brand_id
        questions.end(
            db, brand_id=brand_id, public_id=card.question_public_id, actor="test", now=now
        )
    return "ended", True


@pytest.mark.parametrize("sessions", [1, TABS])
def test_a_card_in_many_tabs_and_browsers_costs_once(
    database: Database, shop: Asking, tally: Tally, sessions: int
):
    ada = shop.town.people["Ada"]
    tasks = [(ada, f"session {number % sessions}", shop.now) for number in range(TABS)]
    seen = Counter(at_once(database, look, tasks))

    with database.reading() as db:
        rows = db.exec(select(Ask)).all()
    expected = TABS if sessions == 1 else 1
    tally(
        f"{TABS} tabs of {sessions} browsers show a card",
        attempts=TABS,
        successes=len(rows),
        wrong=[*unlike(len(rows), 1), *unlike(seen[rows[0].public_id], expected)],
    )


def test_many_replies_at_once_are_one(database: Database, shop: Asking, tally: Tally):
    ada = shop.town.people["Ada"]
    with database.transaction() as db:
        card = asks.ask_next(db, member_id=ada, session="s", language="en", now=shop.now)
    came = at_once(database, say, [(ada, card, number % 4 - 1, shop.now) for number in range(TABS)])

    with database.reading() as db:
        given = db.exec(select(Answer)).all()
        agreed = [c for c in db.exec(select(Consent)) if c.purpose.startswith("question:")]
        reply = db.exec(select(Ask)).one().reply
    first = [kind for kind, is_first in came if is_first]
    tally(
        f"{TABS} different replies to one card",
        attempts=TABS,
        successes=len(first),
        wrong=[
            *unlike(first, [reply]),
            *unlike(len(given), int(reply == "answered")),
            *unlike(len(agreed), len(given)),
        ],
    )


def test_no_answer_outlives_its_question(database: Database, shop: Asking, tally: Tally):
    ada = shop.town.people["Ada"]
    with database.transaction() as db:
        card = asks.ask_next(db, member_id=ada, session="s", language="en", now=shop.now)
    tasks = [(ada, card, -1 if number == TABS // 2 else 1, shop.now) for number in range(TABS)]
    came = Counter(kind for kind, _ in at_once(database, end, tasks))

    with database.reading() as db:
        given = db.exec(select(Answer)).all()
        live = [
            c
            for c in db.exec(select(Consent))
            if c.purpose.startswith("question:") and c.withdrawn_at is None
        ]
    tally(
        f"{TABS} answers while the question ends",
        attempts=TABS,
        successes=came["answered"],
        wrong=[
            *unlike(len(given) + len(live), 0),
            *unlike(came["ended"], 1),
            *unlike(sum(came[kind] for kind in ("answered", "gone")), TABS - 1),
        ],
    )
