"""Programs that may ask for tokens: the extension, and the back ends of partners."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class OAuthClient(SQLModel, table=True):
    """One client.  A public one (the extension) has no secret, a partner's belongs to a brand."""

    __tablename__ = "oauth_client"
    __table_args__ = (
        UniqueConstraint("client_id", name="client_id_is_unique"),
        CheckConstraint(
            "(secret_hash IS NULL) = (brand_id IS NULL)", name="partner_has_a_secret_and_a_brand"
        ),
    )

    id: int | None = id_column()
    client_id: str = Field(max_length=48)
    title: str = Field(max_length=80)
    brand_id: int | None = reference(
        "brand.id", name="client_of_a_brand", index=True, optional=True
    )
    secret_hash: str | None = Field(default=None, max_length=64)
    scope: str = Field(max_length=255)
    redirect_uris: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(optional=True)


def find(db: Session, client_id: str) -> OAuthClient | None:
    """Return the client that calls itself so."""
    return db.exec(select(OAuthClient).where(OAuthClient.client_id == client_id)).first()


def lock(db: Session, client_id: str) -> OAuthClient | None:
    """Return the client that calls itself so; nobody else changes it meanwhile."""
    wanted = select(OAuthClient).where(OAuthClient.client_id == client_id)
    return db.exec(wanted.with_for_update()).first()


def of_brand(db: Session, brand_id: int) -> list[OAuthClient]:
    """Return the partner clients of a brand, oldest first."""
    return list(
        db.exec(
            select(OAuthClient)
            .where(OAuthClient.brand_id == brand_id)
            .order_by(col(OAuthClient.id))
        )
    )
