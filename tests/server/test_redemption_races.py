"""One code, many tills at the same moment: exactly one wins, and the books stay right."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from rewards.money import Money
from server.errors import CodeRefused, GrantRefused
from server.services import codes, reservations
from server.services.validations import Use
from server.store import oauth_clients
from server.store.connection import Database
from tests import make
from tests.server import town as towns
from tests.server.redeemers import redeem_once
from tests.server.town import NOON, Town

TILLS = 50
ROOT = Path(__file__).parents[2]


@pytest.fixture
def sold(database: Database) -> tuple[Town, int, str]:
    """Return the town, a partner's client, and a code of 20.40 that Ada took."""
    with database.transaction() as db:
        town = towns.found(db)
        town.now = NOON - timedelta(days=20)
        town.shares("Ada")
        town.orders("330.00", through="Ada")
        town.time_passes()
        client = oauth_clients.find(db, make.partner(db, town.brand_id).client_id)
        code = codes.take(
            db,
            member_id=town.member("Ada"),
            offer_public_id=town.offer.public_id,
            event_id="e",
            value_minor=None,
            now=town.now,
        ).code
    return town, client.id, code


def right(database: Database, town: Town) -> bool:
    with database.transaction() as db:
        town.db = db
        return town.wrong() == []


def test_from_fifty_threads_one_succeeds(database: Database, sold: tuple[Town, int, str]):
    town, client_id, code = sold
    with ThreadPoolExecutor(TILLS) as threads:
        outcomes = threads.map(
            lambda n: redeem_once(database, client_id, town.brand_id, code, f"order-{n}"),
            range(TILLS),
        )
        counted = Counter(outcomes)

    assert counted == {"redeemed": 1, "already_redeemed": TILLS - 1}
    assert right(database, town)


def test_from_five_processes_with_ten_threads_one_succeeds(
    database: Database, sold: tuple[Town, int, str]
):
    town, client_id, code = sold
    tills = [
        subprocess.Popen(  # noqa: S603 - ourselves
            [
                *(sys.executable, "-m", "tests.server.redeemers"),
                database.engine.url.render_as_string(hide_password=False),
                *(str(client_id), str(town.brand_id), code, f"till-{number}", "10"),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(5)
    ]
    for till in tills:
        assert till.stdout.readline() == "ready\n"
    for till in tills:
        till.stdin.write("go\n")
        till.stdin.flush()
    outcomes = Counter(
        line for till in tills for line in till.communicate(timeout=60)[0].splitlines()
    )

    assert outcomes == {"redeemed": 1, "already_redeemed": TILLS - 1}
    assert [till.returncode for till in tills] == [0] * 5
    assert right(database, town)


def test_reservations_for_different_orders_leave_one(
    database: Database, sold: tuple[Town, int, str]
):
    town, client_id, code = sold

    def reserve(number: int) -> str:
        try:
            with database.transaction() as db:
                reservations.reserve(
                    db,
                    client_id=client_id,
                    code=code,
                    order_ref=f"order-{number}",
                    use=Use(town.brand_id, Money(100_00, "EUR")),
                    now=NOON,
                )
        except CodeRefused as refusal:
            return str(refusal.key)
        return "reserved"

    with ThreadPoolExecutor(16) as threads:
        outcomes = Counter(threads.map(reserve, range(32)))

    assert outcomes == {"reserved": 1, "reserved_elsewhere": 31}


def test_codes_taken_at_once_never_exceed_what_is_payable(
    database: Database, sold: tuple[Town, int, str]
):
    """Ada has 20.40 more payable and asks for 5.00 from sixteen tabs."""
    town, _, _ = sold
    with database.transaction() as db:
        town.db = db
        town.now = NOON
        town.orders("204.00", through="Ada")
        town.time_passes()
        payable = town.place("Ada").payable_minor

    def take(number: int) -> str:
        try:
            with database.transaction() as db:
                codes.take(
                    db,
                    member_id=town.people["Ada"],
                    offer_public_id=town.offer.public_id,
                    event_id=f"tab-{number}",
                    value_minor=5_00,
                    now=town.now,
                )
        except GrantRefused as refusal:
            return refusal.reason
        return "taken"

    with ThreadPoolExecutor(16) as threads:
        outcomes = Counter(threads.map(take, range(16)))

    assert outcomes == {"taken": payable // 5_00, "more_than_payable": 16 - payable // 5_00}
    assert right(database, town)


def test_two_orders_race_for_the_last_of_the_budget(database: Database):
    """A budget of 10.00 pays for 186.66 of credit; ten orders of 60.00 come at once."""
    with database.transaction() as db:
        town = towns.found(db, budget_minor=10_00)
        town.shares("Ada")
        visits = [make.visit(db, town.links["Ada"], now=NOON) for _ in range(10)]

    def report(token: str) -> int:
        with database.transaction() as db:
            return make.order(
                db,
                town.brand_id,
                "60.00",
                visit_token=token,
                now=NOON + timedelta(minutes=1),
            ).credited_minor

    with ThreadPoolExecutor(10) as threads:
        credited = sorted(threads.map(report, visits), reverse=True)

    assert credited == [60_00, 60_00, 60_00, 6_66, *[0] * 6]
    assert right(database, town)
