"""Forget me: what goes, what stays as a number, and that nobody counts twice by it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from rewards.money import Money
from server.errors import AlreadyReferred, ClaimRefused
from server.services import attribution, forgetting, referrals, visits
from server.services.forgetting import Forgotten
from server.store import consents as consent_rows
from server.store import referrals as referral_rows
from server.store.conversions import Conversion
from server.store.ledger import LedgerTransfer
from server.store.shares import Share
from server.store.visits import Visit
from tests import make
from tests.server import town as towns
from tests.server.town import Town

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def town(db: Session) -> Town:
    """Return Berta's Boots, where Ada shared and something was bought, so that visits pay."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("60.00", through="Ada")
    return town


def comes(town: Town, key: str = "cleo", *, through: str = "Ada", verified: bool = True) -> str:
    """Let the visitor with a key of the day click; return the token."""
    token = make.visit(town.db, town.links[through], now=town.now, is_verified=verified)
    row = town.db.exec(select(Visit).where(Visit.token == token)).one()
    row.visitor_key = f"{key} {town.now:%j}".encode()
    town.db.flush()
    return token


def forget(town: Town, token: str) -> Forgotten:
    return forgetting.forget(town.db, visit_token=token, now=town.now)


def row_of(town: Town, token: str) -> Visit | None:
    return town.db.exec(select(Visit).where(Visit.token == token)).first()


def works(town: Town) -> None:
    make.pass_time(town.db, town.now)


def reach(town: Town) -> int:
    return town.place("Ada").reach


class TestAVisitThatNobodyDecided:
    def test_is_deleted(self, town: Town):
        token = comes(town, verified=False)
        before = len(town.db.exec(select(Visit)).all())
        assert forget(town, token) == Forgotten(erased=1)
        assert len(town.db.exec(select(Visit)).all()) == before - 1
        assert row_of(town, token) is None
        assert town.wrong() == []

    def test_is_never_decided_afterwards(self, town: Town):
        token = comes(town)
        forget(town, token)
        assert visits.apply_verified(town.db, now=town.now, limit=100).decided == 0
        assert reach(town) == 0

    def test_goes_with_the_visitors_other_visits_of_the_day(self, town: Town):
        town.shares("Bela")
        token, other = comes(town), comes(town, through="Bela")
        stranger = comes(town, "dan")
        assert forget(town, token).erased == 2
        assert row_of(town, other) is None
        assert row_of(town, stranger) is not None

    def test_is_forgotten_once(self, town: Town):
        token = comes(town)
        forget(town, token)
        assert forget(town, token) == Forgotten()
        assert forget(town, "no-such-visit") == Forgotten()

    def test_is_found_without_reading_the_offers_other_visits(self, town: Town):
        asked: list[tuple[str, object]] = []

        def hear(_c: object, _cursor: object, statement: str, values: object, *_: object) -> None:
            if "visitor_key = " in statement and statement.startswith("SELECT"):
                asked.append((statement, values))

        token = comes(town)
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            forget(town, token)
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        ((statement, values),) = asked
        connection = town.db.connection()
        if connection.dialect.name == "sqlite":
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
            assert "(offer_id=? AND visitor_key=?)" in plan
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {statement}", values).all())
            assert "visit_token_is_unique" in plan
            assert "visitor_key = " in plan
            assert "Filter: ((visit.token" not in plan
        assert "SCAN visit" not in plan


class TestAVisitThatCounts:
    def test_is_taken_back_with_what_it_paid(self, town: Town):
        before = town.place("Ada").pending_minor
        token = comes(town)
        works(town)
        assert (reach(town), town.place("Ada").pending_minor > before) == (1, True)

        assert forget(town, token) == Forgotten(erased=1, taken_back=1)

        assert (reach(town), town.place("Ada").pending_minor) == (0, before)
        causes = town.db.exec(
            select(LedgerTransfer).where(col(LedgerTransfer.undoes).is_not(None))
        ).all()
        assert [row.cause.startswith("visit-forgotten:") for row in causes] == [True]
        assert town.wrong() == []
        (blank,) = town.db.exec(select(Visit).where(Visit.outcome == "forgotten")).all()
        assert blank.token != token
        assert (blank.visitor_key, blank.friend_id, blank.nonce) == (None, None, None)

    def test_does_not_vest_afterwards(self, town: Town):
        token = comes(town)
        works(town)
        forget(town, token)
        town.time_passes()
        assert town.wrong() == []
        assert reach(town) == 0

    def test_counts_once_when_the_visitor_clicks_again(self, town: Town):
        for _ in range(3):
            token = comes(town)
            works(town)
            assert reach(town) == 1
            assert forget(town, token).taken_back == 1
        comes(town)
        works(town)
        assert reach(town) == 1
        assert town.wrong() == []

    def test_counts_once_where_visits_vest_at_once(self, db: Session):
        town = towns.found(db, return_days=0)
        town.shares("Ada")
        town.orders("60.00", through="Ada")
        for _ in range(2):
            token = comes(town)
            works(town)
            works(town)
            row = row_of(town, token)
            assert row is not None
            assert row.vested_at is not None
            assert forget(town, token) == Forgotten(erased=1, taken_back=1)
            assert town.wrong() == []
        assert reach(town) == 0

    def test_stays_as_a_number_once_it_vested(self, town: Town):
        token = comes(town)
        works(town)
        town.time_passes()
        payable = town.place("Ada").payable_minor
        assert forget(town, token) == Forgotten(erased=1, stay=1)
        assert (reach(town), town.place("Ada").payable_minor) == (1, payable)
        assert row_of(town, token) is None
        (number,) = town.db.exec(select(Visit).where(Visit.outcome == "counted")).all()
        assert (number.visitor_key, number.friend_id) == (None, None)
        assert town.wrong() == []

    def test_is_taken_back_as_long_as_a_new_click_has_its_key(self, db: Session):
        """Until the end of its UTC day, even where it vested at once; it is noon."""
        town = towns.found(db, return_days=0)
        town.shares("Ada")
        for hours, done in (
            (0, Forgotten(1, 1, 0)),
            (11, Forgotten(1, 1, 0)),
            (12, Forgotten(1, 0, 1)),
        ):
            token = comes(town)
            works(town)
            works(town)
            later = town.now + timedelta(hours=hours)
            assert forgetting.forget(db, visit_token=token, now=later) == done, hours
        assert town.wrong() == []

    def test_was_worth_nothing_in_money_when_the_budget_was_spent(self, db: Session):
        town = towns.found(db, budget_minor=1)
        town.shares("Ada")
        token = comes(town)
        works(town)
        assert reach(town) == 1
        assert forget(town, token).taken_back == 1
        assert town.wrong() == []


class TestWhatStandsOnAVisit:
    def test_an_order_keeps_its_money_without_the_visit(self, town: Town):
        token = comes(town)
        order = make.order(town.db, town.brand_id, "90.00", now=town.now + HOUR, visit_token=token)
        forget(town, token)
        row = town.db.exec(select(Conversion).where(Conversion.public_id == order.public_id)).one()
        assert (row.visit_id, row.credited_minor) == (None, 90_00)
        town.time_passes()
        assert town.wrong() == []

    def test_an_order_that_comes_later_finds_nobody(self, town: Town):
        token = comes(town)
        forget(town, token)
        order = make.order(town.db, town.brand_id, "90.00", now=town.now + HOUR, visit_token=token)
        assert order.reason == attribution.Unattributed.UNKNOWN_VISIT

    def test_what_a_member_confirms_stays_theirs(self, town: Town):
        token = comes(town)
        bela = town.member("Bela")
        make.claim(town.db, bela, token, now=town.now)
        assert forget(town, token).erased == 1
        referral = referral_rows.find(town.db, offer_id=_offer(town), friend_id=bela)
        assert referral is not None
        assert referral.visit_id is not None, "it says since when"
        left = town.db.get(Visit, referral.visit_id)
        assert left is not None
        assert (left.visitor_key, left.friend_id, left.verified_at) == (None, None, None)
        assert left.token != token
        works(town)
        assert reach(town) == 0
        assert town.wrong() == []

    def test_a_referral_that_was_withdrawn_lets_go(self, town: Town):
        token = comes(town)
        bela = town.member("Bela")
        make.claim(town.db, bela, token, now=town.now)
        referral = referral_rows.find(town.db, offer_id=_offer(town), friend_id=bela)
        assert referral is not None
        consent_rows.withdraw(town.db, referral.consent_id, now=town.now)
        forget(town, token)
        town.db.refresh(referral)
        assert referral.visit_id is None

    def test_a_forgotten_visit_cannot_be_confirmed(self, town: Town):
        token = comes(town)
        forget(town, token)
        with pytest.raises(ClaimRefused) as refused:
            make.claim(town.db, town.member("Bela"), token, now=town.now)
        assert refused.value.reason == "unknown_visit"
        with pytest.raises(ClaimRefused):
            referrals.preview(town.db, visit_token=token)


def _offer(town: Town) -> int:
    share = town.db.exec(select(Share).where(Share.code == town.links["Ada"])).one()
    return share.offer_id


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("comes"), st.sampled_from("ABC"), st.sampled_from(("Ada", "Bela"))),
        st.tuples(st.just("claims"), st.integers(0, 12), st.sampled_from(("Cleo", "Dan"))),
        st.tuples(st.just("orders"), st.integers(0, 12), st.integers(1, 400_00)),
        st.tuples(st.just("forgets"), st.integers(0, 12)),
        st.tuples(st.just("works")),
        st.tuples(st.just("waits"), st.sampled_from((1, 30, 400))),
    ),
    max_size=25,
)


class Story:
    """A town in which friends come, are forgotten and come again."""

    def __init__(self, db: Session, return_days: int, budget_minor: int) -> None:
        self.town = towns.found(db, return_days=return_days, budget_minor=budget_minor)
        self.town.shares("Ada")
        self.town.shares("Bela", after="Ada")
        self.tokens: list[str] = []

    def happens(self, kind: str, *how: object) -> None:
        self.town.now += timedelta(minutes=1)
        if how and isinstance(how[0], int) and kind != "waits":
            if how[0] >= len(self.tokens):
                return
            how = (self.tokens[how[0]], *how[1:])
        getattr(self, kind)(*how)
        assert self.town.wrong() == []

    def comes(self, visitor: str, sharer: str) -> None:
        self.tokens.append(comes(self.town, visitor, through=sharer))

    def claims(self, token: str, name: str) -> None:
        with suppress(ClaimRefused, AlreadyReferred):
            make.claim(self.town.db, self.town.member(name), token, now=self.town.now)

    def orders(self, token: str, minor: int) -> None:
        amount = str(Money(minor, "EUR")).removesuffix(" EUR")
        make.order(self.town.db, self.town.brand_id, amount, visit_token=token, now=self.town.now)

    def forgets(self, token: str) -> None:
        forget(self.town, token)
        assert row_of(self.town, token) is None

    def works(self) -> None:
        works(self.town)

    def waits(self, hours: int) -> None:
        self.town.time_passes(timedelta(hours=hours))


def test_whatever_happens_the_books_are_right_and_nobody_counts_twice(db: Session):
    @given(
        moves=MOVES, return_days=st.sampled_from((0, 1, 14)), budget=st.sampled_from((2_00, 900_00))
    )
    @profile(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def told(moves: list[tuple[object, ...]], return_days: int, budget: int) -> None:
        example = db.begin_nested()
        try:
            story = Story(db, return_days, budget)
            for move in moves:
                story.happens(*move)
            story.works()
            known = db.exec(
                select(Visit.visitor_key).where(
                    Visit.outcome == "counted", col(Visit.visitor_key).is_not(None)
                )
            ).all()
            assert len(known) == len(set(known))
            assert story.town.wrong() == []
        finally:
            example.rollback()

    told()
