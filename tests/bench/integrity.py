"""How often the integrity tests hold whom: ``python -m tests.bench.integrity``.

First offers without any fraud: every hold there is a mistake.  Then each kind of fraud hides among
honest sharers of its own offers; power is the share of it that is held.  Last, honest audiences of
unusual kinds, five among a thousand: they are where mistakes would be made, and are shown.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

import click

from rewards.anomalies import Seen
from rewards.integrity import Finding, Standing, review
from tests.rewards.traffic import FRAUDS, UNUSUAL, honest


def standings(findings: list[Finding]) -> Counter[Standing]:
    """Count holds and watches."""
    return Counter(finding.standing for finding in findings)


def offer(
    random: Random, sharers: int, hidden: int = 0, kind: Callable[[Random], list[Seen]] = honest
) -> tuple[list[Finding], list[Finding]]:
    """Review one offer; return what was found of the hidden kind, and of the honest rest."""
    visits = {n: kind(random) if n < hidden else honest(random) for n in range(sharers)}
    found = review(visits)
    return [found[n] for n in range(hidden)], [found[n] for n in range(hidden, sharers)]


def line(name: str, found: list[Finding]) -> str:
    """Write one row: how many, how many held, how many watched."""
    counts = standings(found)
    held, watched = counts[Standing.HOLD], counts[Standing.WATCH]
    return f"{name:<46}{len(found):>7}{held:>7}{held / len(found):>9.4f}{watched:>9}"


@click.command()
@click.option("--seed", default=1, show_default=True)
@click.option("--offers", default=21, show_default=True, help="Offers without fraud.")
@click.option("--sharers", default=1_000, show_default=True, help="Sharers of an offer.")
@click.option("--hidden", default=20, show_default=True, help="Frauds in an offer.")
@click.option("--repeats", default=5, show_default=True, help="Offers with each kind of fraud.")
def main(seed: int, offers: int, sharers: int, hidden: int, repeats: int) -> None:
    """Print the table."""
    random = Random(seed)  # noqa: S311 - it must repeat, not surprise
    click.echo(f"{'':<46}{'sharers':>7}{'held':>7}{'share':>9}{'watched':>9}")
    fair = [finding for _ in range(offers) for finding in offer(random, sharers)[1]]
    click.echo(line("honest, no fraud about", fair))
    for name, kind in FRAUDS.items():
        results = [offer(random, sharers, hidden, kind) for _ in range(repeats)]
        click.echo(line(name, [finding for found, _ in results for finding in found]))
        click.echo(line("  honest beside them", [f for _, rest in results for f in rest]))
    for name, kind in UNUSUAL.items():
        results = [offer(random, sharers, 5, kind) for _ in range(repeats)]
        click.echo(line(f"honest: {name}", [finding for found, _ in results for finding in found]))


if __name__ == "__main__":
    main()
