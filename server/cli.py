"""The command ``fanfare``; each command calls one service."""

import json
import os
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from rewards.money import Money
from server import clock, replay_table
from server.conformance.commands import conformance
from server.demo import commands as demo_commands
from server.demo import content as demo_content
from server.demo import questions as demo_questions
from server.demo import run as demo
from server.errors import ProductError
from server.gateways.uploads import Uploads
from server.jobs import outbox, queue
from server.links.app import serve_links
from server.processes import Together, taken
from server.reports import data_map as data_map_report
from server.reports.access_log import classify_log
from server.reports.commands import COMMANDS
from server.reports.privacy import answer_request, requests
from server.reports.receipts import verify_receipt
from server.reports.reconciliations import reconcile
from server.services import brands, cascades, checks, clients, content_items, replays
from server.settings import Settings
from server.site import serve
from server.store import migration
from server.store.connection import Database

PROCESSES = ["site", "links", "work"]
DEMO_PROCESSES = ["demo-provider", "demo-shop"]
STEP = re.compile(r"(\d+)([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@click.group()
def main() -> None:
    """Fanfare: fair rewards for real word of mouth."""


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Add demo people, a demo shop and brand.")
def run(with_demo: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Run everything on this machine, and stop it together."""
    if with_demo:
        os.environ.update(demo.environment())
    settings = Settings()
    binds = [settings.site_bind, settings.link_bind, *(demo.BINDS if with_demo else [])]
    if in_use := taken(binds):
        raise click.ClickException(
            f"Somebody listens on {', '.join(in_use)} already; stop that program, "
            "or choose other addresses with SITE_BIND and LINK_BIND."
        )
    _prepare(settings)
    if with_demo:
        demo.seed(settings, budget=demo.BUDGET, now=clock.now())
        demo_questions.add(settings, now=clock.now())
        demo_content.add(settings, now=clock.now())
    click.echo(f"Site    {settings.site_url}\nLinks   {settings.link_url}")
    if with_demo:
        click.echo(demo.WELCOME)
    raise SystemExit(Together().run(PROCESSES + (DEMO_PROCESSES if with_demo else [])))


@main.command()
def site() -> None:
    """Run the site and the APIs."""
    serve(Settings())


@main.command()
def links() -> None:
    """Run the click process."""
    serve_links(Settings())


@main.command()
def work() -> None:
    """Run the worker."""
    queue.work(Settings())


@main.command("demo-provider")
def demo_provider() -> None:
    """Run the demo identity provider."""
    demo.serve_provider(Settings())


@main.command("demo-shop")
def demo_shop() -> None:
    """Run the demo shop."""
    demo.serve_shop(Settings())


@main.command("demo-seed")
@click.option("--budget", default="5000.00", show_default=True, help="The offer's budget in EUR.")
def demo_seed(budget: str) -> None:
    """Add the demo brand, if it is not there, and print the id of its offer."""
    click.echo(demo.seed(Settings(), budget=Money.parse(budget, "EUR"), now=clock.now()))


@main.command()
def migrate() -> None:
    """Bring the database to the tables of this version."""
    _prepare(Settings())
    click.echo("The database is up to date.")


@main.command()
def check() -> None:
    """Recompute every offer from its facts, add up its ledger, and look for its files."""
    settings = Settings()
    with Database(settings.database).reading() as db:
        wrong = checks.everything(db)
        named = content_items.file_names(db)
    missing = Uploads(settings.uploads, settings.upload_bytes_max).missing(named)
    wrong += [f"the file {name} of exclusive content is not there" for name in missing]
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        raise SystemExit(1)
    click.echo("Every offer equals its recomputation, and every ledger balances.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--offer", required=True, metavar="ID", help="Public id of a published offer.")
@click.option("--seed", default=1, show_default=True, help="Names what is drawn.")
@click.option("--visits-mean", default=1.0, show_default=True, help="Strangers' visits per link.")
@click.option("--order-rate", default=0.03, show_default=True, help="Orders per verified visit.")
@click.option("--order-mean", metavar="AMOUNT", help="Like 60.00; default: the offer's average.")
@click.option("--refund-rate", default=0.05, show_default=True, help="Refunds per order.")
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the figures to a file, too.",
)
def replay(file: Path, offer: str, json_file: Path | None, **drawn: Any) -> None:  # noqa: ANN401
    """Walk the cascades in FILE (.csv or .csv.gz) through the services of live traffic.

    FILE has the columns cascade, node, parent and seconds: a line for each person who shared, who
    brought them (empty for who began), and how many seconds after the cascade began.

    Drawn with the seed: strangers' visits per link, negative binomial (size 0.6, at most 200), each
    after an exponential time (mean 1 day, at most 7); whether a visit becomes an order; its value,
    lognormal (sigma 0.5, at most 20 times the mean), 7 of 10 by new customers; refunds within the
    return window, 3 of 4 of the whole order, the others of half. Everybody who was brought is a
    verified visit, too.

    All of it is one transaction and lies in the past. On SQLite nobody else can write meanwhile:
    replay into a database of its own, or stop the site.
    """
    settings = Settings()
    clock.follow(settings.clock_file)
    try:
        with file.open("rb") as opened:
            read = cascades.parse(opened)
        with (
            closing(Database(settings.database)) as database,
            database.transaction() as db,
            replay_table.progress(len(read.nodes)) as progress,
        ):
            result = replays.replay(
                db,
                cascades=read,
                crowd=replays.crowd(db, offer_public_id=offer, **drawn),
                offer_public_id=offer,
                deliver=outbox.deliver,
                progress=progress,
                now=clock.now(),
            )
            if result.wrong:
                raise click.ClickException("Nothing was kept.\n" + "\n".join(result.wrong))
            if json_file is not None:
                json_file.write_text(json.dumps(replay_table.as_json(result), indent=2) + "\n")
    except (ProductError, OSError) as error:
        raise click.ClickException(str(error)) from error
    replay_table.show(result)


@main.command("write-migration")
@click.argument("message")
def write_migration(message: str) -> None:
    """Write the migration from the database's tables to the ones in the code."""
    migration.write(Database(Settings().database), message)


@main.command("time-travel")
@click.argument("step")
def time_travel(step: str) -> None:
    """Move a demo's clock forward by STEP: 15d, 12h or 30m."""
    settings = Settings(demo=True)
    found = STEP.fullmatch(step)
    if found is None or settings.clock_file is None:
        raise click.BadParameter("write a number and d, h or m, such as 15d", param_hint="STEP")
    ahead = clock.travel(settings.clock_file, timedelta(**{UNITS[found[2]]: int(found[1])}))
    click.echo(f"The demo's clock is now {ahead} ahead.")


@main.command("add-brand")
@click.argument("slug")
@click.option("--name", required=True, help="The brand's name for people.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217.")
@click.option("--host", "hosts", multiple=True, required=True, help="A domain it proved to own.")
def add_brand(slug: str, name: str, currency: str, hosts: tuple[str, ...]) -> None:
    """Add a brand with the short name SLUG."""
    with Database(Settings().database).transaction() as db:
        try:
            brands.add(
                db, slug=slug, name=name, currency=currency, hosts=list(hosts), now=clock.now()
            )
        except ProductError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"Added {name}. Give it an owner with: fanfare set-role {slug} ISSUER SUBJECT owner")


@main.command("set-role")
@click.argument("slug")
@click.argument("issuer")
@click.argument("subject")
@click.argument("role")
def set_role(slug: str, issuer: str, subject: str, role: str) -> None:
    """Let the person whom ISSUER knows as SUBJECT work for the brand SLUG."""
    with Database(Settings().database).transaction() as db:
        try:
            brands.set_role(
                db, slug=slug, issuer=issuer, subject=subject, role=role, now=clock.now()
            )
        except ProductError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{subject} is now {role} of {slug}.")


def _prepare(settings: Settings) -> None:
    settings.fanfare_data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    migration.upgrade(database)
    with database.transaction() as db:
        uris = settings.extension_redirect_uris
        clients.ensure_extension(db, redirect_uris=uris, now=clock.now())
    database.close()


for _command in (
    *COMMANDS,
    *demo_commands.COMMANDS,
    conformance,
    answer_request,
    classify_log,
    requests,
    data_map_report.show,
    reconcile,
    verify_receipt,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
