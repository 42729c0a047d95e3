"""Nothing leads to an erased person: not a column of any table, not a byte of the file, no log."""

import logging
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from server import clock
from server.jobs.sweep import sweep
from server.services import checks
from server.web import buyers
from tests.ports import free_port
from tests.server import erased_person, pages_world
from tests.server.conftest import bearer
from tests.server.erased_person import BOOKS
from tests.server.links.process import Process

SAID = {"buyer_ref": "B-0815-4711", "payment_hash": "9" * 64, "delivery_hash": "8" * 64}
"""What a shop says of the person as a buyer."""
APP = "https://x.chromiumapp.org/"


@pytest.fixture
def links(database, tmp_path):
    """Return the click process on this test's database."""
    folder = tmp_path / "links"
    folder.mkdir()
    process = Process(database, folder, free_port())
    process.start()
    yield process
    if process.running is not None:
        assert process.stop() == 0


def test_nothing_leads_to_an_erased_person(
    app, client, database, links, csrf_token, caplog, record_property
):
    said: list[object] = []
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logged, app.test_request_context():
        with database.transaction() as db:
            world = pages_world.story(db)
            person = erased_person.comes(db)
            visit = erased_person.is_brought(person, db, world.link)
            link, withdrawn = erased_person.shares_on(person, db, world.offer)
            number = buyers.hash_of(world.brand_id, "A-4711")
            code = erased_person.earns_and_takes(person, db, world.brand_id, link, number)
            erased_person.buys(person, db, world.brand_id, visit, SAID)
            token = erased_person.allows_an_app(person, db, APP)
        use_the_site(person, client, csrf_token, token)
        with database.transaction() as db:
            erased_person.leaves_traces(person, db, world.brand_id)
            erased_person.is_looked_at(person, db, world.brand_id, world.offer)
        erased_person.is_called(person, SAID)
        assert links.get(f"/r/{link}").status == 302
        sweep(database, now=clock.now())
        before = wrong(database)
        planted = erased_person.search(database, person.known_as)
        secrets = ("authorization code", "access token", "refresh token", "cookie")
        unseen = {what for what in person.known_as if what not in planted.names}
        assert {what for what in unseen if not what.startswith((*secrets, *SAID))} == set()
        assert {what.rpartition(" ")[0] for what in unseen} >= set(SAID), "never written"

        form = {"csrf_token": csrf_token(client), "sure": "yes"}
        assert client.post("/my-data/erase", data=form).location == "/my-data/erased"
        found, size = erased_person.Found(), 0
        if database.dialect == "sqlite":  # at once, before anybody tidies up
            path = Path(str(database.engine.url.database))
            size = erased_person.search_files(path, person.known_as, found)
            only_in_books(found)

        assert links.get(f"/r/{link}").status in {404, 410}
        assert links.get(f"/r/{withdrawn}").status in {404, 410}
        answer = client.get("/api/extension/v1/wallet", headers=bearer(token))
        assert answer.status_code == 401
        sweep(database, now=clock.now())
    said += [logged, caplog.text]
    assert links.stop() == 0
    links.running = None
    said.append(links.log.read_text())

    assert (before, wrong(database)) == ([], [])
    found = erased_person.search(database, person.known_as)
    told = f"{found.tables} tables, {found.columns} columns, {found.rows} rows"
    told += f", {size} bytes of the file and its log" if size else ""
    lines = "\n".join(map(str, said))
    found.note(person.known_as, "log", lines)
    record_property(
        "told",
        f"Erased on {database.dialect}: searched {told} and {len(lines)} characters of logs for"
        f" {len(person.known_as)} names of one person; what stays, for the books: "
        + ", ".join(sorted({what.rpartition(" ")[0] for what in found.names}))
        + ".",
    )
    assert code in person.known_as.values()
    only_in_books(found)


def wrong(database) -> list[str]:
    """Return what the books say is wrong."""
    with database.reading() as db:
        return checks.everything(db)


def only_in_books(found: erased_person.Found) -> None:
    """Fail for every name that was found and is not in the list of what may stay."""
    wrong = {
        what: places
        for what, places in found.names.items()
        if what.rpartition(" ")[0] not in BOOKS or "log" in places
    }
    assert wrong == {}
    tables = {place.partition(".")[0] for places in found.names.values() for place in places}
    in_files = {place for place in tables if place.startswith("fanfare")}
    assert tables - in_files <= {"discount_code", "ledger_transfer", "webhook_event"}


def use_the_site(
    person: erased_person.Person, client, csrf_token: Callable[..., str], token: str
) -> None:
    """Open every page of a customer, ask for something, and use the extension's API."""
    erased_person.signs_in(person, client)
    for path in (
        "/wallet",
        "/shares",
        "/connected-apps",
        "/my-data/requests",
        "/my-data/erase",
        "/conversations",
    ):
        assert client.get(path).status_code == 200, path
    words = person.called("words", f"My name is Ada Byron {uuid4().hex}")
    form = {
        "csrf_token": csrf_token(client),
        "event_id": person.called("form", str(uuid4())),
        "kind": "correction",
        "brand": "bertas-boots",
        "words": words,
    }
    assert client.post("/my-data/requests", data=form).status_code == 303
    for path in ("/api/extension/v1/wallet", "/api/extension/v1/offers"):
        assert client.get(path, headers=bearer(token)).status_code == 200
