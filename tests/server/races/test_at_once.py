"""The same thing at the same moment from several processes: the effect of one, and right books."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from server.errors import CodeRefused, GrantRefused
from server.services import redemptions, reservations
from server.store.connection import Database
from server.store.redemptions import Redemption
from tests import make
from tests.server import town as towns
from tests.server.races import deeds
from tests.server.races.conftest import Market, Tally, unlike
from tests.server.races.crowd import at_once
from tests.server.town import NOON

CLIENTS, TILLS = 50, 200


class TestRedemptions:
    def test_of_two_hundred_tills_one_uses_the_code(self, market: Market, tally: Tally):
        code = market.code()
        tasks = [(market.shop, code, f"order-{number}") for number in range(TILLS)]
        outcomes = Counter(at_once(market.database, deeds.redeem, tasks))

        tally(
            "200 orders use one code",
            attempts=TILLS,
            successes=outcomes["redeemed"],
            wrong=[
                *unlike(outcomes, {"redeemed": 1, "already_redeemed": TILLS - 1}),
                *market.wrong(),
            ],
        )

    def test_of_one_order_from_fifty_tills_has_one_effect(self, market: Market, tally: Tally):
        code = market.code()
        outcomes = Counter(
            at_once(market.database, deeds.redeem, [(market.shop, code, "A-1")] * CLIENTS)
        )
        with market.database.reading() as db:
            uses = db.exec(select(Redemption)).all()

        tally(
            "one order uses one code, 50 times",
            attempts=CLIENTS,
            successes=len(uses),
            wrong=[
                *unlike(outcomes, {"redeemed": CLIENTS}),
                *unlike(len(uses), 1),
                *market.wrong(),
            ],
        )


class TestRollbacks:
    """50 tills roll one use of 20.40 back."""

    @pytest.fixture
    def use(self, market: Market) -> str:
        code = market.code()
        with market.database.transaction() as db:
            return redemptions.redeem(
                db,
                client_id=market.shop.client_id,
                code=code,
                order_ref="A-1",
                use=market.shop.use(),
                now=NOON,
            ).public_id

    def roll_back(
        self, market: Market, use: str, ref: str, amount_minor: int | None
    ) -> list[tuple[str, int]]:
        tasks = [(market.shop, use, ref.format(n), amount_minor) for n in range(CLIENTS)]
        return at_once(market.database, deeds.roll_back, tasks)

    def standing(self, market: Market, use: str) -> tuple[int, int]:
        """Return how much of the use is undone, and how much is payable again."""
        with market.database.transaction() as db:
            market.town.db = db
            row = redemptions.find(db, brand_id=market.shop.brand_id, public_id=use)
            return row.rolled_back_minor, market.town.place("Ada").payable_minor

    def test_with_one_reference_have_one_effect(self, market: Market, use: str, tally: Tally):
        outcomes = Counter(self.roll_back(market, use, "R-1", None))

        tally(
            "50 rollbacks, one reference",
            attempts=CLIENTS,
            successes=outcomes["undone", 20_40],
            wrong=[
                *unlike(outcomes, {("undone", 20_40): 1, ("first answer", 20_40): CLIENTS - 1}),
                *unlike(self.standing(market, use), (20_40, 0)),
                *market.wrong(),
            ],
        )

    def test_of_the_whole_with_different_references_have_one_effect(
        self, market: Market, use: str, tally: Tally
    ):
        outcomes = Counter(self.roll_back(market, use, "R-{}", None))

        tally(
            "50 rollbacks of the whole",
            attempts=CLIENTS,
            successes=outcomes["undone", 20_40],
            wrong=[
                *unlike(outcomes, {("undone", 20_40): 1, ("Conflict", 0): CLIENTS - 1}),
                *unlike(self.standing(market, use), (20_40, 0)),
                *market.wrong(),
            ],
        )

    def test_in_parts_never_undo_more_than_the_whole(self, market: Market, use: str, tally: Tally):
        outcomes = Counter(self.roll_back(market, use, "R-{}", 1_00))

        tally(
            "50 rollbacks of parts, together more",
            attempts=CLIENTS,
            successes=outcomes["undone", 1_00],
            wrong=[
                *unlike(outcomes, {("undone", 1_00): 20, ("Invalid", 0): CLIENTS - 20}),
                *unlike(self.standing(market, use), (20_00, 20_00)),
                *market.wrong(),
            ],
        )


class TestBudget:
    """A budget of 10.00 pays for 186.66 of credit; orders of 60.00 come at once."""

    def test_orders_share_the_last_of_it(self, database: Database, tally: Tally):
        with database.transaction() as db:
            town = towns.found(db, budget_minor=10_00)
            town.shares("Ada")
            tasks = [
                (town.brand_id, make.visit(db, town.links["Ada"], now=NOON)) for _ in range(10)
            ]
        credited = sorted(at_once(database, deeds.report, tasks), reverse=True)
        with database.transaction() as db:
            town.db = db
            wrong = town.wrong()

        tally(
            "10 orders race for the last budget",
            attempts=len(tasks),
            successes=sum(one > 0 for one in credited),
            wrong=[*unlike(credited, [60_00, 60_00, 60_00, 6_66, *[0] * 6]), *wrong],
        )


class TestHolds:
    def test_of_different_orders_leave_one(self, market: Market, tally: Tally):
        code = market.code()

        def reserve(number: int) -> str:
            try:
                with market.database.transaction() as db:
                    reservations.reserve(
                        db,
                        client_id=market.shop.client_id,
                        code=code,
                        order_ref=f"order-{number}",
                        use=market.shop.use(),
                        now=NOON,
                    )
            except CodeRefused as refusal:
                return str(refusal.key)
            return "reserved"

        with ThreadPoolExecutor(16) as threads:
            outcomes = Counter(threads.map(reserve, range(32)))

        tally(
            "32 orders hold one code",
            attempts=32,
            successes=outcomes["reserved"],
            wrong=unlike(outcomes, {"reserved": 1, "reserved_elsewhere": 31}),
        )


class TestCodes:
    def test_taken_at_once_never_exceed_what_is_payable(self, market: Market, tally: Tally):
        """Ada has 20.40 payable and asks for 5.00 from sixteen tabs."""

        def take(number: int) -> str:
            try:
                market.code(5_00, f"tab-{number}")
            except GrantRefused as refusal:
                return refusal.reason
            return "taken"

        with ThreadPoolExecutor(16) as threads:
            outcomes = Counter(threads.map(take, range(16)))

        tally(
            "16 tabs take codes from what is payable",
            attempts=16,
            successes=outcomes["taken"],
            wrong=[
                *unlike(outcomes, {"taken": 4, "more_than_payable": 12}),
                *market.wrong(),
            ],
        )
