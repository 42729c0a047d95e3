"""Everything that changes a code or an order, each with the moment before it and its request.

``prepare`` brings the town to the moment before and says what the request names; ``run`` is done by
the victim, at the town's time, and may be repeated.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from rewards.money import Money
from server.app import create_app
from server.jobs import outbox
from server.services import (
    codes,
    conversions,
    redemptions,
    reservations,
    reversals,
    rollbacks,
    validations,
)
from server.services.attribution import Evidence
from server.services.reservations import HELD_FOR
from server.services.validations import Use
from server.settings import Settings
from server.store.connection import Database
from tests import make
from tests.server.conftest import bearer
from tests.server.till import Till, take
from tests.server.town import AFTER_THE_WINDOW, Town

HUNDRED = Money(100_00, "EUR")


@dataclass(frozen=True, slots=True)
class Story:
    """What a request names, and when it comes."""

    now: datetime
    brand_id: int
    client_id: int
    member_id: int
    offer_id: str
    token: str
    folder: Path
    code: str = ""
    target: str | None = None
    amount_minor: int | None = None

    @property
    def use(self) -> Use:
        return Use(self.brand_id, HUNDRED)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request or one message: ``prepare(town, till, story)`` and ``run(database, story)``."""

    name: str
    prepare: Callable[[Town, Till, Story], Story]
    run: Callable[[Database, Story], Any]
    changes: bool = True


def _said(view: Any) -> Any:
    """Return an answer without what tells a repeat from the first time."""
    words = asdict(view)
    words.pop("is_new", None)
    words.get("conversion", {}).pop("is_new", None)
    words.get("redemption", {}).pop("is_new", None)
    return words


def _validate(database: Database, story: Story) -> Any:
    with database.reading() as db:
        return _said(validations.check(db, code=story.code, use=story.use, now=story.now))


def _reserve(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            reservations.reserve(
                db,
                client_id=story.client_id,
                code=story.code,
                order_ref="A-1",
                use=story.use,
                now=story.now,
            )
        )


def _redeem(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            redemptions.redeem(
                db,
                client_id=story.client_id,
                code=story.code,
                order_ref="A-1",
                use=story.use,
                reservation_id=story.target,
                now=story.now,
            )
        )


def _roll_back(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            rollbacks.roll_back(
                db,
                brand_id=story.brand_id,
                redemption_public_id=str(story.target),
                rollback_ref="R-1",
                amount_minor=story.amount_minor,
                now=story.now,
            )
        )


def _release(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        reservations.release(
            db, client_id=story.client_id, public_id=str(story.target), now=story.now
        )


def _work(database: Database, story: Story) -> Any:
    outbox.deliver_due(database, now=story.now)


def _give_back(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(codes.give_back(db, member_id=story.member_id, code=story.code, now=story.now))


def _revoke(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            codes.revoke(
                db,
                brand_id=story.brand_id,
                code=story.code,
                actor="member:1",
                reason="It leaked.",
                now=story.now,
            )
        )


def _take(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            codes.take(
                db,
                member_id=story.member_id,
                offer_public_id=story.offer_id,
                event_id="e-2",
                value_minor=None,
                now=story.now,
            )
        )


def _report(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            conversions.report(
                db,
                brand_id=story.brand_id,
                order_ref="order-1",
                net=HUNDRED,
                is_new_customer=True,
                evidence=Evidence(story.target),
                ordered_at=None,
                now=story.now,
            )
        )


def _reverse(database: Database, story: Story) -> Any:
    with database.transaction() as db:
        return _said(
            reversals.reverse(
                db,
                brand_id=story.brand_id,
                conversion_public_id=str(story.target),
                reversal_ref="refund-1",
                amount_minor=None,
                now=story.now,
            )
        )


@cache
def _app(database: Database, folder: Path) -> Flask:
    return create_app(Settings(fanfare_data=folder, database_url=database.url), database)


def _posts(path: str, body: Callable[[Story], dict[str, object]]) -> Callable[..., Any]:
    """Return a whole request with an Idempotency-Key, from its first byte to its answer's last."""

    def run(database: Database, story: Story) -> Any:
        answer = (
            _app(database, story.folder)
            .test_client()
            .post(
                f"/api/partner/v1/{path.format(target=story.target)}",
                json=body(story),
                headers=bearer(story.token) | {"Idempotency-Key": "k-1"},
            )
        )
        return answer.status_code, answer.data

    return run


def _order_of(story: Story) -> dict[str, object]:
    order = {"order_ref": "A-1", "order_total_minor": HUNDRED.minor, "currency": "EUR"}
    return {"code": story.code, **order}


def _with_code(town: Town, _till: Till, story: Story) -> Story:
    return replace(story, code=take(town).code)


def _held(town: Town, till: Till, story: Story) -> Story:
    code = take(town).code
    return replace(story, code=code, target=till.reserve(code).public_id)


def _hold_over(town: Town, till: Till, story: Story) -> Story:
    return replace(_held(town, till, story), now=story.now + HELD_FOR)


def _time_over(town: Town, till: Till, story: Story) -> Story:
    story = _with_code(town, till, story)
    return replace(story, now=story.now + timedelta(days=90))


def _used(town: Town, till: Till, story: Story) -> Story:
    code = take(town).code
    return replace(story, code=code, target=till.redeem(code).public_id)


def _partly(town: Town, till: Till, story: Story) -> Story:
    return replace(_used(town, till, story), amount_minor=5_00)


def _used_and_late(town: Town, till: Till, story: Story) -> Story:
    story = _used(town, till, story)
    return replace(story, now=story.now + timedelta(days=91))


def _nothing(_town: Town, _till: Till, story: Story) -> Story:
    return story


def _visited(town: Town, _till: Till, story: Story) -> Story:
    token = make.visit(town.db, town.links["Ada"], now=story.now - timedelta(minutes=1))
    return replace(story, target=token)


def _ordered(town: Town, _till: Till, story: Story) -> Story:
    order = town.orders("60.00", through="Ada")
    return replace(story, target=order.public_id, now=town.now)


def _vesting(town: Town, till: Till, story: Story) -> Story:
    story = _ordered(town, till, story)
    return replace(story, now=story.now + AFTER_THE_WINDOW)


OPERATIONS = (
    Operation("validate", _with_code, _validate, changes=False),
    Operation("take a code", _nothing, _take),
    Operation("reserve", _with_code, _reserve),
    Operation("redeem", _with_code, _redeem),
    Operation("redeem a reservation", _held, _redeem),
    Operation("release", _held, _release),
    Operation("end a reservation (worker)", _hold_over, _work),
    Operation("roll back all", _used, _roll_back),
    Operation("roll back a part", _partly, _roll_back),
    Operation("roll back after expiry", _used_and_late, _roll_back),
    Operation("expire (worker)", _time_over, _work),
    Operation("give back", _with_code, _give_back),
    Operation("revoke a held code", _held, _revoke),
    Operation("report an order", _visited, _report),
    Operation("vest an order (worker)", _vesting, _work),
    Operation("reverse an order", _ordered, _reverse),
    Operation("POST /reservations", _with_code, _posts("reservations", _order_of)),
    Operation("POST /redemptions", _with_code, _posts("redemptions", _order_of)),
    Operation(
        "POST /redemptions/{id}/rollback",
        _used,
        _posts("redemptions/{target}/rollback", lambda _: {"rollback_ref": "R-1"}),
    ),
    Operation(
        "POST /conversions",
        _visited,
        _posts(
            "conversions",
            lambda story: {
                "order_ref": "order-1",
                "net_minor": HUNDRED.minor,
                "currency": "EUR",
                "is_new_customer": True,
                "visit_token": story.target,
            },
        ),
    ),
)


def _in_two(database: Database, story: Story) -> Any:
    _reserve(database, story)
    return _redeem(database, story)


IN_TWO = Operation("hold, then use, in two transactions", _with_code, _in_two)
"""What must not be: a power cut can leave the half of it."""
BY_NAME = {operation.name: operation for operation in (*OPERATIONS, IN_TWO)}


def ready(database: Database, asked: tuple[str, Story]) -> None:
    """Build the site, if the operation of this name is a request to it."""
    name, story = asked
    if name.startswith("POST"):
        _app(database, story.folder)


def run(database: Database, asked: tuple[str, Story]) -> Any:
    """Do the operation of this name."""
    name, story = asked
    return BY_NAME[name].run(database, story)
