"""Who asks: a person, a program in a person's name, a partner's back end, or a brand's team."""

import re
from dataclasses import dataclass
from typing import cast

from flask import request
from flask_login import current_user

from server import clock
from server.errors import NotAllowed, NotFound, NotSignedIn
from server.services import authorizations, teams
from server.store.teams import Role
from server.web.database import glance, reading

PERMISSIONS: dict[str, frozenset[str]] = {
    "offers:read": frozenset(Role),
    "offers:write": frozenset({Role.OWNER, Role.MANAGER}),
    "questions:read": frozenset(Role),
    "questions:write": frozenset({Role.OWNER, Role.MANAGER}),
    "conversations:answer": frozenset({Role.OWNER, Role.MANAGER, Role.REVIEWER}),
    "codes:revoke": frozenset({Role.OWNER, Role.MANAGER}),
    "partners:write": frozenset({Role.OWNER, Role.MANAGER}),
    "requests:answer": frozenset({Role.OWNER, Role.MANAGER}),
    "stripe:write": frozenset({Role.OWNER}),
    "team:write": frozenset({Role.OWNER}),
}
"""What each role may do for its brand; every admin view names one of these."""

_LOOKED_UP = "fanfare.access"
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]{20,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """The member whose browser asks."""

    member_id: int


@dataclass(frozen=True, slots=True)
class AppUser:
    """The member in whose name a program asks."""

    member_id: int
    client_id: str


@dataclass(frozen=True, slots=True)
class Partner:
    """The back end that asks; it can only ever speak for its own brand."""

    id: int
    client_id: str
    brand_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Staff:
    """The member of a brand's team who asks."""

    member_id: int
    brand: teams.Post


def customer() -> Caller:
    """Return the member who is signed in to the site.

    Raises:
        NotSignedIn: nobody is; a page leads them to sign in and back.

    """
    if not current_user.is_authenticated:
        raise NotSignedIn("Sign in to see this.")
    return Caller(current_user.member_id)


def access() -> authorizations.Access | None:
    """Return what the access token of this request allows, looked up once; None without one."""
    if _LOOKED_UP not in request.environ:
        given = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
        found = None
        if given is not None:
            with glance() as db:
                found = authorizations.access(db, token=given[1], now=clock.now())
        request.environ[_LOOKED_UP] = found
    return cast("authorizations.Access | None", request.environ[_LOOKED_UP])


def app_user(scope: str) -> AppUser:
    """Return the member in whose name the extension asks.

    Raises:
        NotSignedIn: the access token is missing, wrong, expired or revoked.
        NotAllowed: the token does not cover this.

    """
    found = _access(scope)
    if found.member_id is None:
        raise NotAllowed("This token speaks for a brand, and this address is for people.")
    return AppUser(found.member_id, found.client_name)


def partner(*scopes: str) -> Partner:
    """Return the partner's back end that asks; any one of the scopes will do.

    Raises:
        NotSignedIn: the access token is missing, wrong, expired or revoked.
        NotAllowed: the token does not cover this.

    """
    found = _access(*scopes)
    if found.brand_id is None or found.member_id is not None:
        raise NotAllowed("This token speaks for a person, and this address is for partners.")
    return Partner(found.client_id, found.client_name, found.brand_id, found.client_title)


def allows(role: str, permission: str) -> bool:
    """Tell whether a role includes a permission, for pages that leave out what it does not."""
    return role in PERMISSIONS[permission]


def staff(permission: str, brand_slug: str) -> Staff:
    """Return the member of the brand's team who asks, if their role allows this.

    Raises:
        NotSignedIn: nobody is signed in.
        NotFound: there is no such brand, or the member is not on its team; both look alike.
        NotAllowed: the member's role does not include this.

    """
    assert permission in PERMISSIONS
    member_id = customer().member_id
    with reading() as db:
        post = teams.post(db, member_id=member_id, brand_slug=brand_slug)
    if post is None:
        raise NotFound("There is no such brand, or you are not on its team.")
    if not allows(post.role, permission):
        raise NotAllowed(f"As {post.role} you may not do this. Ask an owner of the brand.")
    return Staff(member_id, post)


def _access(*scopes: str) -> authorizations.Access:
    found = access()
    if found is None:
        if not request.headers.get("Authorization"):
            raise NotSignedIn("Send an access token: Authorization: Bearer ...")
        raise NotSignedIn("The access token is not valid, has expired or was revoked.")
    if not found.scopes & set(scopes):
        raise NotAllowed(f"The access token does not include the scope {' or '.join(scopes)}.")
    return found
