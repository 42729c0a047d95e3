"""Exports: everything about a person as one file."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "data_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("archive", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'ready', 'failed')", name="export_state_is_known"
        ),
        sa.CheckConstraint("step BETWEEN 0 AND steps", name="export_step_is_one_of_its_steps"),
        sa.CheckConstraint(
            "state <> 'ready' OR (step = steps AND archive IS NOT NULL AND size IS NOT NULL"
            " AND sha256 IS NOT NULL AND ready_at IS NOT NULL)",
            name="ready_export_is_whole",
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="export_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="export_id_is_unique"),
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index("exports_by_their_end", ["expires_at"], unique=False)
        batch_op.create_index("exports_of_a_member", ["member_id", "id"], unique=False)
        batch_op.create_index(
            "one_live_export_per_member",
            ["member_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("data_export")
