"""A database with as many discount codes as one likes, whose books balance.

Fifty offers of one brand hold equal cascades of five people; each has sold one order and taken four
codes, of which one is used.  So every table on the way of a code grows with the codes.  The rows
are computed by the engine's ``recompute`` and written by the driver, in bulk.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from rewards.forest import Participant
from rewards.ledger import standing
from rewards.recompute import Count, from_counts
from rewards.terms import RULE_VERSION, Terms
from server import clock, tokens
from server.services import authorizations, checks
from server.store import oauth_clients, offers
from server.store.connection import Database
from tests import make

OFFERS = PARTNERS = 50
CASCADE = (-1, 0, 1, 1, 3)
"""Who brought whom; each cascade has a depth of 3."""
CODES_EACH = 4
HOST = "127.0.0.1:8004"
CODE_MINOR, ORDER_MINOR = 5_00, 1_000_00
SIZE_LEAST = OFFERS * len(CASCADE) * CODES_EACH

ISSUED = "2026-01-01 09:00:00.000000"
EXPIRES = "2099-01-01 09:00:00.000000"
"""Moments in UTC as SQLite keeps them; PostgreSQL reads them too."""

Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """What a filled database holds: a partner's token, and codes that nobody has used, shuffled."""

    brand_id: int
    client_id: int
    token: str
    fresh: list[str]


def fill(database: Database, size: int) -> World:
    """Fill the empty tables with ``size`` codes, a multiple of SIZE_LEAST."""
    copies, source = size // SIZE_LEAST, random.Random(size)  # noqa: S311 - made to be repeated
    token = tokens.secret()
    with database.transaction() as db:
        brand_id = make.brand(db, "many-boots", hosts=(HOST,))
        for _ in range(PARTNERS):
            client = oauth_clients.find(db, make.partner(db, brand_id).client_id)
        for _ in range(OFFERS):
            made = make.offer(
                db,
                brand_id,
                page_url=f"http://{HOST}/boots",
                budget_minor=copies * len(CASCADE) * ORDER_MINOR,
            )
        authorizations.keep_token(
            db,
            client_id=client.id,
            member_id=None,
            scope=client.scope,
            access_token=token,
            now=clock.now() + timedelta(hours=1),  # it lasts for the whole run
        )
    filling = _Filling(made.terms, brand_id, client.id, copies, source)
    for name, rows in filling.tables().items():
        _pour(database, name, rows())
    with database.transaction() as db:
        db.execute(
            text("UPDATE offer SET pot = :pot, vest = :vest"),
            {"pot": filling.whole.totals.pot * copies, "vest": filling.whole.totals.vest * copies},
        )
    _settle(database, list(filling.tables()))
    source.shuffle(filling.fresh)
    return World(brand_id, client.id, token, filling.fresh)


class _Filling:
    """The rows of all tables, in an order in which they may be written."""

    def __init__(
        self, terms: Terms, brand_id: int, client_id: int, copies: int, source: random.Random
    ) -> None:
        """Compute the one cascade of which all others are copies."""
        self.brand_id, self.client_id = brand_id, client_id
        self.copies, self.source = copies, source
        self.fresh: list[str] = []
        counts = (
            Count(
                id=place,
                parent=above if above >= 0 else None,
                value=ORDER_MINOR,
                orders=1,
                vested_value=ORDER_MINOR,
                vested_orders=1,
                granted_minor=CODES_EACH * CODE_MINOR,
                redeemed_minor=CODE_MINOR,
            )
            for place, above in enumerate(CASCADE)
        )
        self.whole = from_counts(terms, ORDER_MINOR * len(CASCADE), counts)
        assert self.whole.totals.debt == 0, "nobody may have taken more than they earned"
        nodes = self.whole.participants.values()
        self.columns = [_columns(node) for node in nodes]
        self.earned = [standing(terms, node).earned for node in nodes]

    def tables(self) -> dict[str, Callable[[], Rows]]:
        return {
            "member": self.members,
            "participant": self.participants,
            "conversion": self.conversions,
            "discount_code": self.codes,
            "redemption": self.redemptions,
            "outbox_message": self.outbox,
            "ledger_transfer": self.ledger,
        }

    def members(self) -> Rows:
        for member in range(1, self.copies * len(CASCADE) + 1):
            yield {
                "id": member,
                "issuer": make.ISSUER,
                "subject": str(member),
                "created_at": ISSUED,
            }

    def participants(self) -> Rows:
        for offer, first in self._cascades():
            for place, above in enumerate(CASCADE):
                yield {
                    "id": first + place,
                    "offer_id": offer,
                    "member_id": (first + place - 1) % (self.copies * len(CASCADE)) + 1,
                    "parent_id": None if above < 0 else first + above,
                    "root_id": first,
                    "depth": self.whole.participants[place].depth,
                    "joined_at": ISSUED,
                    **self.columns[place],
                }

    def conversions(self) -> Rows:
        for offer, who in self._people():
            yield {
                "public_id": f"{who:012}",
                "brand_id": self.brand_id,
                "order_ref": f"earned-{who}",
                "fingerprint": "0" * 64,
                "net_minor": ORDER_MINOR,
                "currency": "EUR",
                "offer_id": offer,
                "participant_id": who,
                "weight_basis_points": 10_000,
                "admitted_minor": ORDER_MINOR,
                "credited_minor": ORDER_MINOR,
                "refunded_minor": 0,
                "ordered_at": ISSUED,
                "reported_at": ISSUED,
                "vested_at": ISSUED,
            }

    def codes(self) -> Rows:
        for offer, who, code_id, is_used in self._codes():
            letters = "".join(self.source.choices(tokens.CROCKFORD, k=12))
            code = f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
            if not is_used:
                self.fresh.append(code)
            yield {
                "id": code_id,
                "code": code,
                "event_id": str(code_id),
                "brand_id": self.brand_id,
                "offer_id": offer,
                "participant_id": who,
                "value_minor": CODE_MINOR,
                "left_minor": CODE_MINOR,
                "min_order_minor": 0,
                "currency": "EUR",
                "state": "redeemed" if is_used else "issued",
                "why": "Because your branch has sold.",
                "issued_at": ISSUED,
                "expires_at": EXPIRES,
                "ended_at": ISSUED if is_used else None,
            }

    def redemptions(self) -> Rows:
        for _, _, code_id, is_used in self._codes():
            if is_used:
                yield {
                    "public_id": f"{code_id:012}",
                    "code_id": code_id,
                    "brand_id": self.brand_id,
                    "client_id": self.client_id,
                    "order_ref": f"used-{code_id}",
                    "order_total_minor": ORDER_MINOR,
                    "value_minor": CODE_MINOR,
                    "rolled_back_minor": 0,
                    "redeemed_at": ISSUED,
                }

    def outbox(self) -> Rows:
        for _, _, code_id, _ in self._codes():
            yield {
                "kind": "code.expire",
                "content": json.dumps({"code_id": code_id}),
                "due_at": EXPIRES,
                "attempts": 0,
            }

    def ledger(self) -> Rows:
        for offer, who in self._people():
            earned = self.earned[(who - 1) % len(CASCADE)]
            order = (f"order:{who}", "order_placed")
            yield _transfer(offer, "budget", f"pending:{who}", earned, *order)
            yield _transfer(offer, f"pending:{who}", f"payable:{who}", earned, *order)
        for offer, who, code_id, is_used in self._codes():
            accounts = (f"payable:{who}", f"granted:{who}")
            yield _transfer(offer, *accounts, CODE_MINOR, f"grant:{code_id}", "granted")
            if is_used:
                redeem = (f"redeem:{code_id:012}", "redeemed")
                yield _transfer(offer, f"granted:{who}", "redeemed", CODE_MINOR, *redeem)

    def _cascades(self) -> Iterator[tuple[int, int]]:
        """Yield the offer and the first participant of every cascade."""
        for number in range(OFFERS * self.copies):
            yield number // self.copies + 1, number * len(CASCADE) + 1

    def _people(self) -> Iterator[tuple[int, int]]:
        for offer, first in self._cascades():
            for place in range(len(CASCADE)):
                yield offer, first + place

    def _codes(self) -> Iterator[tuple[int, int, int, bool]]:
        """Yield offer, participant and id of every code, and whether it is used."""
        for offer, who in self._people():
            for number in range(CODES_EACH):
                yield offer, who, (who - 1) * CODES_EACH + number + 1, number == 0


def wrong(url: str, offer_count: int = 2) -> list[str]:
    """Return what the books of some offers say is wrong, and of them it must be nothing."""
    database = Database(url)
    with database.reading() as db:
        sample = offers.everything(db)[:: OFFERS // offer_count]
        found = [sentence for offer in sample for sentence in checks.of_offer(db, offer)]
    database.close()
    return found


def _columns(node: Participant) -> dict[str, int]:
    """Return the columns of a participant that the engine knows."""
    layers = (("pot", asdict(node.pot)), ("vest", asdict(node.vest)))
    return {
        **{f"{layer}_{name}": amount for layer, sums in layers for name, amount in sums.items()},
        "reach": node.reach,
        "granted_minor": node.granted_minor,
        "redeemed_minor": node.redeemed_minor,
    }


def _transfer(
    offer: int, debit: str, credit: str, amount: int, cause: str, reason: str
) -> dict[str, Any]:
    return {
        "offer_id": offer,
        "debit": debit,
        "credit": credit,
        "amount_minor": amount,
        "cause": cause,
        "rule_version": RULE_VERSION,
        "reason": reason,
        "booked_at": ISSUED,
    }


def _pour(database: Database, name: str, rows: Rows) -> None:
    """Write rows with equal keys past SQLAlchemy, in one transaction."""
    first = next(rows)
    columns = ", ".join(first)
    values: Iterable[tuple[Any, ...]] = (tuple(row.values()) for row in _with(first, rows))
    connection = database.engine.raw_connection()
    cursor = connection.cursor()
    if database.dialect == "sqlite":
        marks = ", ".join("?" * len(first))
        cursor.execute("BEGIN")
        cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", values)  # noqa: S608 - our names
    else:
        cursor.execute("SET TIME ZONE 'UTC'")
        with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        if "id" in first:
            counter = f"pg_get_serial_sequence('{name}', 'id')"
            cursor.execute(f"SELECT setval({counter}, max(id)) FROM {name}")  # noqa: S608
    connection.commit()
    connection.close()


def _with(first: dict[str, Any], rows: Rows) -> Rows:
    yield first
    yield from rows


def _settle(database: Database, names: list[str]) -> None:
    """Let what the filling left behind be done before anybody measures.

    Other tables stay as they are: PostgreSQL plans for an empty one that it has never looked at as
    if it would grow, and afterwards as if it stayed empty.
    """
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {', '.join(names)}")
            connection.exec_driver_sql("CHECKPOINT")
