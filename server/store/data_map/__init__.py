"""The data map: what is kept, about whom, why, until when, and who sees it.

The one place that says so: the job of retention, the export, erasing and docs/PRIVACY.md read it,
and a test holds it beside the tables, column by column.
"""

from server.store.data_map import (
    asking,
    content,
    identities,
    in_person,
    integrity,
    money,
    operation,
    partners,
    payments,
    people,
    rights,
    sharing,
    talking,
)
from server.store.data_map.held import About, Erasing, Held, Kept, OnErase, Rule, SeenBy

__all__ = [
    "MAP",
    "About",
    "Erasing",
    "Held",
    "Kept",
    "OnErase",
    "Rule",
    "SeenBy",
    "about_people",
    "of",
]

MAP: tuple[Held, ...] = (
    *people.MAP,
    *rights.MAP,
    *asking.MAP,
    *sharing.MAP,
    *talking.MAP,
    *in_person.MAP,
    *content.MAP,
    *integrity.MAP,
    *money.MAP,
    *identities.MAP,
    *payments.MAP,
    *partners.MAP,
    *operation.MAP,
)

_BY_TABLE = {held.table: held for held in MAP}


def of(table: str) -> Held:
    """Return what the map says about a table."""
    return _BY_TABLE[table]


def about_people() -> tuple[Held, ...]:
    """Return the tables whose rows are about people."""
    return tuple(held for held in MAP if held.is_about_people)
