"""Whatever happens, in whatever order: the books equal a recomputation from the facts."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlmodel import Session

from rewards.money import Money
from server.errors import ClaimRefused, CodeRefused, Conflict, GrantRefused, Invalid
from server.services import codes, retention, shares, wallets
from server.store import offers, referrals, visits
from server.store.participants import Participant
from tests import make
from tests.server import town as towns
from tests.server.till import Till
from tests.server.town import Town

NAMES = ("Ada", "Bela", "Cleo", "Dan", "Eve")
who, amount = st.sampled_from(NAMES), st.integers(1, 900_00)
EVENTS = st.one_of(
    st.tuples(st.just("joins"), who, who),
    st.tuples(st.just("sells"), who, amount, st.booleans()),
    st.tuples(st.just("is visited"), who, st.just(None)),
    st.tuples(st.just("gives back"), st.integers(0, 20), st.none() | amount),
    st.tuples(st.just("takes"), who, st.none() | st.integers(5_00, 20_00)),
    st.tuples(st.just("reserves"), st.integers(0, 20)),
    st.tuples(st.just("redeems"), st.integers(0, 20), st.sampled_from((6_00, 30_00, 100_00))),
    st.tuples(st.just("rolls back"), st.integers(0, 20), st.none() | st.integers(1, 9_00)),
    st.tuples(st.just("puts back"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("withdraws"), who),
    st.tuples(st.just("confirms"), who, who),
    st.tuples(st.just("buys"), who, who, amount),
    st.tuples(st.just("takes back"), who),
    st.tuples(st.just("waits"), st.sampled_from((1, 8, 15, 95))),
)


class History:
    """A town to which anything may happen."""

    def __init__(self, db: Session, budget_minor: int, rate: int | None) -> None:
        self.town: Town = towns.found(db, budget_minor=budget_minor, code_rate_basis_points=rate)
        self.till = Till.of(self.town)
        self.orders, self.codes, self.uses, self.count = [], [], [], 0
        self.holders: dict[str, int] = {}
        self.withdrawn: set[str] = set()
        self.brought: dict[str, str] = {}
        self.parted: set[tuple[str, str]] = set()
        self.town.shares("Ada")

    def happens(self, event: tuple[object, ...]) -> None:
        self.count += 1
        getattr(self, str(event[0]).replace(" ", "_"))(*event[1:])

    def joins(self, name: str, inviter: str) -> None:
        if name not in self.town.links:
            self.confirms(name, inviter)
            self.town.shares(name)

    def confirms(self, name: str, inviter: str) -> None:
        """Let somebody say who brought them, if that can be said."""
        if inviter not in self.town.links or name in self.brought:
            return
        token = make.visit(self.town.db, self.town.links[inviter], now=self.town.now)
        with suppress(ClaimRefused):
            make.claim(self.town.db, self.town.member(name), token, now=self.town.now)
            self.brought[name] = inviter

    def takes_back(self, name: str) -> None:
        """Let somebody take back who brought them."""
        if name in self.brought:
            offer = offers.find_by_public_id(self.town.db, self.town.offer.public_id)
            friend_id = self.town.member(name)
            referral = referrals.find(self.town.db, offer_id=offer.id, friend_id=friend_id)
            self.town.takes_back(name, referral.consent_id)
            self.parted.add((name, self.brought[name]))

    def buys(self, name: str, through: str, value: int) -> None:
        """Let somebody whom we know order; it never counts for whom they parted from."""
        if through not in self.town.links:
            return
        token = make.visit(self.town.db, self.town.links[through], now=self.town.now)
        visits.find_by_token(self.town.db, token).friend_id = self.town.member(name)
        self.town.now += timedelta(minutes=1)
        money = str(Money(value, "EUR")).removesuffix(" EUR")
        order = make.order(
            self.town.db, self.town.brand_id, money, now=self.town.now, visit_token=token
        )
        assert (name, through) not in self.parted or order.reason is not None
        self.orders.append(order)

    def sells(self, name: str, value: int, is_new: bool) -> None:
        if name in self.town.links:
            money = str(Money(value, "EUR")).removesuffix(" EUR")
            self.orders.append(self.town.orders(money, through=name, is_new_customer=is_new))

    def is_visited(self, name: str, _: None) -> None:
        if name in self.town.links:
            make.visit(self.town.db, self.town.links[name], now=self.town.now, is_verified=True)
            make.pass_time(self.town.db, self.town.now)

    def gives_back(self, index: int, value: int | None) -> None:
        if index >= len(self.orders):
            return
        money = None if value is None else str(Money(value, "EUR")).removesuffix(" EUR")
        try:
            make.refund(
                self.town.db, self.town.brand_id, self.orders[index], money, now=self.town.now
            )
        except (Conflict, Invalid):
            return

    def takes(self, name: str, value: int | None) -> None:
        if name not in self.town.links:
            return
        try:
            found = codes.take(
                self.town.db,
                member_id=self.town.member(name),
                offer_public_id=self.town.offer.public_id,
                event_id=f"e-{self.count}",
                value_minor=value,
                now=self.town.now,
            )
        except GrantRefused:
            return
        self.codes.append(found.code)
        self.holders[found.code] = self.town.member(name)

    def reserves(self, index: int) -> None:
        if index >= len(self.codes):
            return
        with suppress(CodeRefused):
            self.till.reserve(self.codes[index], f"A-{self.count}")

    def redeems(self, index: int, total: int) -> None:
        if index >= len(self.codes):
            return
        with suppress(CodeRefused):
            self.uses.append(
                self.till.redeem(self.codes[index], f"A-{self.count}", total=Money(total, "EUR"))
            )

    def rolls_back(self, index: int, amount: int | None) -> None:
        if index >= len(self.uses):
            return
        with suppress(Conflict, Invalid):
            self.till.roll_back(self.uses[index], amount, f"R-{self.count}")

    def puts_back(self, index: int, by_the_brand: bool) -> None:
        if index >= len(self.codes):
            return
        named = {"code": self.codes[index], "now": self.town.now}
        with suppress(CodeRefused):
            if by_the_brand:
                codes.revoke(
                    self.town.db,
                    brand_id=self.town.brand_id,
                    actor="member:1",
                    reason="leaked",
                    **named,
                )
            else:
                holder = self.holders[self.codes[index]]
                codes.give_back(self.town.db, member_id=holder, **named)

    def withdraws(self, name: str) -> None:
        if name in self.town.links:
            self.withdrawn.add(name)
            shares.withdraw(
                self.town.db,
                member_id=self.town.member(name),
                code=self.town.links[name],
                now=self.town.now,
            )

    def waits(self, days: int) -> None:
        self.town.time_passes(timedelta(days=days))


def test_the_books_are_always_right(db: Session):
    @given(
        events=st.lists(EVENTS, min_size=5, max_size=30),
        budget_minor=st.sampled_from((3_00, 25_00, 5_000_00)),
        rate=st.none() | st.sampled_from((1_000, 5_000)),
    )
    @profile(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def told(events: list[tuple[object, ...]], budget_minor: int, rate: int | None) -> None:
        example = db.begin_nested()
        try:
            history = History(db, budget_minor, rate)
            for event in events:
                history.happens(event)
            assert history.town.wrong() == []
        finally:
            example.rollback()

    told()


def test_forgetting_what_is_old_changes_no_wallet_and_breaks_nothing_later(db: Session):
    @given(
        events=st.lists(EVENTS, min_size=10, max_size=30),
        later=st.lists(EVENTS, max_size=10),
    )
    @profile(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def told(events: list[tuple[object, ...]], later: list[tuple[object, ...]]) -> None:
        example = db.begin_nested()
        try:
            history = History(db, 5_000_00, None)
            town = history.town
            make.visit(db, town.links["Ada"], now=town.now)  # of which nothing comes
            for event in events:
                history.happens(event)
            town.time_passes(timedelta(days=400))  # everything vests or expires
            before = {name: wallets.of_member(db, member_id=town.member(name)) for name in NAMES}

            forgot = 0
            while gone := sum(retention.forget_old(db, now=town.now, limit=7).values()):
                forgot += gone
            assert forgot > 0
            db.expire_all()
            assert town.wrong() == []
            after = {name: wallets.of_member(db, member_id=town.member(name)) for name in NAMES}
            assert after == before

            for event in later:
                history.happens(event)
            assert town.wrong() == []
        finally:
            example.rollback()

    told()


def test_a_wrong_aggregate_is_noticed(db: Session):
    """The check itself can fail: one cent more in one column is found and named."""
    town = towns.found(db)
    town.shares("Ada")
    town.orders("120.00", through="Ada")
    row = db.get(Participant, town.place("Ada").participant_id)
    row.pot_value += 1
    db.flush()

    assert town.wrong() == [f"Participant {row.id}, pot, has value 12001 and should have 12000."]
