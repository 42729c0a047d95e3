"""A player of a random history: one move after another with codes that others use too.

What a player may do is chosen at random beforehand; what a rollback or a release names is looked up
just before, and may be gone when it is done.  Each move is noted with its answer.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, col, select

from rewards.money import Money
from server.errors import CodeRefused, ProductError
from server.jobs import outbox
from server.services import codes, redemptions, reservations, rollbacks, validations
from server.services.validations import Use
from server.store import codes as code_store
from server.store import outbox as outbox_store
from server.store.connection import Database
from server.store.outbox import OutboxMessage
from server.store.redemptions import Redemption
from server.store.reservations import Reservation
from tests.server.races.histories import Event
from tests.server.races.model import Answer, Move
from tests.server.town import NOON

WEIGHTS = {
    "check": 2,
    "reserve": 6,
    "redeem": 7,
    "redeem a hold": 3,
    "roll back": 10,
    "release": 3,
    "work": 6,
    "give back": 0.25,
    "revoke": 0.25,
}
LATE = timedelta(days=91)
"""When every code's time is over."""


@dataclass(frozen=True, slots=True)
class Table:
    """What all players share: the codes, whose they are, and the shops that take them."""

    codes: tuple[str, ...]
    member_id: int
    brand_id: int
    client_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one player does, from the first move to the last."""

    table: Table
    moves: tuple[Move, ...]


def parts(table: Table, *, players: int, moves: int, seed: int) -> list[Part]:
    """Choose what each player will do; the same seed chooses the same."""
    random = Random(seed)  # noqa: S311 - a game
    return [
        Part(table, tuple(_move(table, random, n, moves) for n in range(moves)))
        for _ in range(players)
    ]


def _move(table: Table, random: Random, number: int, of: int) -> Move:
    is_late = number > of * 0.85 and random.random() < 0.5
    return Move(
        kind=random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0],
        code=random.choice(table.codes),
        now=NOON + timedelta(minutes=number) + (LATE if is_late else timedelta()),
        client_id=random.choice(table.client_ids),
        order_ref=f"A-{random.randrange(40)}",
        total_minor=random.choice((100_00, 100_00, 100_00, 90_00, 1_00)),
        rollback_ref=f"R-{random.randrange(9)}",
        amount_minor=random.choice((None, None, None, 1_00, 6_00)),
    )


def play(database: Database, part: Part) -> list[Event]:
    """Do one move after the other, and return what happened."""
    return [event for move in part.moves for event in _play(database, part.table, move)]


def _play(database: Database, table: Table, move: Move) -> Iterator[Event]:
    with database.reading() as db:
        found = list(_aimed(db, move))
    for message_id, aimed in found:
        began = time.monotonic_ns()
        answer = _answer(database, table, aimed, message_id)
        if answer != ("no longer there",):
            yield Event(began, time.monotonic_ns(), aimed, answer)


def _aimed(db: Session, move: Move) -> Iterator[tuple[int, Move]]:
    """Yield the move with what it names, if there is such a thing; for the worker, what is due."""
    row = code_store.find_by_code(db, move.code)
    if move.kind in {"redeem a hold", "release"}:
        holds = select(Reservation).where(Reservation.code_id == row.id)
        held = db.exec(holds.order_by(col(Reservation.id).desc())).first()
        if held is not None:
            kind = "release" if move.kind == "release" else "redeem"
            named = {"target": held.public_id, "client_id": held.client_id}
            yield 0, replace(move, kind=kind, order_ref=held.order_ref, **named)
    elif move.kind == "roll back":
        uses = select(Redemption).where(Redemption.code_id == row.id)
        used = db.exec(uses.order_by(col(Redemption.id).desc())).first()
        if used is not None:
            yield 0, replace(move, target=used.public_id)
    elif move.kind == "work":
        for message_id in outbox_store.waiting(db, now=move.now, limit=5):
            yield message_id, _due(db, move, message_id)
    else:
        yield 0, move


def _due(db: Session, move: Move, message_id: int) -> Move:
    message = db.get_one(OutboxMessage, message_id)
    if message.kind == reservations.END:
        held = db.get_one(Reservation, message.content["reservation_id"])
        code = db.get_one(code_store.DiscountCode, held.code_id)
        return replace(move, kind="end hold", code=code.code, target=held.public_id)
    assert message.kind == codes.EXPIRE
    code = db.get_one(code_store.DiscountCode, message.content["code_id"])
    return replace(move, kind="expire", code=code.code)


def _answer(database: Database, table: Table, move: Move, message_id: int) -> Answer:
    try:
        with database.transaction() as db:
            if message_id:
                is_done = outbox.deliver(db, message_id, now=move.now)
                return ("done",) if is_done else ("no longer there",)
            return _ACTS[move.kind](db, table, move)
    except CodeRefused as refusal:
        return "refused", str(refusal.key)
    except ProductError as refusal:
        return "refused", type(refusal).__name__
    except Exception as error:  # noqa: BLE001 - whatever it is, no order explains it
        return "broken", f"{type(error).__name__}: {error}"


def _use(table: Table, move: Move) -> Use:
    return Use(table.brand_id, Money(move.total_minor, "EUR"))


def _check(db: Session, table: Table, move: Move) -> Answer:
    found = validations.check(db, code=move.code, use=_use(table, move), now=move.now)
    return "valid", found.discount_minor


def _reserve(db: Session, table: Table, move: Move) -> Answer:
    held = reservations.reserve(
        db,
        client_id=move.client_id,
        code=move.code,
        order_ref=move.order_ref,
        use=_use(table, move),
        now=move.now,
    )
    return "held", held.public_id, held.is_new


def _redeem(db: Session, table: Table, move: Move) -> Answer:
    used = redemptions.redeem(
        db,
        client_id=move.client_id,
        code=move.code,
        order_ref=move.order_ref,
        use=_use(table, move),
        reservation_id=move.target,
        now=move.now,
    )
    return "redeemed", used.public_id, used.discount_minor, used.is_new


def _roll_back(db: Session, table: Table, move: Move) -> Answer:
    undone = rollbacks.roll_back(
        db,
        brand_id=table.brand_id,
        redemption_public_id=move.target,
        rollback_ref=move.rollback_ref,
        amount_minor=move.amount_minor,
        now=move.now,
    )
    return "undone", undone.amount_minor, undone.code_state, undone.is_new


def _release(db: Session, _table: Table, move: Move) -> Answer:
    reservations.release(db, client_id=move.client_id, public_id=move.target, now=move.now)
    return ("released",)


def _give_back(db: Session, table: Table, move: Move) -> Answer:
    found = codes.give_back(db, member_id=table.member_id, code=move.code, now=move.now)
    return "ended", found.state


def _revoke(db: Session, table: Table, move: Move) -> Answer:
    found = codes.revoke(
        db,
        brand_id=table.brand_id,
        code=move.code,
        actor="member:1",
        reason="It leaked.",
        now=move.now,
    )
    return "ended", found.state


_ACTS: dict[str, Callable[[Session, Table, Move], Answer]] = {
    "check": _check,
    "reserve": _reserve,
    "redeem": _redeem,
    "roll back": _roll_back,
    "release": _release,
    "give back": _give_back,
    "revoke": _revoke,
}


def look(db: Session, code: str, now: datetime) -> tuple[Move, Answer]:
    """Return how a code stands at the end, as the answer of a move that only looks."""
    row = code_store.find_by_code(db, code)
    holds = db.exec(
        select(Reservation).where(
            Reservation.code_id == row.id, col(Reservation.ended_at).is_(None)
        )
    ).all()
    held = [hold.public_id for hold in holds]
    uses = db.exec(select(Redemption).where(Redemption.code_id == row.id))
    undone = frozenset((use.public_id, use.rolled_back_minor) for use in uses)
    standing = ("standing", row.state, row.left_minor, held[0] if held else None, undone)
    return Move("look", code, now), standing
