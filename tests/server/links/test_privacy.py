"""What is not kept: addresses, and salts after two days."""

import hashlib
import ipaddress
from pathlib import Path

import pytest
from sqlalchemy import text

from server.links.visitors import client_address
from server.store.connection import Database
from tests.server.links.process import Process
from tests.server.links.world import World

ADDRESSES = ("198.51.100.23", "2001:db8:85a3::8a2e:370:7334")


def everything(database: Database) -> bytes:
    """Return every byte that the database keeps, as far as SQL or the file shows it."""
    if database.dialect == "sqlite":
        path = Path(str(database.engine.url.database))
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    with database.reading() as db:
        tables = db.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = (
            str(row[0])
            for (table,) in tables.all()
            for row in db.execute(text(f'SELECT t::text FROM "{table}" t'))  # noqa: S608 - a table
        )
        return "\n".join(rows).encode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_is_stored_in_any_form(links: Process, world: World, address: str):
    code = world.share()
    reply = links.click(code, address=address)
    links.click(code, address=address, sec_gpc="1")
    links.click(code, address=address, user_agent="Slackbot")
    kept = everything(world.database)

    assert str(reply.token).encode() in kept, "we look in the right place"
    packed = ipaddress.ip_address(address).packed
    forms = [address.encode(), packed, packed.hex().encode()]
    forms += [hashlib.new(name, address.encode()).digest() for name in ("sha256", "sha1", "md5")]
    forms += [digest.hex().encode() for digest in forms[3:]]
    assert [form for form in forms if form in kept] == []
    assert address not in links.log.read_text()


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "found"),
    [
        ("192.0.2.1:55", [], 0, "192.0.2.1"),
        ("[2001:db8::1]:55", [], 0, "2001:db8::1"),
        ("2001:db8::1:55", [], 0, "2001:db8::1"),
        ("192.0.2.1:55", ["6.6.6.6"], 0, "192.0.2.1"),
        ("10.0.0.1:55", ["192.0.2.1"], 1, "192.0.2.1"),
        ("10.0.0.1:55", ["6.6.6.6, 192.0.2.1"], 1, "192.0.2.1"),
        ("10.0.0.1:55", ["6.6.6.6", "192.0.2.1"], 1, "192.0.2.1"),
        ("10.0.0.1:55", ["6.6.6.6, 192.0.2.1, 10.0.0.9"], 2, "192.0.2.1"),
        ("10.0.0.1:55", ["192.0.2.1"], 2, "10.0.0.1"),
        ("10.0.0.1:55", [], 1, "10.0.0.1"),
        ("10.0.0.1:55", ["192.0.2.1, "], 1, "10.0.0.1"),
    ],
)
def test_the_visitors_address_is_what_our_own_proxies_saw(
    peer: str, forwarded: list[str], proxies: int, found: str
):
    assert client_address(peer, forwarded, proxies) == found


def test_a_header_cannot_make_a_new_visitor_without_proxies(start_links, world: World):
    process, code = start_links(trusted_proxies=0), world.share()
    process.click(code, address="203.0.113.1")
    process.click(code, address="203.0.113.2")
    first, second = (bytes(row["visitor_key"]) for row in world.visits())
    assert first == second


class TestSalts:
    def test_of_16_random_bytes_are_made_once_a_day(self, links: Process, world: World):
        links.later(days=1)
        code = world.share()
        links.click(code)
        links.click(code)
        day = links.now().date()
        found = [
            bytes(row["salt"])
            for row in world.rows("SELECT day, salt FROM visitor_salt")
            if str(row["day"]) == str(day)
        ]
        assert [len(salt) for salt in found] == [16]
