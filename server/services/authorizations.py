"""What programs may do in a person's or a brand's name: codes, tokens and their end.

A *family* is everything that grew from one permission: the authorization code, and every token
and refresh that came of it.  Whoever holds a secret of a family twice shows that it was stolen,
and the whole family ends.  Secrets are kept as SHA-256 only; ``tokens.secret`` makes them.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from server import tokens
from server.errors import NotFound
from server.services import sign_ins
from server.store import members
from server.store import oauth_tokens as store

CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a code or a refresh token stands for, ready to be turned into tokens."""

    id: int
    family: str
    client_id: int
    member_id: int
    scope: str
    redirect_uri: str = ""
    code_challenge: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What the bearer of a live access token may do, and in whose name."""

    client_id: int
    client_name: str
    client_title: str
    brand_id: int | None
    member_id: int | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """One program on one device that a person allowed to act for them."""

    family: str
    title: str
    scopes: tuple[str, ...]
    since: datetime
    last_used_at: datetime


def issue_code(
    db: Session,
    *,
    client_id: int,
    member_id: int,
    redirect_uri: str,
    scope: str,
    code_challenge: str,
    now: datetime,
) -> str:
    """Write down that a person allowed a client something, and return the code for it.

    Raises:
        NotSignedIn: the person was erased.

    """
    sign_ins.lock_living(db, member_id)
    code = tokens.secret()
    db.add(
        store.OAuthCode(
            code_hash=tokens.kept(code),
            client_id=client_id,
            member_id=member_id,
            redirect_uri=redirect_uri,
            scope=scope,
            code_challenge=code_challenge,
            family=str(uuid.uuid4()),
            expires_at=now + CODE_LIFE,
        )
    )
    db.flush()
    return code


def read_code(db: Session, *, code: str, client_id: int, now: datetime) -> Permission | None:
    """Return what a code stands for while it can be used, and lock it.

    A code that was used before ends all that the first use brought.
    """
    code_hash = tokens.kept(code)
    if not _lock_living(db, store.member_of_code(db, code_hash)):
        return None
    row = store.lock_code(db, code_hash)
    if row is None or row.client_id != client_id:
        return None
    if row.used_at is not None:
        store.revoke_family(db, row.family, now=now)
        return None
    if row.expires_at <= now:
        return None
    assert row.id is not None
    return Permission(
        id=row.id,
        family=row.family,
        client_id=row.client_id,
        member_id=row.member_id,
        scope=row.scope,
        redirect_uri=row.redirect_uri,
        code_challenge=row.code_challenge,
    )


def use_code(db: Session, *, code_id: int, now: datetime) -> None:
    """Use a code up that ``read_code`` locked in this transaction."""
    row = db.get_one(store.OAuthCode, code_id)
    assert row.used_at is None
    row.used_at = now


def read_refresh_token(
    db: Session, *, token: str, client_id: int, now: datetime
) -> Permission | None:
    """Return what a refresh token stands for while it can be used, and lock it.

    A token that was replaced before was stolen, from us or from its owner: its family ends.
    """
    refresh_hash = tokens.kept(token)
    if not _lock_living(db, store.member_of_refresh(db, refresh_hash)):
        return None
    row = store.lock_by_refresh(db, refresh_hash)
    if row is None or row.client_id != client_id:
        return None
    if row.replaced_at is not None:
        store.revoke_family(db, row.family, now=now)
        return None
    if row.revoked_at is not None or row.member_id is None:
        return None
    if row.refresh_expires_at is None or row.refresh_expires_at <= now:
        return None
    assert row.id is not None
    return Permission(
        id=row.id,
        family=row.family,
        client_id=row.client_id,
        member_id=row.member_id,
        scope=row.scope,
    )


def replace(db: Session, *, token_id: int, now: datetime) -> None:
    """Mark a token as replaced that ``read_refresh_token`` locked in this transaction."""
    row = db.get_one(store.OAuthToken, token_id)
    assert row.replaced_at is None
    row.replaced_at = now


def keep_token(
    db: Session,
    *,
    client_id: int,
    member_id: int | None,
    scope: str,
    access_token: str,
    refresh_token: str | None = None,
    family: str | None = None,
    now: datetime,
) -> None:
    """Keep the hashes of a token that a client is about to get; no family begins a new one."""
    db.add(
        store.OAuthToken(
            access_hash=tokens.kept(access_token),
            refresh_hash=tokens.kept(refresh_token) if refresh_token else None,
            family=family or str(uuid.uuid4()),
            client_id=client_id,
            member_id=member_id,
            scope=scope,
            issued_at=now,
            access_expires_at=now + ACCESS_LIFE,
            refresh_expires_at=now + REFRESH_LIFE if refresh_token else None,
        )
    )
    db.flush()


def access(db: Session, *, token: str, now: datetime) -> Access | None:
    """Return what an access token allows; None unless token and client are alive."""
    found = store.bearer(db, tokens.kept(token), now=now)
    if found is None:
        return None
    return Access(
        client_id=found.client_id,
        client_name=found.client_name,
        client_title=found.client_title,
        brand_id=found.brand_id,
        member_id=found.member_id,
        scopes=frozenset(found.scope.split()),
    )


def family_of(db: Session, *, token: str, client_id: int) -> str | None:
    """Return the family of an access or refresh token of this client."""
    row = store.find_either(db, tokens.kept(token))
    return row.family if row is not None and row.client_id == client_id else None


def revoke(db: Session, *, family: str, now: datetime) -> None:
    """End a family at its client's wish."""
    store.revoke_family(db, family, now=now)


def connected(db: Session, *, member_id: int, now: datetime) -> list[ConnectedApp]:
    """Return the programs that may act for a member, the most recently used first."""
    live = store.live_of_member(db, member_id, now=now)
    began = store.first_issued(db, [row.family for row, _ in live])
    return [
        ConnectedApp(
            family=row.family,
            title=client.title,
            scopes=tuple(row.scope.split()),
            since=began[row.family],
            last_used_at=row.issued_at,
        )
        for row, client in live
    ]


def disconnect(db: Session, *, member_id: int, family: str, now: datetime) -> None:
    """End what a member allowed a program; a second time changes nothing.

    Raises:
        NotFound: the member has allowed no such thing.
        NotSignedIn: the member was erased.

    """
    sign_ins.lock_living(db, member_id)
    if "\0" in family or not store.belongs_to(db, family=family, member_id=member_id):
        raise NotFound("No such app is connected to you.")
    store.revoke_family(db, family, now=now)


def _lock_living(db: Session, member_id: int | None) -> bool:
    """Lock whom a secret speaks for before the secret itself, as erasing them does."""
    return member_id is not None and members.lock_living(db, member_id)
