"""One code as it should be, without a database: what each move answers, and how it leaves the code.

Written from the contract of the partner API (docs/API.md), not from the services.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

HELD_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody does with a code at ``now``; ``target`` is a use, a hold, or nothing."""

    kind: str
    code: str
    now: datetime
    client_id: int = 0
    order_ref: str = ""
    total_minor: int = 0
    target: str | None = None
    rollback_ref: str = ""
    amount_minor: int | None = None


Answer = tuple[Any, ...]
"""What a move answers: a word, and what belongs to it; a new id is always the second."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold of the code that was not ended, though its time may be over."""

    id: str
    client_id: int
    order_ref: str
    total_minor: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """One rollback of a use, and where it left the code."""

    ref: str
    amount_minor: int
    state: str


@dataclass(frozen=True, slots=True)
class Used:
    """One use of the code."""

    id: str
    client_id: int
    order_ref: str
    total_minor: int
    value_minor: int
    undone: tuple[Undone, ...] = ()

    @property
    def left_minor(self) -> int:
        return self.value_minor - sum(one.amount_minor for one in self.undone)


@dataclass(frozen=True, slots=True)
class Life:
    """Everything about one code that an answer can depend on."""

    left_minor: int
    expires_at: datetime
    state: str = "issued"
    hold: Hold | None = None
    uses: tuple[Used, ...] = ()


def after(life: Life, move: Move, answer: Answer) -> Life | None:
    """Return the code after a move that answered so, or None if it could not answer so."""
    new_id = answer[1] if len(answer) > 1 else None
    expected, follows = _MOVES[move.kind](life, move, new_id)
    return follows if answer == expected else None


def changes_nothing(answer: Answer) -> bool:
    """Tell whether an answer alone says that its move left the code as it was, whenever it came."""
    return answer[0] in {"refused", "valid"} or answer[-1] is False


def standing(life: Life) -> Answer:
    """Return what somebody sees who looks at the code."""
    state = "reserved" if life.hold else life.state
    uses = frozenset((use.id, use.value_minor - use.left_minor) for use in life.uses)
    return "standing", state, life.left_minor, life.hold.id if life.hold else None, uses


Outcome = tuple[Answer, Life]


def _refused(key: str, life: Life) -> Outcome:
    return ("refused", key), life


def _refusal(life: Life, move: Move, own: Hold | None) -> str | None:
    held = life.hold
    if life.state in {"redeemed", "revoked"}:
        return {"redeemed": "already_redeemed", "revoked": "revoked"}[life.state]
    if life.state == "expired" or life.expires_at <= move.now:
        return "expired"
    if move.total_minor < life.left_minor:
        return "minimum_not_met"
    if held is not None and held != own and held.until > move.now:
        return "reserved_elsewhere"
    return None


def _check(life: Life, move: Move, _new_id: str) -> Outcome:
    key = _refusal(life, move, None)
    return _refused(key, life) if key else (("valid", life.left_minor), life)


def _reserve(life: Life, move: Move, new_id: str) -> Outcome:
    held = life.hold
    if held is not None:
        is_own = (held.client_id, held.order_ref) == (move.client_id, move.order_ref)
        held = held if is_own and held.until > move.now else None
    key = _refusal(life, move, held)
    if key is not None:
        return _refused(key, life)
    if held is not None:
        if held.total_minor != move.total_minor:
            return _refused("OrderRefTaken", life)
        return ("held", held.id, False), life
    until = min(move.now + HELD_FOR, life.expires_at)
    hold = Hold(new_id, move.client_id, move.order_ref, move.total_minor, until)
    return ("held", new_id, True), replace(life, hold=hold)


def _redeem(life: Life, move: Move, new_id: str) -> Outcome:
    order = (move.client_id, move.order_ref)
    for use in life.uses:
        if (use.client_id, use.order_ref) == order:
            return _redeem_again(life, move, use)
    held = life.hold if life.hold and life.hold.client_id == move.client_id else None
    if move.target is not None and (held is None or held.id != move.target):
        return _refused("NotFound", life)
    if move.target is None and held is not None and held.order_ref != move.order_ref:
        held = None
    key = _refusal(life, move, held)
    if key is not None:
        return _refused(key, life)
    use = Used(new_id, *order, move.total_minor, life.left_minor)
    used = replace(life, state="redeemed", hold=None, uses=(*life.uses, use))
    return ("redeemed", new_id, life.left_minor, True), used


def _redeem_again(life: Life, move: Move, use: Used) -> Outcome:
    if use.total_minor != move.total_minor:
        return _refused("OrderRefTaken", life)
    if use.left_minor == 0:
        return _refused("RedemptionEnded", life)
    return ("redeemed", use.id, use.value_minor, False), life


def _roll_back(life: Life, move: Move, _new_id: str) -> Outcome:
    use = next((use for use in life.uses if use.id == move.target), None)
    if use is None:
        return _refused("NotFound", life)
    for one in use.undone:
        if one.ref == move.rollback_ref:
            if move.amount_minor not in {None, one.amount_minor}:
                return _refused("RollbackRefTaken", life)
            return ("undone", one.amount_minor, one.state, False), life
    amount = use.left_minor if move.amount_minor is None else move.amount_minor
    if use.left_minor == 0 or amount > use.left_minor:
        return _refused("Invalid" if use.left_minor else "Conflict", life)
    state, left = "redeemed", use.left_minor - amount
    if left == 0:
        state, left = "expired" if life.expires_at <= move.now else "issued", amount
    undone = replace(use, undone=(*use.undone, Undone(move.rollback_ref, amount, state)))
    uses = tuple(undone if one is use else one for one in life.uses)
    return ("undone", amount, state, True), replace(life, state=state, left_minor=left, uses=uses)


def _release(life: Life, move: Move, _new_id: str) -> Outcome:
    is_held = life.hold is not None and life.hold.id == move.target
    return ("released",), replace(life, hold=None) if is_held else life


def _end_hold(life: Life, move: Move, _new_id: str) -> Outcome:
    """The worker lets a hold go whose time is over."""
    held = life.hold
    is_over = held is not None and held.id == move.target and held.until <= move.now
    return ("done",), replace(life, hold=None) if is_over else life


def _expire(life: Life, move: Move, _new_id: str) -> Outcome:
    """The worker ends a code whose time is over."""
    is_over = life.state == "issued" and life.expires_at <= move.now
    return ("done",), replace(life, state="expired", hold=None) if is_over else life


def _give_back(life: Life, move: Move, new_id: str) -> Outcome:
    if life.hold is not None and life.hold.until > move.now:
        return _refused("reserved_elsewhere", life)
    return _revoke(life, move, new_id)


def _revoke(life: Life, move: Move, _new_id: str) -> Outcome:
    if life.state == "redeemed":
        return _refused("already_redeemed", life)
    state = life.state
    if state == "issued":
        state = "expired" if life.expires_at <= move.now else "revoked"
    return ("ended", state), replace(life, state=state, hold=None)


def _look(life: Life, _move: Move, _new_id: str) -> Outcome:
    return standing(life), life


_MOVES: dict[str, Callable[[Life, Move, Any], Outcome]] = {
    "check": _check,
    "reserve": _reserve,
    "redeem": _redeem,
    "roll back": _roll_back,
    "release": _release,
    "end hold": _end_hold,
    "expire": _expire,
    "give back": _give_back,
    "revoke": _revoke,
    "look": _look,
}
