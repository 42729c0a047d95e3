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
    """Tell whether there is a visit to forget, or what only the nightly look needed."""
    usual, sooner = held.until.after, held.until.sooner
    assert sooner is not None
    if store.has_old_evidence(db, now=now, after=sooner.after):
        return True
    return store.is_due(db, now=now, usual=usual, longer=_longer(db, usual))


def forget(db: Session, held: Held, *, now: datetime, limit: int) -> int:
    """Delete or blank visits after the map's period, or after their offer's window if it is longer.

    Sooner go the columns that only the nightly look needed.  Returns how many visits there were.
    """
    usual, sooner = held.until.after, held.until.sooner
    assert sooner is not None
    emptied = store.forget_evidence(db, now=now, after=sooner.after, limit=limit)
    left = limit - emptied
    longer = _longer(db, usual)
    return emptied + store.forget(db, now=now, usual=usual, longer=longer, limit=left)


def _longer(db: Session, usual: timedelta) -> list[store.Window]:
    """Return the offers whose links may bring orders for longer than usual."""
    found: dict[timedelta, list[int]] = {}
    for offer in offers.everything(db):
        length = timedelta(days=forests.terms_of(offer).attribution_days) + REPORTED_WITHIN
        if length > usual:
            assert offer.id is not None
            found.setdefault(length, []).append(offer.id)
    return [store.Window(length, tuple(ids)) for length, ids in found.items()]
