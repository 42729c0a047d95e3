"""Orders that turn out to be the sharer's own after they were credited.

While an order is pending nothing was promised for it, so the rule that refuses it at once still
refuses it; what has vested stands.
"""

from datetime import datetime

from sqlmodel import Session

from rewards.facts import OrderReversed
from server.services import conversions, events, forests, identities
from server.services.attribution import Unattributed
from server.store import conversions as conversion_store
from server.store import identities as identity_store
from server.store import offers
from server.store.identities import IdentityKind

LEARNT = identities.LEARNT


def refuse_pending(db: Session, *, member_id: int, now: datetime) -> int:
    """Refuse the pending orders of links of a member, or below, that they placed themselves.

    Returns how many there were; doing it again finds none.
    """
    refused = 0
    for offer_id, conversion_id in identity_store.pending_like(db, member_id):
        offer = offers.lock(db, offer_id)
        row = conversion_store.lock(db, conversion_id)
        if row.vested_at is not None or row.vests_at is None:  # somebody was quicker
            continue
        assert row.participant_id is not None
        opened = forests.load(db, offer, row.participant_id)
        if member_id in opened.members_above(row.participant_id):
            _refuse(db, opened, row, now=now)
            refused += 1
    return refused


def _refuse(
    db: Session, opened: forests.Opened, row: conversion_store.Conversion, *, now: datetime
) -> None:
    """Take all of an order back that still counts; refunds of it stay what they are."""
    assert row.id is not None
    assert row.participant_id is not None
    fact = OrderReversed(
        f"own-order:{row.public_id}",
        row.participant_id,
        conversions.order_of(row),
        row.net_minor - row.refunded_minor,
        undoes=f"order:{row.public_id}",
    )
    decision = forests.apply(db, opened, fact, now=now)
    assert decision.order is not None
    assert decision.order.credited_minor == 0
    row.credited_minor = row.weight_basis_points = 0
    row.reason, row.vests_at = Unattributed.OWN_ORDER, None
    identity_store.let_go(db, row.id, kinds=IdentityKind)
    db.flush()
    conversions.tell(db, row, events.ConversionReversed, now=now)
