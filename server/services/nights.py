"""Nights: each offer is checked once after each UTC day, by whoever takes the night first.

A worker that dies leaves its night taken until ``LEASE`` is over; then another takes it up.  What
it wrote stays, because a finding is written once for each participant and night.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from rewards.integrity import HOLD_DAYS, PERIOD_DAYS
from server.store import integrity_nights as store
from server.store.integrity_nights import Turn

PERIOD = timedelta(days=PERIOD_DAYS)
LEASE = timedelta(minutes=30)
AFTER_MIDNIGHT = timedelta(hours=1)
"""So that the day's last visitors had time to read: a visit is engaged only afterwards."""
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a night came to."""

    examined: int = 0
    held: int = 0
    watched: int = 0
    unchecked: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        """Add up two parts of a night."""
        return Figures(
            self.examined + other.examined,
            self.held + other.held,
            self.watched + other.watched,
            self.unchecked + other.unchecked,
        )


def last_midnight(now: datetime) -> datetime:
    """Return the midnight whose night is due: an hour ago or earlier."""
    day = (now - AFTER_MIDNIGHT).astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def begin(db: Session, *, now: datetime) -> list[Turn]:
    """Write down the nights that are due, and return those that nobody works on.

    Until one of them is finished, nothing of its offer vests.
    """
    night = last_midnight(now)
    store.begin(db, night=night, alive_since=night - PERIOD, now=now)
    return store.waiting(db, now=now, since=now - timedelta(days=HOLD_DAYS))


def take(db: Session, turn: Turn, *, now: datetime) -> bool:
    """Take a night for a while; tell whether nobody was quicker."""
    return store.take(db, turn, now=now, free_at=now + LEASE)


def finish(db: Session, turn: Turn, figures: Figures, *, now: datetime) -> bool:
    """Finish a night, so that what nothing holds may vest; tell whether nobody was quicker."""
    return store.finish(
        db,
        turn,
        now=now,
        examined=figures.examined,
        held=figures.held,
        watched=figures.watched,
        unchecked=figures.unchecked,
    )


def put_off(db: Session, turn: Turn, error: Exception, *, now: datetime) -> None:
    """Let a night that failed be tried again, later each time; until then its offer waits."""
    pause = min(timedelta(minutes=2 ** min(turn.attempts, 10)), LONGEST_PAUSE)
    store.put_off(db, turn, free_at=now + pause, error=type(error).__name__)
