"""Two live servers on one database, and clients that ask both at the same moment."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from server import clock
from server.store.connection import Database
from server.store.redemptions import Redemption
from tests.ports import free_port
from tests.programs import Program
from tests.server.conftest import Tokens, bearer
from tests.server.races import deeds
from tests.server.races.conftest import Market, Tally, open_market, unlike
from tests.server.races.crowd import at_once
from tests.server.races.deeds import Answer, Request

CLIENTS, TILLS = 50, 200
PATH = "/api/partner/v1/redemptions"

Requests = Callable[..., list[Request]]


@pytest.fixture
def market(database: Database) -> Market:
    """Ada has 20.40 payable today: live servers look at their own clock."""
    return open_market(database, "330.00", clock.now())


@pytest.fixture
def sites(database: Database, tmp_path: Path) -> Iterator[list[str]]:
    """Start two servers and return their addresses."""
    programs = []
    for port in (free_port(), free_port()):
        address = f"http://127.0.0.1:{port}"
        settings = {
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "SITE_BIND": f"127.0.0.1:{port}",
            "SITE_URL": address,
        }
        programs.append(Program("site", tmp_path, settings, answers_at=f"{address}/healthz"))
    try:
        with ThreadPoolExecutor(len(programs)) as threads:
            list(threads.map(Program.start, programs))
        yield [program.settings["SITE_URL"] for program in programs]
    finally:
        for program in programs:
            if program.running is not None:
                program.kill()


@pytest.fixture
def requests(sites: list[str], market: Market, partner_token: Tokens) -> Requests:
    """Return requests to use a new code of Ada's, by turns for each server."""
    headers = bearer(partner_token(market.shop.brand_id))

    def made(
        order_refs: list[str], key: str | None = None, total_minor: int = 100_00
    ) -> list[Request]:
        sent = headers | ({"Idempotency-Key": key} if key else {})
        order = {"order_total_minor": total_minor, "currency": "EUR"}
        used = {"code": market.code(5_00, str(uuid4())), **order}
        return [
            Request(sites[n % len(sites)] + PATH, sent, {**used, "order_ref": ref})
            for n, ref in enumerate(order_refs)
        ]

    return made


def uses(market: Market) -> int:
    with market.database.reading() as db:
        return len(db.exec(select(Redemption)).all())


def one_answer(answers: list[Answer], status: int) -> list[str]:
    """Return what is wrong unless all are told the same, and all but one that it is a repeat."""
    return [
        *unlike(Counter(one.status for one in answers), {status: len(answers)}),
        *unlike(len({one.body for one in answers}), 1),
        *unlike(Counter(one.is_replay for one in answers), {False: 1, True: len(answers) - 1}),
    ]


def test_clients_of_two_servers_have_one_effect_and_one_answer(
    requests: Requests, market: Market, tally: Tally
):
    refused = at_once(market.database, deeds.post, requests(["A-0"] * CLIENTS, "k-0", 1_00))
    tally(
        "one Idempotency-Key, refused (HTTP)",
        attempts=CLIENTS,
        successes=uses(market),
        wrong=[*one_answer(refused, 422), *unlike(uses(market), 0)],
    )
    repeated = at_once(market.database, deeds.post, requests(["A-1"] * CLIENTS, "k-1"))
    tally(
        "one Idempotency-Key (HTTP)",
        attempts=CLIENTS,
        successes=uses(market),
        wrong=[*one_answer(repeated, 201), *unlike(uses(market), 1)],
    )
    orders = [f"B-{number}" for number in range(TILLS)]
    raced = Counter(one.status for one in at_once(market.database, deeds.post, requests(orders)))
    tally(
        "200 orders use one code (HTTP)",
        attempts=TILLS,
        successes=raced[201],
        wrong=[
            *unlike(raced, {201: 1, 422: TILLS - 1}),
            *unlike(uses(market), 2),
            *market.wrong(),
        ],
    )
