"""Tables and bars on the terminal, and CSV files, for backtests, drills and simulations."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rewards.backtest import Backtest
from rewards.drill import Drill
from rewards.money import WHOLE, Money, text
from rewards.rivals import Compared
from rewards.simulate import PUBLISHED, Shape, Sharer
from server.reports import plot

WIDTH = 116
"""As wide as the tables, when there is no terminal to ask."""
EARNERS_SHOWN = 15


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[], None]]:
    """Show a bar while the block runs, if somebody watches; give what moves it by a step."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)


def show_backtest(result: Backtest) -> None:
    """Print who would have earned most, who earns by generation, and the sums."""
    currency = result.terms.currency
    table = _table(f"What these terms would have paid, in {currency}", "participant")
    for name in ("brought by", "orders", "visits", "net sales", "own credit", "branch", "payout"):
        _add_column(table, name)
    ranked = sorted(result.earners, key=lambda earner: -earner.payout_minor)
    for earner in ranked[:EARNERS_SHOWN]:
        table.add_row(
            earner.name,
            earner.brought_by or "-",
            f"{earner.orders}",
            f"{earner.visits}",
            *(
                text(minor, currency)
                for minor in (
                    earner.net_minor,
                    earner.credit_minor,
                    earner.branch_credit_minor,
                    earner.payout_minor,
                )
            ),
        )
    if len(ranked) > EARNERS_SHOWN:
        table.caption = f"and {len(ranked) - EARNERS_SHOWN} more who would have earned less"
    _print(table)
    groups = _table("Who earns", "who")
    for name in ("people", "payout", "share"):
        _add_column(groups, name)
    for name, number, minor in plot.by_generation(result):
        share = _percent(minor * WHOLE // max(1, result.payout_minor))
        groups.add_row(name, f"{number}", text(minor, currency), share)
    _print(groups, *_sums(result))


def write_backtest(result: Backtest, path: Path) -> None:
    """Write everybody's line as CSV, amounts as decimals."""
    currency = result.terms.currency
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            (
                *("participant", "brought_by", "generation", "orders", "visits"),
                *("net_sales", "own_credit", "branch_credit", "payout", "currency"),
            )
        )
        for earner in result.earners:
            amounts = (
                earner.net_minor,
                earner.credit_minor,
                earner.branch_credit_minor,
                earner.payout_minor,
            )
            rows.writerow(
                (
                    earner.name,
                    earner.brought_by or "",
                    earner.generation,
                    earner.orders,
                    earner.visits,
                    *(text(minor, currency) for minor in amounts),
                    currency,
                )
            )


def show_drill(result: Drill) -> None:
    """Print every attack with its best gain, and what stays exposed beside the budget."""
    currency = result.terms.currency
    table = _table(f"Attacks on this offer, in {currency}", "attack")
    for name in ("tried", "pays", "gains at most"):
        _add_column(table, name)
    table.add_column("what holds it")
    for attack in result.attacks:
        amounts = (attack.spent_minor, attack.gain_minor)
        table.add_row(
            attack.name,
            f"{attack.tried}",
            *(text(minor, currency) for minor in amounts),
            attack.limit,
        )
    table.caption = "if no check noticed anything; the attacker sells 1 to 100 average orders"
    exposed = _table(
        f"What stays exposed, beside the budget of {text(result.budget_minor, currency)}"
    )
    exposed.add_column("exposure")
    _add_column(exposed, currency)
    for exposure in result.exposures:
        exposed.add_row(exposure.name, text(exposure.at_most_minor, currency))
    _print(table, exposed)


def show_shape(found: Shape) -> None:
    """Print what cascades look like, beside published ones."""
    table = _table(f"{found.cascades} cascades; figures of those with a reshare", "figure")
    for name in ("here", "published"):
        _add_column(table, name)
    for name in ("mean_size", "size_10", "size_50", "size_100"):
        here, there = getattr(found, name), getattr(PUBLISHED, name)
        table.add_row(name.replace("size_", "size >= "), f"{here:.4f}", f"{there}")
    for level, there in enumerate(PUBLISHED.depths, start=1):
        table.add_row(f"depth {level}", f"{found.depths[level - 1]:.4f}", f"{there}")
    table.add_row("all sharers: bring nobody", f"{found.nobody:.4f}", "0.70 to 0.95")
    _print(table)


def show_compared(lines: Sequence[Compared], currency: str) -> None:
    """Print our rule beside others on the same cascades."""
    table = _table("Rules on the same cascades", "rule")
    for name in (
        *("best split gain", f"in {currency}", "paid of credit", "to roots"),
        *("to people without sale", "sales watched", "lowered a reward"),
    ):
        _add_column(table, name, wraps=True)
    for line in lines:
        table.add_row(
            line.name,
            _percent(line.split_gain_basis_points),
            text(line.split_gain_minor, currency),
            _percent(line.payout_per_credit),
            _percent(line.to_roots),
            _percent(line.to_people_without_sale),
            f"{line.events}",
            f"{line.lowered}",
        )
    _print(table)


def write_simulated(sharers: Sequence[Sharer], currency: str, path: Path) -> None:
    """Write simulated people as a history that ``fanfare backtest`` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("event", "participant", "parent", "order", "amount", "customer"))
        for place, sharer in enumerate(sharers, start=1):
            parent = "" if sharer.parent < 0 else f"p{sharer.parent + 1}"
            rows.writerow(("join", f"p{place}", parent, "", "", ""))
            if sharer.visits:
                rows.writerow(("visits", f"p{place}", "", "", sharer.visits, ""))
            for number, minor in enumerate(sharer.orders_minor, start=1):
                amount = text(minor, currency)
                rows.writerow(("order", f"p{place}", "", f"p{place}-{number}", amount, "new"))


def _sums(result: Backtest) -> Iterator[str]:
    currency = result.terms.currency
    paid, net = Money(result.payout_minor, currency), Money(result.net_minor, currency)
    share = _percent(result.payout_minor * WHOLE // max(1, result.net_minor))
    yield f"{paid} for {net} of net sales: {share} of it, after {result.refunds} refunds."
    if result.cut:
        counts = ", ".join(f"{reason} {number}" for reason, number in result.cut.items())
        left = Money(result.remaining_minor, currency)
        yield f"Did not count in full: {counts}. {left} of the budget are left."


def _table(title: str, first: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    if first:
        table.add_column(first, no_wrap=True)
    return table


def _add_column(table: Table, name: str, *, wraps: bool = False) -> None:
    """Add a column of numbers."""
    table.add_column(name, justify="right", no_wrap=not wraps)


def _print(*things: Table | str) -> None:
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH
    for thing in things:
        console.print(thing)


def _percent(basis_points: int) -> str:
    sign = "-" if basis_points < 0 else ""
    return f"{sign}{abs(basis_points) // 100}.{abs(basis_points) % 100:02} %"
