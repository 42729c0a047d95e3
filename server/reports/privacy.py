"""The operator's own queue: what people ask for who asked no brand."""

from contextlib import closing

import click

from server import clock
from server.errors import ProductError
from server.services import privacy_answers
from server.settings import Settings
from server.store.connection import Database

OPERATOR = "operator"


@click.command("requests")
def requests() -> None:
    """Show what people ask of whoever runs this server; what is due first comes first."""
    with closing(Database(Settings().database)) as database, database.reading() as db:
        waiting = privacy_answers.queue(db, brand_id=None, now=clock.now()).waiting
    for one in waiting:
        late = "OVERDUE" if one.days_left < 0 else f"{one.days_left} days left"
        click.echo(f"{one.public_id}  {one.kind}  due {one.ends_at:%Y-%m-%d}, {late}")
        click.echo(f"  {one.words or '(no words)'}")
    click.echo(f"{len(waiting)} requests wait.")


@click.command("answer-request")
@click.argument("request_id")
@click.argument("words")
@click.option("--refuse", is_flag=True, help="Refuse it; WORDS are the reason.")
@click.option("--extend", is_flag=True, help="Take two months more; WORDS are the reason.")
def answer_request(request_id: str, words: str, *, refuse: bool, extend: bool) -> None:
    """Answer a request to whoever runs this server; the person reads WORDS on their page."""
    try:
        with closing(Database(Settings().database)) as database, database.transaction() as db:
            if extend:
                privacy_answers.extend(
                    db,
                    brand_id=None,
                    public_id=request_id,
                    actor=OPERATOR,
                    reason=words,
                    now=clock.now(),
                )
            else:
                privacy_answers.answer(
                    db,
                    brand_id=None,
                    public_id=request_id,
                    actor=OPERATOR,
                    words=words,
                    is_refusal=refuse,
                    now=clock.now(),
                )
    except ProductError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The person reads it on their page.")
