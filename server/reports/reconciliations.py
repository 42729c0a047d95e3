"""``fanfare reconcile``: our ledger beside Stripe's, at once."""

from contextlib import closing

import click

from server import clock
from server.gateways.stripe.failures import Failed
from server.jobs import calls
from server.services import stripe_accounts, stripe_means, stripe_reconciliations
from server.services.stripe_reconciliations import ReconciliationView
from server.settings import Settings
from server.store.connection import Database


@click.command()
@click.option("--brand", "slug", metavar="SLUG", help="One brand; by default all.")
def reconcile(slug: str | None) -> None:
    """Compare every connected Stripe account with our ledger, and repair what is ours.

    What is repaired is done by the worker within seconds. Status 1 when Stripe did not answer, or
    when something differs that a person must decide.
    """
    settings = Settings()
    clock.follow(settings.clock_file)
    means = stripe_means.of(settings)
    is_well = True
    with closing(Database(settings.database)) as database, closing(means.stripe):
        with database.reading() as db:
            accounts = stripe_accounts.connected(db, brand_slug=slug)
        if not accounts:
            raise click.ClickException("No Stripe account is connected.")
        for account in accounts:
            try:
                calls.make(
                    database,
                    means,
                    stripe_reconciliations.RECONCILE,
                    {"account_id": account.id},
                    now=clock.now(),
                )
            except Failed as error:
                click.echo(f"{account.account_ref}: {error}", err=True)
                is_well = False
                continue
            with database.reading() as db:
                found = stripe_reconciliations.newest(db, account_id=account.id)
            is_well = found is not None and _show(found) and is_well
    raise SystemExit(0 if is_well else 1)


def _show(found: ReconciliationView) -> bool:
    """Print what was found; tell whether nobody has to do anything."""
    counts = ", ".join(f"{number} {what}" for what, number in found.counts.items())
    click.echo(f"{found.account_ref} since {found.since:%Y-%m-%d %H:%M} UTC: {counts}")
    for difference in found.differences:
        mark = "repaired" if difference.is_repaired else "FOR YOU "
        click.echo(f"  {mark}  {difference.sentence}")
    if not found.differences:
        click.echo("  nothing differs")
    return all(difference.is_repaired for difference in found.differences)
