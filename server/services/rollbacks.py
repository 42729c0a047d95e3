"""Undoing the use of a code, in part or whole; each rollback has one effect.

All that is left of a use: the code can be used again, for what was left.  A part: it goes back to
its holder's payable money, and the code stays used for the rest.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards import grants
from rewards.facts import ReturnReason
from rewards.money import Money
from server.errors import Conflict, Invalid, NotFound, RollbackRefTaken
from server.services import code_steps, codes, events, forests, redemptions
from server.store import codes as code_store
from server.store import offers, outbox
from server.store import redemptions as redemption_store
from server.store import rollbacks as store


@dataclass(frozen=True, slots=True)
class RollbackView:
    """One rollback, where it left the code, and the redemption after it."""

    rollback_ref: str
    amount_minor: int
    code_state: str
    rolled_back_at: datetime
    redemption: redemptions.RedemptionView
    is_new: bool


def roll_back(
    db: Session,
    *,
    brand_id: int,
    redemption_public_id: str,
    rollback_ref: str,
    amount_minor: int | None,
    now: datetime,
) -> RollbackView:
    """Undo a redemption, in part or (without an amount) all that is left of it.

    The same reference again gets the first answer.

    Raises:
        NotFound: the brand has no such redemption.
        RollbackRefTaken: the reference was used for a rollback of another amount.
        Conflict: nothing is left of the redemption.
        Invalid: more is rolled back than is left of the redemption.

    """
    row = redemption_store.find(db, brand_id=brand_id, public_id=redemption_public_id)
    if row is None or row.id is None:
        raise NotFound("There is no such redemption.")
    code = code_store.find(db, row.code_id)
    assert code is not None
    offer = offers.lock(db, code.offer_id)  # the offer first, then the code, then its use
    code = code_store.lock(db, row.code_id)
    row = redemption_store.lock(db, row.id)
    assert row.id is not None
    first = store.find(db, redemption_id=row.id, rollback_ref=rollback_ref)
    if first is not None:
        if amount_minor is not None and first.amount_minor != amount_minor:
            raise RollbackRefTaken(rollback_ref)
        return _view(first, row, code, is_new=False)
    amount = _amount(row, code, amount_minor)
    step = grants.roll_back(
        code_steps.as_held(code),
        f"rollback:{row.public_id}:{rollback_ref}",
        f"redeem:{row.public_id}",
        amount,
    )
    row.rolled_back_minor += amount
    row.ended_at = now if row.rolled_back_minor == row.value_minor else None
    db.flush()
    opened = forests.load(db, offer, code.participant_id)
    code_steps.take(db, code, step, opened, now=now)
    if row.ended_at is not None:
        _end_in_time(db, code, offer, opened, now=now)
    rollback = store.Rollback(
        redemption_id=row.id,
        rollback_ref=rollback_ref,
        amount_minor=amount,
        code_state=code.state,
        rolled_back_at=now,
    )
    db.add(rollback)
    db.flush()
    events.publish(db, brand_id=brand_id, event=_event(rollback, row, code), now=now)
    return _view(rollback, row, code, is_new=True)


def _end_in_time(
    db: Session,
    code: code_store.DiscountCode,
    offer: offers.Offer,
    opened: forests.Opened,
    *,
    now: datetime,
) -> None:
    """Let a code that is usable again end: at once when its time is over by now, else then.

    A worker whose clock is ahead, or who was faster to the lock, may have looked at it already.
    """
    if code.expires_at > now:
        outbox.put(db, kind=codes.EXPIRE, content={"code_id": code.id}, due_at=code.expires_at)
        return
    step = grants.end(code_steps.as_held(code), f"expire:{code.event_id}", ReturnReason.EXPIRED)
    code_steps.take(db, code, step, opened, now=now)
    code_steps.tell_end(db, code, offer, now=now)


def _event(
    rollback: store.Rollback, row: redemption_store.Redemption, code: code_store.DiscountCode
) -> events.RedemptionRolledBack:
    return events.RedemptionRolledBack(
        redemption_id=row.public_id,
        rollback_ref=rollback.rollback_ref,
        code=code.code,
        order_ref=row.order_ref,
        amount_minor=rollback.amount_minor,
        rolled_back_minor=row.rolled_back_minor,
        code_state=rollback.code_state,
        currency=code.currency,
    )


def _amount(
    row: redemption_store.Redemption, code: code_store.DiscountCode, wanted: int | None
) -> int:
    left = row.value_minor - row.rolled_back_minor
    if left == 0:
        raise Conflict("All of this redemption was rolled back already.")
    if wanted is not None and wanted > left:
        raise Invalid(
            f"Only {Money(left, code.currency)} are left of this redemption; "
            "roll back at most this."
        )
    return left if wanted is None else wanted


def _view(
    row: store.Rollback,
    redemption: redemption_store.Redemption,
    code: code_store.DiscountCode,
    *,
    is_new: bool,
) -> RollbackView:
    return RollbackView(
        rollback_ref=row.rollback_ref,
        amount_minor=row.amount_minor,
        code_state=row.code_state,
        rolled_back_at=row.rolled_back_at,
        redemption=redemptions.view(redemption, code),
        is_new=is_new,
    )
