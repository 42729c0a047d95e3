"""Whether some order one after the other explains what happened at the same time.

The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the
memory of Lowe ("Testing for linearizability", 2017): take any move that began before every other
open move had ended, see whether the model answers as the database did, and go on from there; never
look twice at the same moves done with the same code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.server.races import model
from tests.server.races.model import Answer, Life, Move


@dataclass(frozen=True, slots=True)
class Event:
    """A move, what it answered, and between which moments of the machine's clock (ns) it ran."""

    began: int
    ended: int
    move: Move
    answer: Answer


def unexplained(history: Sequence[Event], life: Life) -> str | None:
    """Return None when an order explains the history of one code, else where every order fails."""
    events = sorted(history, key=lambda event: event.began)
    everything = (1 << len(events)) - 1
    open_, seen, most = [(0, life)], set(), (-1, 0, life)
    while open_:
        done, life = at = open_.pop()
        if done == everything:
            return None
        if at in seen:
            continue
        seen.add(at)
        most = max(most, (done.bit_count(), done, life), key=lambda one: one[0])
        open_ += _next(events, done, life)
    return _sentence(events, *most)


def _next(events: Sequence[Event], done: int, life: Life) -> list[tuple[int, Life]]:
    found = []
    for number in _first(events, done):
        event = events[number]
        follows = model.after(life, event.move, event.answer)
        if follows is None:
            continue
        if model.changes_nothing(event.answer):  # so it may as well come first
            return [(done | 1 << number, life)]
        found.append((done | 1 << number, follows))
    return found


def _first(events: Sequence[Event], done: int) -> list[int]:
    """Return the moves that may come next: they began before any other that is left had ended."""
    left = [number for number in range(len(events)) if not done >> number & 1]
    first_end = min(events[number].ended for number in left)
    return [number for number in left if events[number].began <= first_end]


def _sentence(events: Sequence[Event], count: int, done: int, life: Life) -> str:
    stuck = [f"{events[n].move} -> {events[n].answer}" for n in _first(events, done)]
    return f"After {count} of {len(events)} moves the code is {life}; none of these fits: {stuck}"
