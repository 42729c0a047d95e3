"""The long campaign: ``make prove``, or ``python -m tests.rewards.prove --help``.

The properties are the very tests of the default run, with more cases each; nothing is written
twice.  Beside them run split attacks from a plain random source, which draws them much faster.
Every core works; the table says how many cases each property was tried in and how many violations
were found, and the exit code is 1 if there was any.
"""

import argparse
import importlib
import inspect
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.rewards.attacks import Shape, any_attack, dice_of

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

MODULES = ("test_machine", "test_properties", "test_splitting")
CHUNK = 2_000
WAIT_SECONDS = 0.3


@dataclass(frozen=True)
class Row:
    """What one property, or one part of the attacks, came to."""

    name: str
    cases: int
    violations: int
    found: str = ""


@dataclass
class Proving:
    """What one process works with."""

    cases: int
    seed: int
    done: "Synchronized[int]"

    def count(self) -> None:
        with self.done.get_lock():
            self.done.value += 1


_here: list[Proving] = []


def begin(cases: int, first_seed: int, done: "Synchronized[int]") -> None:
    """Prepare a process: the profile comes first, for properties read it when they are imported."""
    settings.register_profile(
        "prove",
        max_examples=cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("prove")
    _here[:] = [Proving(cases, first_seed, done)]


def properties() -> dict[str, tuple[str, Callable | type[RuleBasedStateMachine]]]:
    """Return every property by its sentence: the test, and whose it is."""
    found: dict[str, tuple[str, Callable | type[RuleBasedStateMachine]]] = {}
    for name in MODULES:
        module = importlib.import_module(f"tests.rewards.{name}")
        for part in vars(module).values():
            if getattr(part, "__module__", None) != module.__name__:
                continue
            if inspect.isclass(part) and issubclass(part, RuleBasedStateMachine):
                found["whatever the server does, all of these hold at once"] = (name, part)
            elif inspect.isclass(part):
                found.update(_tests_of(part.__name__, part))
            else:
                found.update(_tests_of(name, module, only=part))
    return found


def _tests_of(group: str, holder: object, only: object = None) -> Iterator:
    for name, test in vars(holder).items():
        if getattr(test, "is_hypothesis_test", False) and only in {None, test}:
            sentence = name.removeprefix("test_").replace("_", " ")
            yield sentence, (group, test)


def prove(name: str) -> Row:
    """Try one property in as many cases as the campaign asks for."""
    here, (_, test) = _here[0], properties()[name]
    cases = 0

    def count() -> None:
        nonlocal cases
        cases += 1
        here.count()

    try:
        if inspect.isclass(test):
            _run_machine(test, count, here)
        else:
            _run_test(test, count, here)
    except Exception as error:  # noqa: BLE001 - whatever a property raises is what was looked for
        return Row(name, cases, 1, "\n".join([repr(error), *getattr(error, "__notes__", ())]))
    return Row(name, cases, 0)


def _run_machine(machine: type, count: Callable, here: Proving) -> None:
    def counted() -> RuleBasedStateMachine:
        count()
        return machine()

    run_state_machine_as_test(
        seed(here.seed)(counted),
        settings=settings(max_examples=here.cases, stateful_step_count=30),
    )


def _run_test(test: Callable, count: Callable, here: Proving) -> None:
    inner = test.hypothesis.inner_test

    @wraps(inner)
    def counted(*args, **kwargs):
        count()
        return inner(*args, **kwargs)

    test.hypothesis.inner_test = counted
    takes_self = "self" in inspect.signature(inner).parameters
    try:
        seed(here.seed)(test)(*([None] if takes_self else []))
    finally:
        test.hypothesis.inner_test = inner


def attack(shape: Shape, first_seed: int, number: int) -> Row:
    """Try this many split attacks of one shape."""
    violations, found = 0, ""
    for dice in range(first_seed, first_seed + number):
        gained = any_attack(dice_of(dice), shape)
        if gained > 0:
            violations += 1
            found = f"any_attack(dice_of({dice}), {shape!r}) gains {gained} minor units"
    with _here[0].done.get_lock():
        _here[0].done.value += number
    return Row(f"splitting gains nothing: {shape}", number, violations, found)


def campaign(asked: argparse.Namespace) -> list[Row]:
    """Run everything on all cores under one progress bar."""
    names = [name for name in properties() if asked.only in name]
    attacks = [
        (shape, asked.seed + first, min(CHUNK, asked.attacks - first))
        for first in range(0, asked.attacks, CHUNK)
        for shape in [list(Shape)[first // CHUNK % len(Shape)]]
    ]
    context = multiprocessing.get_context("spawn")
    done = context.Value("q", 0)
    with (
        ProcessPoolExecutor(
            asked.processes, context, begin, (asked.cases, asked.seed, done)
        ) as pool,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        ) as bar,
    ):
        futures: list[Future[Row]] = [pool.submit(prove, name) for name in names]
        futures += [pool.submit(attack, *one) for one in attacks]
        whole = bar.add_task("cases", total=len(names) * asked.cases + asked.attacks)
        while not all(future.done() for future in futures):
            bar.update(whole, completed=done.value)
            time.sleep(WAIT_SECONDS)
        bar.update(whole, completed=done.value)
        return [future.result() for future in futures]


def merged(rows: list[Row]) -> list[Row]:
    """Add up the rows of one name."""
    sums: dict[str, Row] = {}
    for row in rows:
        known = sums.get(row.name, Row(row.name, 0, 0))
        sums[row.name] = Row(
            row.name,
            known.cases + row.cases,
            known.violations + row.violations,
            known.found or row.found,
        )
    return list(sums.values())


def show(rows: list[Row], seconds: float, console: Console) -> None:
    """Print the table, and below it what was found."""
    table = Table(title=f"Proved in {seconds / 60:.1f} minutes")
    table.add_column("property")
    table.add_column("cases", justify="right")
    table.add_column("violations", justify="right")
    for row in rows:
        table.add_row(row.name, f"{row.cases:,}".replace(",", " "), str(row.violations))
    total = sum(row.cases for row in rows)
    table.add_section()
    table.add_row("all", f"{total:,}".replace(",", " "), str(sum(row.violations for row in rows)))
    console.print(table)
    for row in rows:
        if row.found:
            console.print(f"{row.name}:\n{row.found}", markup=False)


def asked_for(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.rewards.prove", description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000, help="cases for each property")
    parser.add_argument("--attacks", type=int, default=200_000, help="split attacks in all")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same cases")
    parser.add_argument("--only", default="", help="only properties with these words")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run the campaign and return the exit code."""
    asked, began = asked_for(arguments), time.monotonic()
    rows = merged(campaign(asked))
    show(rows, time.monotonic() - began, Console(width=110))
    return int(any(row.violations for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
