"""Who works for which brand."""

from dataclasses import dataclass

from sqlmodel import Session

from server.store import brands
from server.store import teams as store
from server.store.teams import Role


@dataclass(frozen=True, slots=True)
class Post:
    """What one member is at one brand."""

    brand_id: int
    slug: str
    name: str
    currency: str
    role: Role


def post(db: Session, *, member_id: int, brand_slug: str) -> Post | None:
    """Return the member's post at a brand; None when there is no such brand or no post."""
    if "\0" in brand_slug:  # PostgreSQL keeps no such text
        return None
    found = store.find_post(db, slug=brand_slug, member_id=member_id)
    return _post(*found) if found else None


def posts(db: Session, *, member_id: int) -> list[Post]:
    """Return every post of a member, by the brand's name."""
    return [_post(brand, role) for brand, role in store.of_member(db, member_id)]


def _post(brand: brands.Brand, role: Role) -> Post:
    assert brand.id is not None
    return Post(brand.id, brand.slug, brand.name, brand.currency, role)
