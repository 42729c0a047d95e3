"""``fanfare conformance``: the contract against any deployment."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.status import Status

from server import clock
from server.conformance import run as contract
from server.conformance import table
from server.conformance.api import Api
from server.conformance.shop import Hook, Shop

OUT = click.Path(dir_okay=False, path_type=Path)
PARALLEL: dict[str, Any] = {
    "type": click.IntRange(2, 200),
    "default": 20,
    "show_default": True,
    "help": "How many requests a race sends at once.",
}


@click.command()
@click.option("--base-url", required=True, metavar="URL", help="Where the deployment answers.")
@click.option("--client-id", required=True, envvar="FANFARE_CLIENT_ID", help="A partner's key.")
@click.option(
    "--client-secret", required=True, envvar="FANFARE_CLIENT_SECRET", help="And its secret."
)
@click.option(
    "--codes",
    "codes_file",
    type=click.File(),
    help="Unused codes to burn, one a line; - reads them from a pipe.",
)
@click.option("--code", "codes", multiple=True, help="One more code to burn; may be repeated.")
@click.option(
    "--refused",
    "refused",
    multiple=True,
    metavar="KEY=CODE",
    help="A code that must be refused so, such as expired=7KQF-9M2X-4TBH.",
)
@click.option("--currency", default="EUR", show_default=True, help="The brand's currency.")
@click.option(
    "--total-minor",
    type=click.IntRange(min=1),
    default=100_00,
    show_default=True,
    help="What orders cost; enough for every code.",
)
@click.option("--parallel", **PARALLEL)
@click.option("--listen", metavar="HOST:PORT", help="Wait for events there, to check signatures.")
@click.option("--hook-url", default="", help="Where the deployment reaches that; default: there.")
@click.option("--junit", "junit_file", type=OUT, help="Write JUnit's XML there, too.")
def conformance(
    *,
    base_url: str,
    client_id: str,
    client_secret: str,
    codes_file: TextIO | None,
    codes: Sequence[str],
    refused: Sequence[str],
    currency: str,
    total_minor: int,
    parallel: int,
    listen: str | None,
    hook_url: str,
    junit_file: Path | None,
) -> None:
    """Hold a deployment to the partner contract, over HTTP alone, and say what it does not keep.

    Everything that it needs is a key of a partner and unused codes of the key's brand, each worth
    more than one cent and less than an order.  They are burnt, and orders and refunds without
    effect are reported.  Status 1 if a promise is broken or could not be checked.
    """
    given = [*codes, *(line.strip() for line in codes_file or ())]
    with closing(Api(base_url, client_id, client_secret)) as api:
        shop = Shop(
            api,
            codes=list(dict.fromkeys(filter(None, given))),
            currency=currency,
            total_minor=total_minor,
            parallel=parallel,
            refused=_pairs(refused),
            hook=_hook(listen, hook_url),
        )
        if not hold(shop, junit_file):
            sys.exit(1)


def hold(shop: Shop, junit_file: Path | None) -> bool:
    """Run the contract, show what became of it, and tell whether all of it is kept."""
    console = Console(stderr=True)
    results = []
    with Status("", console=console) as status:
        for result in contract.run(shop):
            results.append(result)
            status.update(result.check.sentence)
    table.show(results, shop.api.base_url)
    if junit_file is not None:
        base_url = shop.api.base_url
        table.write_junit(results, junit_file, base_url=base_url, now=clock.now())
    return table.is_whole(results)


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        key, is_pair, code = pair.partition("=")
        if not (key and is_pair and code):
            raise click.BadParameter(f"write KEY=CODE, not {pair}", param_hint="--refused")
        found[key] = code
    return found


def _hook(listen: str | None, url: str) -> Hook | None:
    if listen is None:
        return None
    host, _, port = listen.rpartition(":")
    if not (host and port.isdigit()):
        raise click.BadParameter(f"write HOST:PORT, not {listen}", param_hint="--listen")
    return Hook(host, int(port), url)
