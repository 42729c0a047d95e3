"""The commands with which the demo is a partner's sandbox."""

import sys
from contextlib import closing
from pathlib import Path

import click

from server import clock
from server.conformance.api import Api
from server.conformance.commands import OUT, PARALLEL, hold
from server.conformance.run import CODES_NEEDED
from server.conformance.shop import Hook, Shop
from server.demo import codes
from server.demo import run as demo
from server.errors import ProductError
from server.settings import Settings

TOTAL_MINOR = 100_00
HERE = "127.0.0.1"


@click.command("demo-codes")
@click.option(
    "--count", type=click.IntRange(1, 500), default=CODES_NEEDED, show_default=True, help="So many."
)
def demo_codes(count: int) -> None:
    """Give a demo person new discount codes, and print them, one a line."""
    settings = _settings()
    try:
        given = codes.give(settings, count=count, now=clock.now())
    except ProductError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(given))


@click.command("demo-conformance")
@click.option("--parallel", **PARALLEL)
@click.option("--junit", "junit_file", type=OUT, help="Write JUnit's XML there, too.")
def demo_conformance(parallel: int, junit_file: Path | None) -> None:
    """Hold the demo that runs now to the partner contract, with codes and the key of its shop."""
    settings = _settings()
    try:
        given = codes.give(settings, count=CODES_NEEDED, now=clock.now())
        refused = codes.give_refused(settings, now=clock.now())
    except ProductError as error:
        raise click.ClickException(str(error)) from error
    key = demo.credentials(settings)
    with closing(Api(settings.site_url, key.client_id, key.client_secret)) as api:
        currency = demo.BUDGET.currency
        shop = Shop(
            api, given, currency, TOTAL_MINOR, parallel, refused=refused, hook=Hook(HERE, port=0)
        )
        if not hold(shop, junit_file):
            sys.exit(1)


def _settings() -> Settings:
    settings = Settings(demo=True)
    clock.follow(settings.clock_file)
    return settings


COMMANDS = (demo_codes, demo_conformance)
