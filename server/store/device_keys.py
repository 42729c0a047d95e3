"""Keys with which a member's devices sign codes, without asking us."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store.columns import id_column, moment, reference


class DeviceKey(SQLModel, table=True):
    """One public key of one device; the private one never leaves it.

    Only ``revoked_at`` is ever written later.
    """

    __tablename__ = "device_key"
    __table_args__ = (UniqueConstraint("kid", name="device_key_has_one_owner"),)

    id: int | None = id_column()
    member_id: int = reference("member.id", name="device_key_of_a_member", index=True)
    kid: str = Field(max_length=22)
    public_jwk: str = Field(max_length=300)
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(optional=True)


def find(db: Session, kid: str) -> DeviceKey | None:
    """Return the key that signs under this name."""
    return db.exec(select(DeviceKey).where(DeviceKey.kid == kid)).first()


def lock(db: Session, kid: str) -> DeviceKey | None:
    """Return the key that signs under this name, and let its codes be taken one by one."""
    wanted = select(DeviceKey).where(DeviceKey.kid == kid).with_for_update()
    return db.exec(wanted.execution_options(populate_existing=True)).first()


def of_member(db: Session, member_id: int) -> list[DeviceKey]:
    """Return a member's keys that still sign, newest first."""
    wanted = select(DeviceKey).where(
        DeviceKey.member_id == member_id, col(DeviceKey.revoked_at).is_(None)
    )
    return list(db.exec(wanted.order_by(col(DeviceKey.id).desc())))


def revoke(db: Session, *, member_id: int, kid: str, now: datetime) -> bool:
    """End a member's key; return whether it was still alive."""
    ended = db.execute(
        update(DeviceKey)
        .where(
            col(DeviceKey.kid) == kid,
            col(DeviceKey.member_id) == member_id,
            col(DeviceKey.revoked_at).is_(None),
        )
        .values(revoked_at=now)
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]
