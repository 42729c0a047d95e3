"""Holding a code for one order, with a time limit that ends by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server import tokens
from server.errors import NotFound, OrderRefTaken
from server.services import events, validations
from server.services.validations import Use, Validity
from server.store import codes as code_store
from server.store import outbox
from server.store import reservations as store

HELD_FOR = timedelta(minutes=15)
END = "reservation.end"


@dataclass(frozen=True, slots=True)
class ReservationView:
    """One held code."""

    public_id: str
    code: str
    order_ref: str
    discount_minor: int
    currency: str
    expires_at: datetime
    is_new: bool


def reserve(
    db: Session,
    *,
    client_id: int,
    code: str,
    order_ref: str,
    use: Use,
    now: datetime,
) -> ReservationView:
    """Hold a code for one order for 15 minutes; the same order again keeps the first hold.

    Raises:
        CodeRefused: the code cannot be used; ``key`` is one of RefusalKey.
        OrderRefTaken: the code is held for this reference with another total.

    """
    row = code_store.lock_by_code(db, tokens.discount_code_as_kept(code))
    held = store.live(db, row.id) if row is not None and row.id is not None else None
    if held is not None and held.expires_at <= now:
        _end(db, held, now)
        held = None
    if held is not None and (held.client_id, held.order_ref) == (client_id, order_ref):
        return _first_answer(held, row, use, now)
    found = validations.checked(row, held, use=use, now=now)
    assert row is not None
    assert row.id is not None
    held = store.Reservation(
        public_id=tokens.public_id(),
        code_id=row.id,
        client_id=client_id,
        order_ref=order_ref,
        order_total_minor=use.order_total.minor,
        reserved_at=now,
        expires_at=min(now + HELD_FOR, row.expires_at),
    )
    db.add(held)
    db.flush()
    changed = code_store.change(
        db, row, before=code_store.CodeState.ISSUED, state=code_store.CodeState.RESERVED
    )
    assert changed, "the code is locked and no hold of it is live"
    outbox.put(db, kind=END, content={"reservation_id": held.id}, due_at=held.expires_at)
    told = events.CodeReserved(held.public_id, row.code, order_ref, held.expires_at)
    events.publish(db, brand_id=row.brand_id, event=told, now=now)
    return _view(held, found, is_new=True)


def release(db: Session, *, client_id: int, public_id: str, now: datetime) -> None:
    """Let a held code go before its time; a second time changes nothing.

    Raises:
        NotFound: the partner holds no such reservation.

    """
    held = store.find(db, public_id)
    if held is None or held.client_id != client_id:
        raise NotFound("There is no such reservation.")
    if held.ended_at is None:
        _end(db, held, now)


def end(db: Session, *, reservation_id: int, now: datetime) -> None:
    """Let a code go whose hold is over; a second time changes nothing."""
    held = store.get(db, reservation_id)
    assert held is not None
    if held.expires_at <= now:
        _end(db, held, now)


def _first_answer(
    held: store.Reservation,
    row: code_store.DiscountCode | None,
    use: Use,
    now: datetime,
) -> ReservationView:
    found = validations.checked(row, None, use=use, now=now)
    if held.order_total_minor != use.order_total.minor:
        raise OrderRefTaken(held.order_ref)
    return _view(held, found, is_new=False)


def _end(db: Session, held: store.Reservation, now: datetime) -> None:
    row = code_store.lock(db, held.code_id)
    db.refresh(held)
    if held.ended_at is not None:
        return
    held.ended_at = now
    db.flush()
    code_store.change(
        db, row, before=code_store.CodeState.RESERVED, state=code_store.CodeState.ISSUED
    )
    told = events.CodeReleased(held.public_id, row.code, held.order_ref, held.expires_at)
    events.publish(db, brand_id=row.brand_id, event=told, now=now)


def _view(held: store.Reservation, found: Validity, *, is_new: bool) -> ReservationView:
    return ReservationView(
        public_id=held.public_id,
        code=found.code,
        order_ref=held.order_ref,
        discount_minor=found.discount_minor,
        currency=found.currency,
        expires_at=held.expires_at,
        is_new=is_new,
    )
