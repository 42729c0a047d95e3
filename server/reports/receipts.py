"""``fanfare verify-receipt``: who agreed to what, and whether anybody changed what it says."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import requests

from server import jws
from server.errors import Invalid
from server.services import receipts, signing_keys
from server.services.receipts import Told
from server.settings import LOOPBACK, Settings
from server.store.connection import Database

PATIENCE_SECONDS = 10
LARGEST_BYTES = 1_000_000
BOTH = ("http://", "https://")


@click.command("verify-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    "source",
    metavar="FILE_OR_URL",
    help="A JWKS, such as https://SITE/.well-known/jwks.json; default: this deployment's database.",
)
def verify_receipt(file: Path, source: str | None) -> None:
    """Check every receipt in FILE (one a line), and say in plain words what each proves.

    Status 1, with the reason, when one of them is not what this deployment signed.
    """
    try:
        keys = _keys(source)
    except (OSError, ValueError, Invalid) as error:
        raise click.ClickException(f"The keys cannot be read: {error}") from error
    lines = file.read_text(errors="replace").splitlines()
    if not lines:
        raise click.ClickException("The file holds no receipt.")
    wrong = 0
    for number, line in enumerate(lines, start=1):
        try:
            click.echo(_words(receipts.check(line, keys)))
        except Invalid as error:
            click.echo(f"WRONG  line {number}: {error}", err=True)
            wrong += 1
    if wrong:
        raise SystemExit(1)


def _keys(source: str | None) -> list[jws.Jwk]:
    """Return the keys to check by."""
    if source is None:
        with closing(Database(Settings().database)) as database, database.reading() as db:
            return signing_keys.published(db)
    said = _fetched(source) if source.startswith(BOTH) else json.loads(Path(source).read_text())
    if not isinstance(said, dict) or not isinstance(said.get("keys"), list):
        raise Invalid("there is no list of keys in it.")
    return [key for key in said["keys"] if isinstance(key, dict)]


def _fetched(address: str) -> Any:  # noqa: ANN401 - whatever stands there
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Invalid("use https; plain http is for addresses of this machine only.")
    answer = requests.get(address, timeout=PATIENCE_SECONDS, allow_redirects=False, stream=True)
    with closing(answer):
        if answer.status_code != requests.codes.ok:
            raise Invalid(f"{address} answers {answer.status_code}.")
        return json.loads(answer.raw.read(LARGEST_BYTES, decode_content=True))


def _words(told: Told) -> str:
    """Say what a receipt proves."""
    ended = f"taken back {told.withdrawn_at}" if told.withdrawn_at else "not taken back"
    return "\n".join(
        (
            f"RIGHT  issued {told.issued_at} by {told.issuer}",
            f"  person    {told.person}",
            f"  allowed   {told.controller}",
            f"  what for  {told.purpose}",
            f"  given     {told.given_at}; when this was issued, it was {ended}",
            f"  words     ({told.language}) {told.words}",
        )
    )
