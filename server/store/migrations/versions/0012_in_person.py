"""In person: keys of devices, and the codes that they signed."""

import sqlalchemy as sa
from alembic import op

from server.store.columns import BIG, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "device_key",
        sa.Column("id", BIG, primary_key=True),
        sa.Column(
            "member_id",
            BIG,
            sa.ForeignKey("member.id", name="device_key_of_a_member"),
            nullable=False,
        ),
        sa.Column("kid", sa.String(22), nullable=False),
        sa.Column("public_jwk", sa.String(300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("kid", name="device_key_has_one_owner"),
    )
    op.create_index("ix_device_key_member_id", "device_key", ["member_id"])
    op.create_table(
        "spoken_code",
        sa.Column("id", BIG, primary_key=True),
        _reference("device_key", name="spoken_code_by_a_device"),
        _reference("share", name="spoken_code_of_a_share"),
        sa.Column("nonce", sa.String(16), nullable=False),
        sa.Column("spoken", sa.String(12), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("device_key_id", "nonce", name="spoken_code_is_told_once"),
        sa.UniqueConstraint("spoken", name="spoken_code_means_one_code"),
    )
    op.create_index("ix_spoken_code_share_id", "spoken_code", ["share_id"])
    op.create_table(
        "meeting",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        _reference("device_key", name="meeting_by_a_device"),
        _reference("share", name="meeting_of_a_share"),
        sa.Column("nonce", sa.String(16), nullable=False),
        _reference("member", name="meeting_with_a_friend", column="friend_id"),
        _reference("consent", name="meeting_has_a_consent"),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("public_id", name="meeting_id_is_unique"),
        sa.UniqueConstraint("device_key_id", "nonce", name="meeting_uses_its_nonce_once"),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name="meeting_is_decided_at_a_moment"
        ),
    )
    for column in ("share_id", "friend_id"):
        op.create_index(f"ix_meeting_{column}", "meeting", [column])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("meeting")
    op.drop_table("spoken_code")
    op.drop_table("device_key")


def _reference(table: str, *, name: str, column: str = "") -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id", name=name)
    return sa.Column(column or f"{table}_id", BIG, key, nullable=False)
