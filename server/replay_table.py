"""A replay on the terminal: a bar while it runs, a table when it is done; and the same as JSON."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from rewards.money import Money, text
from server.services.replay_figures import Figures
from server.services.replays import Replay

WIDTH = 100
"""Wide enough for the table, when there is no terminal to ask."""
NONE = "-"
BOOKS_ARE_RIGHT = "The ledger balances, and every amount equals its recomputation from the facts."

_COLUMNS = (
    "partici-\npants",
    "depth",
    "visits",
    "orders",
    "credit",
    "payout",
    "payout/\ncredit",
    "roots/\npayout",
)


@contextmanager
def progress(nodes: int) -> Iterator[Callable[[], None]]:
    """Show a bar while the block runs, if somebody watches; give what moves it by a node."""
    console = Console(stderr=True)
    columns = (
        TextColumn("Replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    is_watched = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not is_watched) as bar:
        task = bar.add_task("replay", total=nodes)
        yield lambda: bar.advance(task)


def show(replay: Replay) -> None:
    """Print a row for each cascade, the total, what did not count, and that the books are right."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    title = f"{replay.offer_title}, in {replay.currency}"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("cascade", overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right", overflow="fold")
    for figures in replay.cascades:
        table.add_row(*_cells(figures, replay.currency))
    table.add_section()
    table.add_row(*_cells(replay.total, replay.currency), style="bold")
    console.print(table)
    for line in _lines(replay):
        console.print(line)


def as_json(replay: Replay) -> dict[str, Any]:
    """Return the same as numbers: amounts in minor units, ratios in ten-thousandths."""
    numbers = asdict(replay)
    del numbers["wrong"]
    numbers["cascades"] = [_numbers(figures) for figures in replay.cascades]
    numbers["total"] = _numbers(replay.total)
    return numbers


def _numbers(figures: Figures) -> dict[str, Any]:
    return {
        **asdict(figures),
        "payout_per_credit_ten_thousandths": figures.payout_per_credit,
        "roots_per_payout_ten_thousandths": figures.roots_per_payout,
    }


def _cells(figures: Figures, currency: str) -> list[str]:
    return [
        figures.name,
        f"{figures.participants}",
        f"{figures.depth}",
        f"{figures.visits}",
        f"{figures.orders}",
        text(figures.credit_minor, currency),
        text(figures.payout_minor, currency),
        _ratio(figures.payout_per_credit),
        _ratio(figures.roots_per_payout),
    ]


def _ratio(ten_thousandths: int | None) -> str:
    if ten_thousandths is None:
        return NONE
    whole, rest = divmod(ten_thousandths, 10_000)
    return f"{whole}.{rest:04}"


def _lines(replay: Replay) -> Iterator[str]:
    left = Money(replay.remaining_minor, replay.currency)
    yield f"Budget left: {left} of {Money(replay.budget_minor, replay.currency)}."
    yield f"{replay.refunds} orders were refunded, wholly or in part."
    for what, refused in (("Orders", replay.orders_refused), ("Visits", replay.visits_refused)):
        if refused:
            counts = ", ".join(f"{reason} {count}" for reason, count in refused.items())
            yield f"{what} that did not count in full: {counts}."
    yield BOOKS_ARE_RIGHT
