"""``fanfare classify-log``: what the filter of clicks would say of a web server's log."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from server.reports.commands import FILE
from server.services import access_logs, datacentres
from server.services.access_logs import Verdict
from server.services.datacentres import NetworksInvalid
from server.settings import Settings

AGENT_SHOWN = 160
_GZIP = b"\x1f\x8b"


@click.command("classify-log")
@click.argument("file", type=FILE)
@click.option("--examples", default=5, show_default=True, type=click.IntRange(0), metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def classify_log(file: Path, examples: int, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Say which requests in FILE (combined log format, plain or .gz) would be clicks of people."""
    networks = Settings().datacentre_networks
    try:
        known = datacentres.read(networks) if networks else None
        with _opened(file) as opened:
            found = access_logs.classify(access_logs.read_lines(opened), known)
    except NetworksInvalid as error:
        raise click.ClickException(f"DATACENTRE_NETWORKS, {networks}, {error}") from error
    except (EOFError, zlib.error, OSError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    shown = [_shown(name, verdict, examples) for name, verdict in found.items()]
    if as_json:
        click.echo(json.dumps({"file": str(file), "verdicts": shown}, indent=2))
    else:
        _print(file, shown)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Open a file, compressed or not, whatever it is called."""
    with file.open("rb") as plain:
        if plain.peek(len(_GZIP)).startswith(_GZIP):
            with gzip.open(plain) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads as any other
        else:
            yield plain


def _shown(name: str, verdict: Verdict, examples: int) -> dict[str, Any]:
    return {
        "verdict": name,
        "why": access_logs.WHY[name],
        "requests": verdict.requests,
        "agents": len(verdict.agents),
        "examples": [
            {"requests": count, "named": access_logs.named_in(agent), "agent": agent}
            for agent, count in verdict.agents.most_common(examples)
        ],
    }


def _print(file: Path, shown: list[dict[str, Any]]) -> None:
    lines = sum(one["requests"] for one in shown)
    click.echo(f"{lines} lines in {file}")
    for one in shown:
        share = 100 * one["requests"] / max(1, lines)
        click.echo(
            f"\n{one['verdict']:<14}{one['requests']:>8} lines {share:5.1f} %"
            f"{one['agents']:>7} different   {one['why']}"
        )
        for example in one["examples"]:
            named = f"[{_clean(example['named'])}] " if example["named"] else ""
            click.echo(f"{example['requests']:>22}  {named}{_clean(example['agent'])}")


def _clean(text: str) -> str:
    """Return a text that fits on a line and can do nothing to a terminal."""
    cut = text if len(text) <= AGENT_SHOWN else f"{text[:AGENT_SHOWN]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
