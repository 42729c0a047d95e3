"""How fast codes are checked and redeemed, beside bare SQL: ``python -m tests.bench.redemption``.

For each database and each number of codes two servers run on copies of the same tables: Fanfare as
``fanfare site`` starts it, and ``by_hand.py``.  Rounds go through all of them in turn, and ratios
are taken within a round, so that a busy machine slows both sides.  What the server's process used
of the processor is told as well, which depends less on what else runs (PostgreSQL's own processes
are not in it).  Commits are durable: SQLite
syncs each one, PostgreSQL runs with fsync.  Every redemption uses a fresh code, and one answer
other than 200 or 201 fails the run, as do books that are wrong at its end.  ``TMPDIR`` says on
which disk everything lies.
"""

import random
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import click
import psutil
from sqlalchemy import Engine, event, text

from server.app import create_app
from server.settings import Settings
from server.store import migration
from server.store.connection import Database
from tests.bench import by_hand, places, tills, world
from tests.bench.tills import Ask, Asked
from tests.ports import free_port
from tests.programs import Program

SIZES, SIZES_QUICK = (1_000, 10_000, 100_000, 1_000_000), (1_000, 100_000)
WARM = 24
"""How many requests of each kind a server gets before it is measured, so that it has begun."""
ONLY_CHECKED = 0.2
"""The part of the fresh codes that is never redeemed."""
ORDER = {"order_total_minor": 60_00, "currency": "EUR"}
VALIDATION, REDEMPTION = "validation", "redemption"
STATUSES = {VALIDATION: 200, REDEMPTION: 201}


@dataclass
class Side:
    """One of the two servers on its copy of a world, and what came of all requests to it."""

    prefix: str
    url: str
    token: str
    only_checked: list[str]
    unused: Iterator[str]
    port: int = field(default_factory=free_port)
    program: Program | None = None
    asked: dict[str, list[Asked]] = field(default_factory=lambda: defaultdict(list))
    redeemed: int = 0

    def asks(self, operation: str, number: int) -> list[Ask]:
        """Return requests of one kind; to redeem, with codes that were never named before."""
        if operation == VALIDATION:
            codes = random.choices(self.only_checked, k=number)  # noqa: S311 - no secret
            return [(f"{self.prefix}/codes/{code}/validation", ORDER) for code in codes]
        codes = list(islice(self.unused, number))
        assert len(codes) == number, "there are too few codes for so many rounds"
        self.redeemed += number
        named = ({"code": code, "order_ref": f"order-{code}", **ORDER} for code in codes)
        return [(f"{self.prefix}/redemptions", body) for body in named]

    def ask(self, client: Executor, operation: str, number: int, peers: int) -> Asked:
        """Send requests and insist on good answers."""
        asks = self.asks(operation, number)
        before = self._used()
        asked = client.submit(tills.ask, self.port, self.token, asks, peers).result()
        asked.server_seconds = self._used() - before
        assert asked.statuses == {STATUSES[operation]: number}, (self.prefix, asked.statuses)
        return asked

    def _used(self) -> float:
        """Return the seconds of the processor that the server has used."""
        parent = psutil.Process(self.program.running.pid)
        times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
        return sum(time.user + time.system for time in times)


@dataclass
class Pair:
    """Both servers for one number of codes."""

    size: int
    ours: Side
    by_hand: Side

    def ratios(self, operation: str) -> list[float]:
        """Return by how much longer Fanfare took, round by round."""
        both = zip(self.ours.asked[operation], self.by_hand.asked[operation], strict=True)
        return [ours.seconds / bare.seconds for ours, bare in both]

    def processor_ratio(self, operation: str) -> float:
        """Return by how much more of the processor Fanfare used over all rounds."""
        ours, bare = (
            sum(asked.server_seconds for asked in side.asked[operation])
            for side in (self.ours, self.by_hand)
        )
        return ours / bare


@click.command()
@click.option("--quick", is_flag=True, help="Fewer codes and rounds, for a minute.")
@click.option("--rounds", default=6, help="How often everything is measured in turn.")
@click.option("--requests", default=300, help="How many a server gets at most in a round.")
@click.option("--tills", "peers", default=8, help="How many tills ask at the same time.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One of the databases.")
def main(quick: bool, rounds: int, requests: int, peers: int, only: str | None) -> None:
    """Measure both servers in turn; print rates, latencies, ratios and growth."""
    sizes = SIZES
    if quick:
        sizes, rounds, requests = SIZES_QUICK, min(rounds, 3), min(requests, 200)
    for dialect in [only] if only else ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            client = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            place = stack.enter_context(places.durable(dialect, folder))
            pairs = [_pair(place, size, folder, stack) for size in sizes]
            for number in range(rounds + 1):
                for pair in pairs:
                    _measure(client, pair, number, rounds, requests, peers)
            _report(dialect, pairs)
            _report_statements(pairs[0].ours, folder)
            for pair in pairs:
                _check(pair)


def _pair(place: places.Place, size: int, folder: Path, stack: ExitStack) -> Pair:
    """Fill a database, copy it, and start both servers."""
    name = f"fanfare_{size}"
    url = place.empty(name)
    database = Database(url)
    migration.upgrade(database)
    full = world.fill(database, size)
    database.close()
    checked = round(len(full.fresh) * ONLY_CHECKED)
    sides = [
        Side(prefix, where, full.token, full.fresh[:checked], iter(full.fresh[checked:]))
        for prefix, where in (
            ("/api/partner/v1", url),
            ("", place.copy(name, f"by_hand_{size}")),
        )
    ]
    pair = Pair(size, *sides)
    pair.ours.program = _fanfare(pair.ours, folder / name)
    pair.by_hand.program = _by_hand(pair.by_hand, folder / name)
    (folder / name).mkdir()
    for side in sides:
        side.program.start()
        stack.callback(side.program.kill)
    return pair


def _fanfare(side: Side, folder: Path) -> Program:
    address = f"127.0.0.1:{side.port}"
    settings = {
        "DATABASE_URL": side.url,
        "SITE_BIND": address,
        "SITE_URL": f"http://{address}",
        "REQUESTS_PER_MINUTE": str(10**9),  # counted like always, and never too many
    }
    return Program("site", folder, settings, f"http://{address}/healthz")


def _by_hand(side: Side, folder: Path) -> Program:
    settings = {by_hand.URL: side.url.replace("+psycopg", ""), by_hand.PORT: str(side.port)}
    address = f"http://127.0.0.1:{side.port}/"
    return Program("by-hand", folder, settings, address, module="tests.bench.by_hand")


def _measure(
    client: Executor, pair: Pair, number: int, rounds: int, requests: int, peers: int
) -> None:
    """Measure both operations on both sides, which take turns to be first; round 0 only warms."""
    codes = round(pair.size * 3 / 4 * (1 - ONLY_CHECKED)) - WARM - 1
    numbers = {VALIDATION: requests, REDEMPTION: min(requests, codes // rounds)}
    sides = [pair.ours, pair.by_hand]
    for operation, most in numbers.items():
        for side in sides if number % 2 else reversed(sides):
            asked = side.ask(client, operation, most if number else WARM, peers)
            if number:
                side.asked[operation].append(asked)


def _report(dialect: str, pairs: list[Pair]) -> None:
    click.echo(f"\n{dialect}, every commit on the disk before its answer")
    click.echo(
        f"{'codes':>9}  {'':10} {'Fanfare':>16} {'by hand':>17}   time and processor as multiples"
    )
    for pair in pairs:
        for operation in STATUSES:
            ratios = pair.ratios(operation)
            click.echo(
                f"{pair.size:9}  {operation:10} {_speed(pair.ours.asked[operation])} "
                f"{_speed(pair.by_hand.asked[operation])}   {_spread(ratios)} "
                f"{pair.processor_ratio(operation):10.2f}"
            )
    for operation in STATUSES:
        ours = _growth(pairs, lambda pair, o=operation: pair.ours.asked[o])
        bare = _growth(pairs, lambda pair, o=operation: pair.by_hand.asked[o])
        click.echo(
            f"a {operation} takes with {pairs[-1].size // pairs[0].size} times the codes "
            f"{_spread(ours)} as long, by hand {_spread(bare)}"
        )
    every = [
        asked
        for pair in pairs
        for side in (pair.ours, pair.by_hand)
        for rounds in side.asked.values()
        for asked in rounds
    ]
    busy = sum(asked.client_seconds for asked in every) / sum(asked.seconds for asked in every)
    answers = sum(asked.statuses.total() for asked in every)
    click.echo(f"{answers} answers, no errors; the client used {busy:.0%} of one processor")


def _speed(rounds: list[Asked]) -> str:
    """Return the median rate of the rounds and the 99th percentile over all of them."""
    rate = statistics.median(asked.statuses.total() / asked.seconds for asked in rounds)
    latencies = [latency for asked in rounds for latency in asked.latencies]
    p99 = statistics.quantiles(latencies, n=100)[98] * 1_000
    return f"{rate:6.0f}/s {p99:5.1f} ms"


def _spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _growth(pairs: list[Pair], of: Callable[[Pair], list[Asked]]) -> list[float]:
    """Return how much longer one request takes with the most codes than with the fewest."""
    small, large = (
        [asked.seconds / asked.statuses.total() for asked in of(pair)]
        for pair in (pairs[0], pairs[-1])
    )
    return [after / before for before, after in zip(small, large, strict=True)]


def _report_statements(side: Side, folder: Path) -> None:
    """Print how many statements one request sends to the database, BEGIN and COMMIT apart."""
    database = Database(side.url)
    client = create_app(Settings(fanfare_data=folder), database).test_client()
    statements: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    headers = {"Authorization": f"Bearer {side.token}"}
    for operation, status in STATUSES.items():
        ((path, body),) = side.asks(operation, 1)
        statements.clear()
        answer = client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        number = sum(not statement.startswith("BEGIN") for statement in statements)
        click.echo(f"a {operation} takes {number} statements")
    event.remove(Engine, "before_cursor_execute", note)
    database.close()


def _check(pair: Pair) -> None:
    """Insist on right books, and on a row for every redemption."""
    assert world.wrong(pair.ours.url) == []
    for side in (pair.ours, pair.by_hand):
        database = Database(side.url)
        with database.reading() as db:
            kept = text("SELECT count(*) FROM redemption WHERE order_ref LIKE 'order-%'")
            assert db.execute(kept).scalar_one() == side.redeemed
        database.close()


if __name__ == "__main__":
    main()
