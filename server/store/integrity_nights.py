"""Nights: which offers were checked, and which check waits to be finished."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, exists, or_, select, update
from sqlmodel import Field, Session, SQLModel

from server.store import writing
from server.store.columns import id_column, moment, only, reference, whole
from server.store.offers import Offer, OfferStatus


class IntegrityNight(SQLModel, table=True):
    """The check of one offer after one UTC day; finished once, by whoever holds it.

    ``night`` is the midnight at which the checked period ends.  While a night is not finished,
    nothing of the offer vests.
    """

    __tablename__ = "integrity_night"
    __table_args__ = (
        UniqueConstraint("offer_id", "night", name="night_once_per_offer"),
        CheckConstraint("attempts >= 0", name="attempts_are_counted_up"),
        Index("night_that_is_not_finished", "offer_id", **only("finished_at IS NULL")),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="night_of_an_offer")
    night: datetime = moment()
    begun_at: datetime = moment()
    free_at: datetime = moment()
    finished_at: datetime | None = moment(optional=True)
    attempts: int = Field(default=0)
    last_error: str = Field(default="", max_length=100)
    examined: int = whole(0)
    held: int = whole(0)
    watched: int = whole(0)
    unchecked: int = whole(0)


class Turn(NamedTuple):
    """One night of one offer that somebody may work on, and how often it was begun before."""

    id: int
    offer_id: int
    night: datetime
    attempts: int


_NIGHT: Table = IntegrityNight.__table__  # type: ignore[attr-defined]
_OFFER: Table = Offer.__table__  # type: ignore[attr-defined]


def begin(db: Session, *, night: datetime, alive_since: datetime, now: datetime) -> None:
    """Write down a night for every offer that needs one and has none, once.

    An offer needs none when it ended before ``alive_since``.
    """
    known = exists().where(_NIGHT.c.offer_id == _OFFER.c.id, _NIGHT.c.night == night)
    wanted = select(_OFFER.c.id).where(
        _OFFER.c.status != OfferStatus.DRAFT,
        _OFFER.c.published_at < night,
        or_(_OFFER.c.ended_at.is_(None), _OFFER.c.ended_at >= alive_since),
        ~known,
    )
    for offer_id in db.connection().execute(wanted.order_by(_OFFER.c.id)).scalars().all():
        row = {"offer_id": offer_id, "night": night, "begun_at": now, "free_at": now}
        writing.put_first(db, IntegrityNight, row)


def waiting(db: Session, *, now: datetime, since: datetime) -> list[Turn]:
    """Return the nights after a moment that are not finished and that nobody works on."""
    wanted = select(_NIGHT.c.id, _NIGHT.c.offer_id, _NIGHT.c.night, _NIGHT.c.attempts).where(
        _NIGHT.c.finished_at.is_(None), _NIGHT.c.free_at <= now, _NIGHT.c.night > since
    )
    rows = db.connection().execute(wanted.order_by(_NIGHT.c.night, _NIGHT.c.id))
    return [Turn(*row) for row in rows]


def find(db: Session, *, offer_id: int, night: datetime) -> Turn | None:
    """Return a night of an offer, finished or not."""
    wanted = select(_NIGHT.c.id, _NIGHT.c.offer_id, _NIGHT.c.night, _NIGHT.c.attempts)
    these = wanted.where(_NIGHT.c.offer_id == offer_id, _NIGHT.c.night == night)
    row = db.connection().execute(these).first()
    return Turn(*row) if row else None


def take(db: Session, turn: Turn, *, now: datetime, free_at: datetime) -> bool:
    """Take a night until a moment; tell whether nobody was quicker."""
    mine = update(_NIGHT).where(
        _NIGHT.c.id == turn.id, _NIGHT.c.finished_at.is_(None), _NIGHT.c.free_at <= now
    )
    taken = mine.values(free_at=free_at, attempts=_NIGHT.c.attempts + 1)
    return bool(db.connection().execute(taken).rowcount)


def put_off(db: Session, turn: Turn, *, free_at: datetime, error: str) -> None:
    """Let a night that failed be tried again later."""
    row = update(_NIGHT).where(_NIGHT.c.id == turn.id, _NIGHT.c.finished_at.is_(None))
    db.connection().execute(row.values(free_at=free_at, last_error=error))


def finish(db: Session, turn: Turn, *, now: datetime, **figures: int) -> bool:
    """Finish a night; tell whether nobody was quicker."""
    row = update(_NIGHT).where(_NIGHT.c.id == turn.id, _NIGHT.c.finished_at.is_(None))
    return bool(db.connection().execute(row.values(finished_at=now, **figures)).rowcount)
