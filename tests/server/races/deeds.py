"""What every member of a crowd does at the same moment; each returns its outcome in words."""

from dataclasses import dataclass
from datetime import timedelta

import requests

from rewards.money import Money
from server.errors import CodeRefused, ProductError
from server.services import redemptions, rollbacks
from server.services.validations import Use
from server.store.connection import Database
from tests import make
from tests.server.town import NOON

HUNDRED = Money(100_00, "EUR")


@dataclass(frozen=True, slots=True)
class Shop:
    """Who uses codes: one client of a partner, for a brand."""

    client_id: int
    brand_id: int

    def use(self, total: Money = HUNDRED) -> Use:
        return Use(self.brand_id, total)


def redeem(database: Database, task: tuple[Shop, str, str]) -> str:
    """Use a code for an order; return ``redeemed``, or the key of the refusal."""
    shop, code, order_ref = task
    try:
        with database.transaction() as db:
            redemptions.redeem(
                db,
                client_id=shop.client_id,
                code=code,
                order_ref=order_ref,
                use=shop.use(),
                now=NOON,
            )
    except CodeRefused as refusal:
        return str(refusal.key)
    return "redeemed"


def roll_back(database: Database, task: tuple[Shop, str, str, int | None]) -> tuple[str, int]:
    """Undo a use; return whether this was new, and how much it undid."""
    shop, redemption_id, rollback_ref, amount_minor = task
    try:
        with database.transaction() as db:
            found = rollbacks.roll_back(
                db,
                brand_id=shop.brand_id,
                redemption_public_id=redemption_id,
                rollback_ref=rollback_ref,
                amount_minor=amount_minor,
                now=NOON,
            )
    except ProductError as refusal:
        return type(refusal).__name__, 0
    return "undone" if found.is_new else "first answer", found.amount_minor


def report(database: Database, task: tuple[int, str]) -> int:
    """Report an order of 60.00 that came by a visit; return for how much it counts."""
    brand_id, visit_token = task
    with database.transaction() as db:
        return make.order(
            db, brand_id, "60.00", visit_token=visit_token, now=NOON + timedelta(minutes=1)
        ).credited_minor


@dataclass(frozen=True, slots=True)
class Request:
    """One POST to a live server."""

    address: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to it, to the byte."""

    status: int
    body: bytes
    is_replay: bool


def post(_database: Database, asked: Request) -> Answer:
    """Send a request on a connection of its own."""
    came = requests.post(asked.address, json=asked.body, headers=asked.headers, timeout=50)
    return Answer(came.status_code, came.content, "Idempotent-Replayed" in came.headers)
