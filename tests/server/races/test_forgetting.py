"""Forgetting a friend while the worker, the friend's other tabs and the till go on."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from server.errors import ClaimRefused
from server.services import attribution, forgetting, visits
from server.services.forgetting import Forgotten
from server.store.conversions import Conversion
from server.store.referrals import Referral
from server.store.visits import Visit
from tests import make
from tests.server.races.conftest import Market, Tally, unlike

Deed = Callable[[Session], object]
ROUNDS = 6
TABS = 4


class Street:
    """A market into which a friend comes by several tabs; all of them have one key."""

    def __init__(self, market: Market) -> None:
        self.market, self.now = market, market.now
        self.number = 0

    def comes(self) -> list[str]:
        """Let a new friend open the link in every tab, and be seen in each."""
        self.number += 1
        with self.market.database.transaction() as db:
            tokens = [
                make.visit(db, self.market.town.links["Ada"], now=self.now, is_verified=True)
                for _ in range(TABS)
            ]
            for row in db.exec(select(Visit).where(col(Visit.token).in_(tokens))):
                row.visitor_key = f"friend {self.number}".encode()
        return tokens

    def works(self) -> None:
        with self.market.database.transaction() as db:
            visits.apply_verified(db, now=self.now, limit=100)

    def at_once(self, *deeds: Deed) -> list[object]:
        """Do everything at one moment, each in a transaction of its own."""
        start = threading.Barrier(len(deeds))

        def do(deed: Deed) -> object:
            start.wait(30)
            with self.market.database.transaction() as db:
                return deed(db)

        with ThreadPoolExecutor(len(deeds)) as threads:
            return list(threads.map(do, deeds))

    def forget(self, token: str) -> Deed:
        return lambda db: forgetting.forget(db, visit_token=token, now=self.now)

    def left(self, tokens: list[str]) -> int:
        """Return how much is left that leads to a friend."""
        key = f"friend {self.number}".encode()
        with self.market.database.reading() as db:
            wanted = select(func.count()).select_from(Visit)
            known = col(Visit.token).in_(tokens) | (col(Visit.visitor_key) == key)
            return db.exec(wanted.where(known)).one()


@pytest.fixture
def street(market: Market) -> Street:
    return Street(market)


def test_of_all_tabs_one_forgets(street: Street, tally: Tally):
    outcomes: Counter[object] = Counter()
    for _ in range(ROUNDS):
        tokens = street.comes()
        street.works()
        outcomes.update(street.at_once(*map(street.forget, tokens)))
    tally(
        f"{TABS} tabs forget one friend, {ROUNDS} times",
        attempts=ROUNDS * TABS,
        successes=outcomes[Forgotten(TABS, 1, 0)],
        wrong=[
            *unlike(outcomes, {Forgotten(TABS, 1, 0): ROUNDS, Forgotten(): ROUNDS * (TABS - 1)}),
            *unlike(street.left(tokens), 0),
            *street.market.wrong(),
        ],
    )


def test_against_the_worker_that_decides(street: Street, tally: Tally):
    wrong: list[str] = []
    for _ in range(ROUNDS):
        tokens = street.comes()
        decided, *_ = street.at_once(
            lambda db: visits.apply_verified(db, now=street.now, limit=100).counted,
            street.forget(tokens[0]),
        )
        street.works()
        wrong += [*unlike(decided in (0, 1), True), *unlike(street.left(tokens), 0)]
        wrong += street.market.wrong()
    tally("forget against the worker", attempts=ROUNDS, successes=ROUNDS, wrong=wrong)


def test_against_vesting(street: Street, tally: Tally):
    wrong: list[str] = []
    stayed = 0
    for _ in range(ROUNDS):
        tokens = street.comes()
        street.works()
        street.now += timedelta(days=15)
        _, done = street.at_once(
            lambda db: visits.vest_due(db, now=street.now, limit=100), street.forget(tokens[0])
        )
        assert isinstance(done, Forgotten)
        stayed += done.stay
        with street.market.database.transaction() as db:
            visits.vest_due(db, now=street.now, limit=100)
        wrong += [*unlike(done.stay + done.taken_back, 1), *unlike(street.left(tokens), 0)]
        wrong += street.market.wrong()
    tally("forget against vesting", attempts=ROUNDS, successes=stayed, wrong=wrong)


def test_against_a_claim(street: Street, tally: Tally):
    def claims(name: str, token: str) -> Deed:
        def claim(db: Session) -> str:
            try:
                make.claim(db, make.member(db, name), token, now=street.now)
            except ClaimRefused as refused:
                return refused.reason
            return "noted"

        return claim

    wrong: list[str] = []
    noted = 0
    for number in range(ROUNDS):
        tokens = street.comes()
        who = f"friend-{number}"
        with street.market.database.transaction() as db:
            make.member(db, who)
        came, _ = street.at_once(claims(who, tokens[0]), street.forget(tokens[1]))
        noted += came == "noted"
        wrong += [
            *unlike(came in ("noted", "unknown_visit"), True),
            *unlike(street.left(tokens), 0),
        ]
    street.works()
    with street.market.database.reading() as db:
        kept = db.exec(select(Referral)).all()
        named = db.exec(
            select(func.count()).select_from(Visit).where(col(Visit.friend_id).is_not(None))
        ).one()
    wrong += [*unlike(len(kept), noted), *unlike(named, 0), *street.market.wrong()]
    tally("forget against a claim", attempts=ROUNDS, successes=noted, wrong=wrong)


def test_against_an_order(street: Street, tally: Tally):
    wrong: list[str] = []
    counted = 0
    for _ in range(ROUNDS):
        tokens = street.comes()
        street.works()
        later = street.now + timedelta(minutes=1)
        order, _ = street.at_once(
            lambda db, token=tokens[2], later=later: (
                make.order(
                    db, street.market.town.brand_id, "60.00", visit_token=token, now=later
                ).reason
            ),
            street.forget(tokens[0]),
        )
        counted += order is None
        wrong += [
            *unlike(order in (None, attribution.Unattributed.UNKNOWN_VISIT), True),
            *unlike(street.left(tokens), 0),
            *street.market.wrong(),
        ]
    with street.market.database.reading() as db:
        row = select(func.count()).select_from(Conversion)
        assert db.exec(row).one() == ROUNDS + 1, "and the one that the market opened with"
    tally("forget against an order", attempts=ROUNDS, successes=counted, wrong=wrong)
