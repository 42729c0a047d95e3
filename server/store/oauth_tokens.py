"""Authorization codes and tokens.  All of them are kept as SHA-256 only."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


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


def find_by_access(db: Session, access_hash: str) -> OAuthToken | None:
    """Return the token row whose access token has this hash."""
    return db.exec(select(OAuthToken).where(OAuthToken.access_hash == access_hash)).first()


def find_by_refresh(db: Session, refresh_hash: str) -> OAuthToken | None:
    """Return the token row whose refresh token has this hash."""
    return db.exec(select(OAuthToken).where(OAuthToken.refresh_hash == refresh_hash)).first()


def revoke_family(db: Session, family: str, *, now: datetime) -> None:
    """Revoke every token that grew from one sign-in of one client."""
    db.execute(
        update(OAuthToken)
        .where(col(OAuthToken.family) == family, col(OAuthToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
