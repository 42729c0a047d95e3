"""Where a member works: the brands with the role there, for the pages of teams."""

from dataclasses import dataclass

from sqlmodel import Session

from server.errors import NotFound
from server.store import teams
from server.store.teams import Role


@dataclass(frozen=True, slots=True)
class Workplace:
    """One brand that a member works for."""

    brand_id: int
    slug: str
    name: str
    currency: str
    role: Role


def of_member(db: Session, *, member_id: int) -> list[Workplace]:
    """Return the brands that a member works for, by name."""
    return [
        Workplace(brand.id, brand.slug, brand.name, brand.currency, role)
        for brand, role in teams.of_member(db, member_id)
        if brand.id is not None
    ]


def find(db: Session, *, member_id: int, brand_id: int) -> Workplace:
    """Return what a member is at one brand.

    Raises:
        NotFound: they do not work there.

    """
    for place in of_member(db, member_id=member_id):
        if place.brand_id == brand_id:
            return place
    raise NotFound("There is no such brand, or you are not on its team.")
