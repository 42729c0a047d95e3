"""The commands about terms: thin, each reads, computes and shows."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rewards import simulate as simulation
from rewards.backtest import backtest as play
from rewards.codec import terms_to_json
from rewards.drill import drill as attack
from rewards.errors import RewardsError
from rewards.money import LARGEST_MINOR, Money
from rewards.rivals import Cascade, compare
from rewards.simulate import Sharer
from rewards.terms import Terms, default_terms
from server.errors import ProductError
from server.reports import plot, tables
from server.reports.histories import FileInvalid, read_history, read_terms
from server.services import cascades

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
AVERAGE_ORDERS = 1_000
"""The budget of a drill, unless it is given: what so many average orders earn at most."""


@contextmanager
def _told() -> Iterator[None]:
    """Turn mistakes of the caller into sentences on the terminal."""
    try:
        yield
    except (FileInvalid, RewardsError, ProductError, OSError) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.option("--average-order", required=True, metavar="AMOUNT", help="Like 60.00.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217.")
@click.option("--ceiling", default=1_000, show_default=True, help="Highest rate, basis points.")
def terms(average_order: str, currency: str, ceiling: int) -> None:
    """Print the terms that suit most brands, as JSON to try and to change."""
    with _told():
        average = Money.parse(average_order, currency).minor
        made = default_terms(
            currency=currency, average_order_minor=average, ceiling_basis_points=ceiling
        )
    click.echo(json.dumps(terms_to_json(made), indent=2))


@click.command()
@click.argument("file", type=FILE)
@click.option("--terms", "terms_file", type=FILE, required=True, help="JSON, see fanfare terms.")
@click.option("--budget", metavar="AMOUNT", help="Like 5000.00; default: no limit.")
@click.option("--csv", "csv_file", type=OUT, help="Write everybody's line there.")
@click.option("--svg", "svg_file", type=OUT, help="Draw payout against net sales, and who earns.")
def backtest(
    file: Path, terms_file: Path, budget: str | None, csv_file: Path | None, svg_file: Path | None
) -> None:
    """Say what terms would have paid on the real past in FILE (.csv or .csv.gz)."""
    with _told():
        frozen = read_terms(terms_file)
        limit = _budget(budget, frozen, LARGEST_MINOR)
        history = read_history(file, frozen.currency)
        with tables.progress("Playing", len(history)) as step:
            result = play(history, frozen, budget_minor=limit, progress=step)
        tables.show_backtest(result)
        if csv_file is not None:
            tables.write_backtest(result, csv_file)
        if svg_file is not None:
            svg_file.write_text(plot.draw(result), encoding="utf-8")


@click.command()
@click.argument("terms_file", metavar="TERMS", type=FILE)
@click.option("--budget", metavar="AMOUNT", help="Default: what 1000 average orders earn at most.")
def drill(terms_file: Path, budget: str | None) -> None:
    """Attack an offer with these TERMS in every way we know, and say what each would gain."""
    with _told():
        frozen = read_terms(terms_file)
        ceiling = frozen.schedule.ceiling_basis_points
        usual = AVERAGE_ORDERS * frozen.average_order_minor * ceiling // 10_000
        tables.show_drill(attack(frozen, _budget(budget, frozen, usual)))


@click.command()
@click.option("--seed", default=1, show_default=True, help="Names what is drawn.")
@click.option("--shares", type=click.IntRange(1, 1_000_000), default=20_000, show_default=True)
@click.option("--cascades", "file", type=FILE, help="Draw on these instead (see fanfare replay).")
@click.option("--terms", "terms_file", type=FILE, help="Default: those of an order of 60.00 EUR.")
@click.option("--csv", "csv_file", type=OUT, help="Write a history for fanfare backtest there.")
def simulate(
    seed: int, shares: int, file: Path | None, terms_file: Path | None, csv_file: Path | None
) -> None:
    """Draw cascades that look like real ones, and compare reward rules on them."""
    source = random.Random(seed)  # noqa: S311 - made to be repeated, not to be secret
    with _told():
        frozen = (
            read_terms(terms_file)
            if terms_file
            else default_terms(currency="EUR", average_order_minor=6_000)
        )
        average = frozen.average_order_minor
        if file is None:
            people = simulation.simulate(source, shares=shares, average_order_minor=average)
        else:
            people = _on_file(source, file, average)
        tables.show_shape(simulation.shape([person.parent for person in people]))
        lines = compare(frozen.schedule, one_by_one(people))
        tables.show_compared(lines, frozen.currency)
        if csv_file is not None:
            tables.write_simulated(people, frozen.currency, csv_file)


def one_by_one(people: list[Sharer]) -> list[Cascade]:
    """Divide people into their cascades, each with places of its own."""
    roots: list[int] = []
    places: list[int] = []
    found: dict[int, tuple[list[int], list[int]]] = {}
    for number, person in enumerate(people):
        root = number if person.parent < 0 else roots[person.parent]
        parents, credits_minor = found.setdefault(root, ([], []))
        roots.append(root)
        places.append(len(parents))
        parents.append(-1 if person.parent < 0 else places[person.parent])
        credits_minor.append(person.value_minor)
    return [Cascade(tuple(parents), tuple(own)) for parents, own in found.values()]


def _on_file(source: random.Random, file: Path, average_order_minor: int) -> list[Sharer]:
    """Draw visits and orders for the people of a cascade file."""
    with file.open("rb") as opened:
        nodes = cascades.parse(opened).nodes
    parents = (-1 if node.parent is None else node.parent for node in nodes)
    return [
        simulation.sharer(source, parent, average_order_minor=average_order_minor)
        for parent in parents
    ]


def _budget(amount: str | None, frozen: Terms, otherwise_minor: int) -> int:
    return otherwise_minor if amount is None else Money.parse(amount, frozen.currency).minor


COMMANDS = (terms, backtest, drill, simulate)
