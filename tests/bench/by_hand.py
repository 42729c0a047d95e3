"""Checking and redeeming codes by hand: Flask, the driver, and no more SQL than it takes.

It works on the same tables under the same durability, and leaves out all that Fanfare adds: the
books, refusals with a reason, reservations, retries, limits, strict bodies.  One statement finds
the token; one checks a code, or two in one transaction redeem it.
"""

import hashlib
import os
import re
import secrets
import sqlite3
import threading
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from flask import Flask, Response, abort, jsonify, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from psycopg.rows import dict_row

from server.site import THREADS

URL, PORT = "BY_HAND_DATABASE_URL", "BY_HAND_PORT"
"""The two things that it wants from the environment."""

TOKEN = """
SELECT oauth_client.id, oauth_client.brand_id FROM oauth_token
JOIN oauth_client ON oauth_client.id = oauth_token.client_id
WHERE access_hash = :hash AND access_expires_at > :now
AND oauth_token.revoked_at IS NULL AND oauth_client.revoked_at IS NULL
"""
CHECK = """
SELECT code, left_minor, currency FROM discount_code
WHERE code = :code AND brand_id = :brand_id AND state = 'issued' AND expires_at > :now
"""
USE = """
UPDATE discount_code SET state = 'redeemed', ended_at = :now
WHERE code = :code AND brand_id = :brand_id AND state = 'issued' AND expires_at > :now
RETURNING id, code, left_minor, currency
"""
KEEP = """
INSERT INTO redemption (public_id, code_id, brand_id, client_id, order_ref, order_total_minor,
                        value_minor, rolled_back_minor, redeemed_at)
VALUES (:public_id, :code_id, :brand_id, :client_id, :order_ref, :total, :value, 0, :now)
"""

Row = dict[str, Any]
_thread = threading.local()
_turn = threading.Lock()
"""SQLite's writers queue up here, as in ``server/store/connection.py``."""


class Till(Protocol):
    """One thread's connection."""

    def ask(self, statement: str, values: Row) -> Row | None: ...
    def begin(self) -> None: ...
    def run(self, statement: str, values: Row) -> None: ...
    def commit(self) -> None: ...
    def moment(self) -> object: ...


class SQLite:
    """The connection that ``server/store/connection.py`` prepares, without SQLAlchemy."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("busy_timeout = 30000", "synchronous = FULL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    def ask(self, statement: str, values: Row) -> Row | None:
        return self._connection.execute(statement, values).fetchone()

    def begin(self) -> None:
        _turn.acquire()
        self._connection.execute("BEGIN IMMEDIATE")

    def run(self, statement: str, values: Row) -> None:
        self._connection.execute(statement, values)

    def commit(self) -> None:
        self._connection.execute("COMMIT")
        _turn.release()

    def moment(self) -> object:
        return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


class PostgreSQL:
    """A plain connection; a lone statement is a transaction of its own."""

    def __init__(self, url: str) -> None:
        """Connect."""
        self._connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def ask(self, statement: str, values: Row) -> Row | None:
        return self._connection.execute(_in_its_marks(statement), values).fetchone()

    def begin(self) -> None:
        self._connection.execute("BEGIN")

    def run(self, statement: str, values: Row) -> None:
        self._connection.execute(_in_its_marks(statement), values)

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def moment(self) -> object:
        return datetime.now(UTC)


def create_app() -> Flask:
    """Build the app on the database that the environment names."""
    app = Flask(__name__)

    @app.post("/codes/<code>/validation")
    def validate(code: str) -> Response:
        till, body = _till(), request.get_json()
        caller = _caller(till)
        wanted = {"code": code, "brand_id": caller["brand_id"], "now": till.moment()}
        found = till.ask(CHECK, wanted)
        if found is None or found["currency"] != body["currency"]:
            abort(409)
        return jsonify(code=found["code"], discount_minor=_off(found, body))

    @app.post("/redemptions")
    def redeem() -> tuple[Response, int]:
        till, body = _till(), request.get_json()
        caller = _caller(till)
        brand_id, now, public_id = caller["brand_id"], till.moment(), secrets.token_hex(6)
        till.begin()
        found = till.ask(USE, {"code": body["code"], "brand_id": brand_id, "now": now})
        if found is None:
            till.commit()
            abort(409)
        kept = {
            "public_id": public_id,
            "code_id": found["id"],
            "brand_id": brand_id,
            "client_id": caller["id"],
            "order_ref": body["order_ref"],
            "total": body["order_total_minor"],
            "value": _off(found, body),
            "now": now,
        }
        till.run(KEEP, kept)
        till.commit()
        return jsonify(redemption_id=public_id, discount_minor=kept["value"]), 201

    return app


def serve() -> None:
    """Serve the app as ``server/site.py`` serves Fanfare."""
    Granian(
        "tests.bench.by_hand:create_app",
        address="127.0.0.1",
        port=int(os.environ[PORT]),
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()


def _till() -> Till:
    if not hasattr(_thread, "till"):
        kind, _, place = os.environ[URL].partition("://")
        is_sqlite = kind == "sqlite"
        _thread.till = SQLite(place[1:]) if is_sqlite else PostgreSQL(f"postgresql://{place}")
    till: Till = _thread.till
    return till


def _caller(till: Till) -> Row:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    hashed = hashlib.sha256(token.encode()).hexdigest()
    found = till.ask(TOKEN, {"hash": hashed, "now": till.moment()})
    if found is None:
        abort(401)
    return found


def _off(found: Row, body: Row) -> int:
    return min(int(found["left_minor"]), int(body["order_total_minor"]))


def _in_its_marks(statement: str) -> str:
    return re.sub(r":(\w+)", r"%(\1)s", statement)


if __name__ == "__main__":
    serve()
