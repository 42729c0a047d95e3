"""The data map as Markdown, for docs/PRIVACY.md and whoever keeps records of processing."""

from collections.abc import Iterator
from pathlib import Path

import click

from server.settings import CHECKOUT
from server.store import data_map
from server.store.data_map import Erasing, Held

PAGE = CHECKOUT / "docs" / "PRIVACY.md"
BEGINS = "<!-- The data map begins: written by make privacy, never by hand. -->"
ENDS = "<!-- The data map ends. -->"


@click.command("data-map")
@click.option("--write", "is_written", is_flag=True, help="Bring docs/PRIVACY.md up to date.")
def show(is_written: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Print what is kept: every table and column, about whom, why, how long, who sees it."""
    if is_written:
        write(PAGE)
        click.echo(size())
    else:
        click.echo(markdown())


def size() -> str:
    """Return how large the map is, in a sentence."""
    columns = sum(len(held.fields) for held in data_map.MAP)
    personal = sum(len(held.personal) for held in data_map.MAP)
    people = data_map.about_people()
    periods = sum(held.until.rule == data_map.Rule.PERIOD for held in data_map.MAP)
    return (
        f"{len(data_map.MAP)} tables with {columns} columns; {len(people)} tables are about people,"
        f" {personal} columns can lead to a person; {periods} tables have a period of their own."
    )


def write(page: Path) -> None:
    """Put the map between its two marks."""
    page.write_text(with_map(page.read_text()))


def with_map(written: str) -> str:
    """Return a page with the map of today between its marks."""
    before, rest = written.split(BEGINS)
    _, after = rest.split(ENDS)
    return f"{before}{BEGINS}\n\n{markdown()}\n\n{ENDS}{after}"


def markdown() -> str:
    """Return the whole map."""
    return "\n".join([size(), "", *_overview(), "", *_details()]).rstrip()


def _overview() -> Iterator[str]:
    yield "| table | about | why | kept | shown to |"
    yield "| --- | --- | --- | --- | --- |"
    for held in data_map.MAP:
        seen = ", ".join(held.seen_by)
        yield f"| `{held.table}` | {held.about} | {held.why} | {held.until.words} | {seen} |"


def _details() -> Iterator[str]:
    for held in data_map.MAP:
        yield f"### `{held.table}`"
        yield ""
        yield f"- **Erasing** {_erasing(held)}."
        yield f"- **Export:** {'yes' if held.exported is True else f'no: {held.exported}'}."
        yield ""
        yield "| column | what it says | can it lead to a person? |"
        yield "| --- | --- | --- |"
        for name, words in held.fields.items():
            yield f"| `{name}` | {words} | {_leads(held, name)} |"
        yield ""


def _erasing(held: Held) -> str:
    done = {
        Erasing.DELETE: "deletes the rows",
        Erasing.BLANK: "empties " + ", ".join(f"`{name}`" for name in held.on_erase.columns),
        Erasing.STAY: "leaves the rows",
    }[held.on_erase.what]
    return f"{done}: {held.on_erase.why}"


def _leads(held: Held, name: str) -> str:
    if name in held.personal:
        return "**yes**"
    return f"no: {held.harmless[name]}" if name in held.harmless else "only by what it refers to"
