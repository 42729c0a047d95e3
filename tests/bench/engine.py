"""The engine's speed, as ratios: ``python -m tests.bench.engine [--cascades FILE]``.

Each forest is computed by all contestants in turn, in one process, and the results are compared;
the best of some rounds counts, in seconds of the processor, with the garbage collector off for
everybody.  The file has the columns of ``fanfare replay``; visits and orders are drawn.  networkx
takes part if it is installed.
"""

import gc
import importlib.util
import random
import sqlite3
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from rewards import batch, simulate
from rewards.engine import apply
from rewards.facts import Joined, OrderPlaced, VisitVerified
from rewards.forest import Forest, Totals, reward
from rewards.money import LARGEST_MINOR
from rewards.recompute import Count, from_counts
from rewards.terms import default_terms
from server.services import cascades

AOV = 6_000
TERMS = default_terms(currency="EUR", average_order_minor=AOV)
EVENTS = 20_000
COPY = (-1, 0, 0, 1, 1, 2, 3, 6, 7, 8)
"""One small cascade of depth 6; copies of it make forests of any size and equal depth."""
EQUAL_DEPTH = (10_000, 1_000_000)

SUM_IN_SQL = """
WITH RECURSIVE above (id, credit) AS (
    SELECT id, credit FROM person WHERE credit > 0
    UNION ALL
    SELECT person.parent, above.credit FROM above JOIN person USING (id)
    WHERE person.parent IS NOT NULL
)
SELECT id, sum(credit) FROM above GROUP BY id
"""


@dataclass(frozen=True, slots=True)
class People:
    """One forest as flat lists: earlier places (-1 for none), values and visits."""

    name: str
    parents: list[int]
    values: list[int]
    visits: list[int]

    @classmethod
    def of(cls, name: str, sharers: Sequence[simulate.Sharer]) -> "People":
        return cls(
            name,
            [sharer.parent for sharer in sharers],
            [sharer.value_minor for sharer in sharers],
            [sharer.visits for sharer in sharers],
        )


@click.command()
@click.option("--cascades", "file", type=click.Path(exists=True, path_type=Path))
@click.option("--sizes", default="100000,1000000", help="How many people the simulations have.")
@click.option("--rounds", default=3, help="How often; the best of each counts.")
@click.option("--seed", default=1)
def main(file: Path | None, sizes: str, rounds: int, seed: int) -> None:
    """Print the engine's speed beside other ways to the same numbers."""
    source = random.Random(seed)  # noqa: S311 - made to be repeated
    forests = [] if file is None else [_from_file(file, source)]
    for size in map(int, sizes.split(",")):
        drawn = simulate.simulate(source, shares=size, average_order_minor=AOV)
        forests.append(People.of(f"simulated {size}", drawn))
    for people in forests:
        sold = sum(value > 0 for value in people.values)
        click.echo(f"\n{people.name}: {len(people.parents)} people, {sold} of them have sold")
        events(people)
        recomputation(people, rounds)
        everybody = [AOV] * len(people.parents)
        dense = People("everybody has sold", people.parents, everybody, people.visits)
        click.echo(" the same, but everybody has sold:")
        recomputation(dense, rounds, beside=False)
    flatness(rounds)
    for people in forests:
        memory(people)


def _from_file(file: Path, source: random.Random) -> People:
    with file.open("rb") as opened:
        nodes = cascades.parse(opened).nodes
    parents = (-1 if node.parent is None else node.parent for node in nodes)
    drawn = [simulate.sharer(source, parent, average_order_minor=AOV) for parent in parents]
    return People.of(file.name, drawn)


def events(people: People) -> None:
    """Print how many facts of each kind the incremental engine takes in a second."""
    forest = Forest(TERMS, Totals(LARGEST_MINOR))
    joins = [Joined("", place, above if above >= 0 else None) for place, above in _places(people)]
    source = random.Random(2)  # noqa: S311 - made to be repeated
    order = source.choices(range(len(joins)), k=EVENTS)
    for name, facts in (
        ("joins", joins),
        ("orders", [OrderPlaced("", place, AOV, 10_000) for place in order]),
        ("visits", [VisitVerified("", place) for place in order]),
    ):
        seconds, _ = _best(lambda facts=facts: [apply(forest, fact) for fact in facts], 1)
        click.echo(f"  {name:34} {len(facts) / seconds:12.0f} a second")


def _places(people: People) -> list[tuple[int, int]]:
    return list(enumerate(people.parents))


def recomputation(people: People, rounds: int, *, beside: bool = True) -> None:
    """Print how long everybody takes for a whole forest, as a multiple of the bare dict loop."""
    own = batch.credits_of(TERMS, people.values, people.visits)
    bare, sums = _best(_dict_loop(people, own), rounds)
    _say("bare dict loop, sums branches only", bare, bare)

    def whole() -> batch.Batch:
        credits_minor = batch.credits_of(TERMS, people.values, people.visits)
        return batch.rewards(TERMS.schedule, people.parents, credits_minor)

    seconds, found = _best(whole, rounds)
    assert found.branch_credit == list(sums.values())
    _say("ours in flat lists: c, S, W, R, L", seconds, bare)
    seconds, _ = _best(lambda: (whole(), whole()), rounds)
    _say("ours in flat lists, both layers", seconds, bare)
    if not beside:
        return
    seconds, forest = _best(lambda: _objects(people), 1)
    assert found.reward == [reward(TERMS, node.pot) for node in forest.participants.values()]
    _say("ours as a Forest, both layers", seconds, bare)
    del forest
    seconds, rows = _best(_sql(people, own), 1)
    assert all(sums[place] == total for place, total in rows)
    _say("recursive SQL in SQLite, sums only", seconds, bare)
    if importlib.util.find_spec("networkx") is None:
        click.echo("  networkx is not installed; install it to have it take part")
        return
    seconds, totals = _best(_networkx(people, own), 1)
    assert totals == sums
    _say("networkx, sums only", seconds, bare)


def _objects(people: People) -> Forest:
    counts = (
        Count(place, None if above < 0 else above, value=value, visits=visits)
        for (place, above), value, visits in zip(
            _places(people), people.values, people.visits, strict=True
        )
    )
    return from_counts(TERMS, LARGEST_MINOR, counts)


def _dict_loop(people: People, own: list[int]) -> Callable[[], dict[int, int]]:
    parents, upwards = dict(_places(people)), list(range(len(own)))[::-1]
    credits_minor = dict(enumerate(own))

    def run() -> dict[int, int]:
        total = dict(credits_minor)
        for person in upwards:
            parent = parents[person]
            if parent >= 0:
                total[parent] += total[person]
        return total

    return run


def _sql(people: People, own: list[int]) -> Callable[[], list[tuple[int, int]]]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, parent INTEGER, credit INTEGER)")
    rows = (
        (place, None if above < 0 else above, credit)
        for (place, above), credit in zip(_places(people), own, strict=True)
    )
    db.executemany("INSERT INTO person VALUES (?, ?, ?)", rows)

    def run() -> list[tuple[int, int]]:
        found = db.execute(SUM_IN_SQL).fetchall()
        db.close()
        return found

    return run


def _networkx(people: People, own: list[int]) -> Callable[[], dict[int, int]]:
    import networkx as nx  # noqa: PLC0415 - takes part only if it is installed

    graph: Any = nx.DiGraph()
    graph.add_nodes_from(range(len(own)))
    graph.add_edges_from((place, above) for place, above in _places(people) if above >= 0)

    def run() -> dict[int, int]:
        total = dict(enumerate(own))
        for person in nx.topological_sort(graph):
            for parent in graph.successors(person):
                total[parent] += total[person]
        return total

    return run


def flatness(rounds: int) -> None:
    """Print what one order costs in a small and in a large forest of equal depth."""
    click.echo("\none order, in forests of equal depth:")
    source = random.Random(3)  # noqa: S311 - made to be repeated
    costs = []
    for size in EQUAL_DEPTH:
        forest = Forest(TERMS, Totals(LARGEST_MINOR))
        for place in range(size):
            within = place % len(COPY)
            above = COPY[within]
            forest.join(place, None if above < 0 else place - within + above)
        facts = [OrderPlaced("", source.randrange(size), AOV, 10_000) for _ in range(EVENTS)]
        seconds, _ = _best(lambda facts=facts, f=forest: [apply(f, fact) for fact in facts], rounds)
        costs.append(seconds / EVENTS)
        click.echo(f"  {size:8} people {costs[-1] * 1e6:8.2f} microseconds")
    click.echo(f"  {'ratio':34} {costs[1] / costs[0]:8.2f}")


def memory(people: People) -> None:
    """Print what the state of one person weighs, by Python's own account of its allocations."""
    tracemalloc.start()
    forest = _objects(people)
    weight, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    number = len(forest.participants)
    click.echo(
        f"\n{people.name}: a Forest weighs {weight / number:.0f} bytes a person, with both layers "
        "and the index (tracemalloc around from_counts)"
    )


def _best(run: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Return the shortest time and the last result."""
    found, result = [], None
    for _ in range(rounds):
        result = None
        gc.collect()
        gc.disable()
        began = time.process_time()
        result = run()
        found.append(time.process_time() - began)
        gc.enable()
    return min(found), result


def _say(name: str, seconds: float, bare: float) -> None:
    click.echo(f"  {name:34} {seconds * 1_000:9.1f} ms {seconds / bare:8.2f} x")


if __name__ == "__main__":
    main()
