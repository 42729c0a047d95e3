"""Who works for which brand."""

from dataclasses import dataclass

from sqlmodel import Session

from server.store import teams as store
from server.store.teams import Role


@dataclass(frozen=True, slots=True)
class Post:
    """What one member is at one brand."""

    brand_id: int
    brand_slug: str
    brand_name: str
    role: Role


def post(db: Session, *, member_id: int, brand_slug: str) -> Post | None:
    """Return the member's post at a brand; None when there is no such brand or no post."""
    if "\0" in brand_slug:  # PostgreSQL keeps no such text
        return None
    found = store.find_post(db, slug=brand_slug, member_id=member_id)
    if found is None:
        return None
    brand, role = found
    assert brand.id is not None
    return Post(brand.id, brand.slug, brand.name, role)
