"""Members can be erased, and requests of people have a clock."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("member", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "privacy_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("brand_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extended_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extension_reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('access', 'correction', 'erasure', 'restriction', 'objection', 'other')",
            name="privacy_request_kind_is_known",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'refused')", name="privacy_request_state_is_known"
        ),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name="answered_request_has_its_moment"
        ),
        sa.CheckConstraint("due_at > received_at", name="request_is_due_after_it_came"),
        sa.CheckConstraint("extended_until > due_at", name="extension_gives_more_time"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="privacy_request_to_a_brand"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="privacy_request_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "event_id", name="privacy_request_once_per_form"),
        sa.UniqueConstraint("public_id", name="privacy_request_id_is_unique"),
    )
    op.create_index("ix_privacy_request_brand_id", "privacy_request", ["brand_id"])
    op.create_index(
        "privacy_requests_by_their_end",
        "privacy_request",
        ["due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("privacy_request")
    op.drop_column("member", "erased_at")
