"""The words of erasing: one erasure on its way, and one step of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import Session

from server.store import tables

DELETED = "deleted"
NO_WORDS = "-"
"""Stands where somebody gave a reason, which was about the person."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """One erasure on its way: whose, when, and what the person and their visits are known by."""

    member_id: int
    now: datetime
    visit_tokens: frozenset[str]
    identities: frozenset[str]

    @property
    def places(self) -> Select[Any]:
        """The person's places in the trees."""
        participant = tables.METADATA.tables["participant"]
        return select(participant.c.id).where(participant.c.member_id == self.member_id)


class Step(NamedTuple):
    """What happens to the person's rows in one table: they go, or these columns change."""

    table: str
    does: str
    run: Callable[[Session, Erasing], None]
    columns: tuple[str, ...] = ()
