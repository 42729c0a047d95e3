"""Forgetting visits: nobody can be found by a visit that can bring no order any more."""

from datetime import datetime, timedelta

from sqlmodel import Session

from server.services import forests
from server.store import offers
from server.store import old_visits as store
from server.store.data_map import Held

REPORTED_WITHIN = timedelta(days=30)
"""How long after its attribution window a shop may still report an order."""


def is_due(db: Session, held: Held, *, now: datetime) -> bool:
    """Tell whether there is a visit to forget."""
    usual = held.until.after
    return store.is_due(db, now=now, usual=usual, longer=_longer(db, usual))


def forget(db: Session, held: Held, *, now: datetime, limit: int) -> int:
    """Delete or blank visits after the map's period, or after their offer's window if it is longer.

    Returns how many there were.
    """
    usual = held.until.after
    return store.forget(db, now=now, usual=usual, longer=_longer(db, usual), limit=limit)


def _longer(db: Session, usual: timedelta) -> list[store.Window]:
    """Return the offers whose links may bring orders for longer than usual."""
    found: dict[timedelta, list[int]] = {}
    for offer in offers.everything(db):
        length = timedelta(days=forests.terms_of(offer).attribution_days) + REPORTED_WITHIN
        if length > usual:
            assert offer.id is not None
            found.setdefault(length, []).append(offer.id)
    return [store.Window(length, tuple(ids)) for length, ids in found.items()]
