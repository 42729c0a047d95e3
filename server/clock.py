"""What time it is.

Services never look at a clock, they get ``now``; this is where views, jobs and the click process
get it from.  Outside production a file can hold an offset in seconds, which lets a demo or a test
move the time of all processes at once (``fanfare time-travel``).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

_offset_file: Path | None = None


def follow(offset_file: Path | None) -> None:
    """Add the seconds in ``offset_file`` to the system's time from now on; None stops that."""
    global _offset_file  # noqa: PLW0603 - one clock for a process, set once when it starts
    _offset_file = offset_file


def now() -> datetime:
    """Return the current moment in UTC."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """Return how far this clock is ahead of the system's."""
    if _offset_file is None:
        return timedelta()
    try:
        return timedelta(seconds=int(_offset_file.read_text()))
    except FileNotFoundError:
        return timedelta()


def travel(offset_file: Path, by: timedelta) -> timedelta:
    """Move the clock that follows ``offset_file`` forward and return its new offset.

    Raises:
        ValueError: the step goes back in time, which would make the records contradict each other.

    """
    if by < timedelta():
        raise ValueError("Time can only move forward: records that exist would lie in the future.")
    before = int(offset_file.read_text()) if offset_file.exists() else 0
    seconds = before + int(by.total_seconds())
    draft = offset_file.with_suffix(".draft")
    draft.write_text(str(seconds))
    draft.replace(offset_file)
    return timedelta(seconds=seconds)
