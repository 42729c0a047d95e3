"""Authorization codes and tokens.  All of them are kept as SHA-256 only."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, UniqueConstraint, bindparam, func, or_, update
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference
from server.store.oauth_clients import OAuthClient


class OAuthCode(SQLModel, table=True):
    """One authorization code.  Used once; a second use revokes what the first one brought."""

    __tablename__ = "oauth_code"
    __table_args__ = (UniqueConstraint("code_hash", name="authorization_code_is_unique"),)

    id: int | None = id_column()
    code_hash: str = Field(max_length=64)
    client_id: int = reference("oauth_client.id", name="code_of_a_client")
    member_id: int = reference("member.id", name="code_of_a_member", index=True)
    redirect_uri: str = Field(max_length=255)
    scope: str = Field(max_length=255)
    code_challenge: str = Field(max_length=128)
    family: str = Field(max_length=36)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(optional=True)


class OAuthToken(SQLModel, table=True):
    """One access token with its refresh token.

    A refresh marks the row as replaced and writes the next one of the same family; a replaced
    refresh token that comes back was stolen, and its whole family is revoked.
    """

    __tablename__ = "oauth_token"
    __table_args__ = (
        UniqueConstraint("access_hash", name="access_token_is_unique"),
        UniqueConstraint("refresh_hash", name="refresh_token_is_unique"),
    )

    id: int | None = id_column()
    access_hash: str = Field(max_length=64)
    refresh_hash: str | None = Field(default=None, max_length=64)
    family: str = Field(max_length=36, index=True)
    client_id: int = reference("oauth_client.id", name="token_of_a_client")
    member_id: int | None = reference(
        "member.id", name="token_of_a_member", index=True, optional=True
    )
    scope: str = Field(max_length=255)
    issued_at: datetime = moment()
    access_expires_at: datetime = moment()
    refresh_expires_at: datetime | None = moment(optional=True)
    replaced_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)


class Bearer(NamedTuple):
    """What an access token and its client allow now."""

    client_id: int
    client_name: str
    client_title: str
    brand_id: int | None
    member_id: int | None
    scope: str


_BEARER = (
    rows_of(
        col(OAuthToken.client_id),
        col(OAuthClient.client_id),
        col(OAuthClient.title),
        col(OAuthClient.brand_id),
        col(OAuthToken.member_id),
        col(OAuthToken.scope),
    )
    .join(OAuthClient, col(OAuthToken.client_id) == col(OAuthClient.id))
    .where(
        col(OAuthToken.access_hash) == bindparam("access_hash"),
        col(OAuthToken.access_expires_at) > bindparam("now"),
        col(OAuthToken.revoked_at).is_(None),
        col(OAuthClient.revoked_at).is_(None),
    )
)


def member_of_code(db: Session, code_hash: str) -> int | None:
    """Return who gave the authorization code with this hash."""
    return db.exec(select(OAuthCode.member_id).where(OAuthCode.code_hash == code_hash)).first()


def member_of_refresh(db: Session, refresh_hash: str) -> int | None:
    """Return for whom the refresh token with this hash speaks."""
    wanted = select(OAuthToken.member_id).where(OAuthToken.refresh_hash == refresh_hash)
    return db.exec(wanted).first()


def lock_code(db: Session, code_hash: str) -> OAuthCode | None:
    """Return the authorization code with this hash; nobody else uses it meanwhile."""
    wanted = select(OAuthCode).where(OAuthCode.code_hash == code_hash)
    return db.exec(wanted.with_for_update()).first()


def lock_by_refresh(db: Session, refresh_hash: str) -> OAuthToken | None:
    """Return the row whose refresh token has this hash; nobody else uses it meanwhile."""
    wanted = select(OAuthToken).where(OAuthToken.refresh_hash == refresh_hash)
    return db.exec(wanted.with_for_update()).first()


def bearer(db: Session, access_hash: str, *, now: datetime) -> Bearer | None:
    """Return what the access token with this hash allows, if it and its client are alive.

    Every request of an API asks this, so it goes without ORM objects.
    """
    found = db.connection().execute(_BEARER, {"access_hash": access_hash, "now": now}).first()
    return None if found is None else Bearer(*found)


def find_either(db: Session, token_hash: str) -> OAuthToken | None:
    """Return the row whose access or refresh token has this hash."""
    return db.exec(
        select(OAuthToken).where(
            or_(
                col(OAuthToken.access_hash) == token_hash,
                col(OAuthToken.refresh_hash) == token_hash,
            )
        )
    ).first()


def live_of_member(
    db: Session, member_id: int, *, now: datetime
) -> list[tuple[OAuthToken, OAuthClient]]:
    """Return the rows that can still be refreshed in this person's name, newest first."""
    return list(
        db.exec(
            select(OAuthToken, OAuthClient)
            .join(OAuthClient, col(OAuthToken.client_id) == OAuthClient.id)
            .where(
                OAuthToken.member_id == member_id,
                col(OAuthToken.revoked_at).is_(None),
                col(OAuthToken.replaced_at).is_(None),
                col(OAuthToken.refresh_expires_at) > now,
                col(OAuthClient.revoked_at).is_(None),
            )
            .order_by(col(OAuthToken.id).desc())
        )
    )


def first_issued(db: Session, families: list[str]) -> dict[str, datetime]:
    """Return when each family began."""
    rows = db.exec(
        select(OAuthToken.family, func.min(OAuthToken.issued_at))
        .where(col(OAuthToken.family).in_(families))
        .group_by(OAuthToken.family)
    )
    return dict(rows.all())


def belongs_to(db: Session, *, family: str, member_id: int) -> bool:
    """Tell whether a family speaks for this person."""
    wanted = select(OAuthToken.id).where(
        OAuthToken.family == family, OAuthToken.member_id == member_id
    )
    return db.exec(wanted.limit(1)).first() is not None


def revoke_family(db: Session, family: str, *, now: datetime) -> None:
    """Revoke every token that grew from one sign-in of one client.

    The rows are locked first and changed by a second statement, so that the successor which a
    refresh is just writing is seen as well.
    """
    db.exec(select(OAuthToken.id).where(OAuthToken.family == family).with_for_update()).all()
    _revoke(db, col(OAuthToken.family) == family, now=now)


def revoke_of_client(db: Session, client_id: int, *, now: datetime) -> None:
    """Revoke every token of one client."""
    _revoke(db, col(OAuthToken.client_id) == client_id, now=now)


def _revoke(db: Session, these: ColumnElement[bool], *, now: datetime) -> None:
    db.execute(
        update(OAuthToken).where(these, col(OAuthToken.revoked_at).is_(None)).values(revoked_at=now)
    )
