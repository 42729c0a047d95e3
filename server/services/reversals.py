"""Refunds: an order taken back exactly, in part or whole, in any order."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rewards.facts import OrderReversed
from rewards.money import Money
from server.errors import Conflict, Invalid, NotFound, ReversalRefTaken
from server.services import conversions, events, forests
from server.store import conversions as conversion_store
from server.store import offers
from server.store import reversals as store


@dataclass(frozen=True, slots=True)
class ReversalView:
    """One refund, and what the order counts for after it."""

    reversal_ref: str
    amount_minor: int
    credited_before_minor: int
    credited_after_minor: int
    conversion: conversions.ConversionView
    is_new: bool


def reverse(
    db: Session,
    *,
    brand_id: int,
    conversion_public_id: str,
    reversal_ref: str,
    amount_minor: int | None,
    now: datetime,
) -> ReversalView:
    """Take back an order, in part or (without an amount) all that is left of it.

    Reporting the same refund again returns the first answer.

    Raises:
        NotFound: the brand has no such conversion.
        ReversalRefTaken: the reference was used for a refund with another amount.
        Conflict: nothing is left of the order.
        Invalid: more is refunded than is left of the order.

    """
    row = conversion_store.find_by_public_id(db, brand_id=brand_id, public_id=conversion_public_id)
    if row is None or row.id is None:
        raise NotFound("There is no such conversion.")
    offer = offers.lock(db, row.offer_id) if row.offer_id is not None else None
    row = conversion_store.lock(db, row.id)
    assert row.id is not None
    first = store.find(db, conversion_id=row.id, reversal_ref=reversal_ref)
    if first is not None:
        return _first_reversal(db, first, row, amount_minor)
    left = row.net_minor - row.refunded_minor
    if left == 0:
        raise Conflict("All of this order was refunded already.")
    amount = left if amount_minor is None else amount_minor
    if amount > left:
        raise Invalid(
            f"Only {Money(left, row.currency)} are left of this order; refund at most this."
        )
    before = row.credited_minor
    if offer is not None and conversions.counts(row):
        _uncredit(db, row, offer, f"reversal:{row.public_id}:{reversal_ref}", amount, now=now)
    row.refunded_minor += amount
    if row.refunded_minor == row.net_minor:
        row.vests_at = None
    reversal = store.Reversal(
        conversion_id=row.id,
        reversal_ref=reversal_ref,
        amount_minor=amount,
        credited_before_minor=before,
        credited_after_minor=row.credited_minor,
        reversed_at=now,
    )
    db.add(reversal)
    db.flush()
    conversions.tell(db, row, events.ConversionReversed, now=now)
    return _reversal_view(db, reversal, row, is_new=True)


def _uncredit(
    db: Session,
    row: conversion_store.Conversion,
    offer: offers.Offer,
    cause: str,
    amount: int,
    *,
    now: datetime,
) -> None:
    """Take the amount back from what the order brought its branch."""
    assert row.participant_id is not None, "an order that counts is somebody's"
    order = conversions.order_of(row)
    fact = OrderReversed(cause, row.participant_id, order, amount, undoes=f"order:{row.public_id}")
    opened = forests.load(db, offer, row.participant_id)
    decision = forests.apply(db, opened, fact, now=now)
    assert decision.order is not None
    row.credited_minor = decision.order.credited_minor


def _first_reversal(
    db: Session, first: store.Reversal, row: conversion_store.Conversion, amount_minor: int | None
) -> ReversalView:
    if amount_minor is not None and first.amount_minor != amount_minor:
        raise ReversalRefTaken(first.reversal_ref)
    return _reversal_view(db, first, row, is_new=False)


def _reversal_view(
    db: Session, row: store.Reversal, conversion: conversion_store.Conversion, *, is_new: bool
) -> ReversalView:
    return ReversalView(
        reversal_ref=row.reversal_ref,
        amount_minor=row.amount_minor,
        credited_before_minor=row.credited_before_minor,
        credited_after_minor=row.credited_after_minor,
        conversion=conversions.view(db, conversion, is_new=is_new),
        is_new=is_new,
    )
