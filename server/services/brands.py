"""Setting up brands: name, verified domains, team."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rewards.errors import MoneyInvalid
from rewards.money import minor_digits
from server.errors import BrandTaken, Invalid, NotFound
from server.services import domains, sign_ins
from server.store import brands as store
from server.store import teams

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}(?::\d{1,5})?"
)


@dataclass(frozen=True, slots=True)
class BrandView:
    """One brand, as its team sees it."""

    id: int
    slug: str
    name: str
    currency: str


def add(
    db: Session, *, slug: str, name: str, currency: str, hosts: list[str], now: datetime
) -> BrandView:
    """Add a brand with the domains that it proved to own.

    Raises:
        Invalid: a name, a currency or a domain is not one.
        BrandTaken: the short name or a domain belongs to another brand.

    """
    if not _SLUG.fullmatch(slug):
        raise Invalid("Let the short name consist of small letters, digits and hyphens.")
    if not name.strip():
        raise Invalid("Give the brand a name.")
    try:
        minor_digits(currency)
    except MoneyInvalid as error:
        raise Invalid(str(error)) from error
    if wrong := [host for host in hosts if not _HOST.fullmatch(host)]:
        raise Invalid(f"{wrong[0]!r} is not a host name such as shop.example.")
    if shared := [host for host in hosts if domains.is_shared(host)]:
        raise Invalid(
            f"Everybody can have a name below {shared[0]!r}, so it cannot be one brand's domain; "
            "name the shop's own."
        )
    brand = store.Brand(slug=slug, name=name.strip(), currency=currency, created_at=now)
    try:
        with db.begin_nested():
            db.add(brand)
            db.flush()
            assert brand.id is not None
            db.add_all(store.BrandDomain(brand_id=brand.id, host=host) for host in hosts)
    except IntegrityError as error:
        raise BrandTaken(
            "This short name or one of the domains belongs to another brand."
        ) from error
    return BrandView(brand.id, brand.slug, brand.name, brand.currency)


def find(db: Session, *, slug: str) -> BrandView:
    """Return the brand with this short name.

    Raises:
        NotFound: there is none.
    """
    brand = store.find_by_slug(db, slug)
    if brand is None or brand.id is None:
        raise NotFound(f"There is no brand {slug!r}.")
    return BrandView(brand.id, brand.slug, brand.name, brand.currency)


def set_role(
    db: Session, *, slug: str, issuer: str, subject: str, role: str, now: datetime
) -> None:
    """Let the person whom a provider knows by ``subject`` work for a brand.

    Raises:
        NotFound: there is no such brand.
        Invalid: there is no such role.

    """
    brand = find(db, slug=slug)
    if role not in set(teams.Role):
        raise Invalid(f"There is no role {role!r}; the roles are {', '.join(teams.Role)}.")
    member_id = sign_ins.sign_in(db, issuer=issuer, subject=subject, now=now).member_id
    teams.put(db, brand_id=brand.id, member_id=member_id, role=teams.Role(role))
