"""Exclusive content: items, who unlocked them, and when they were first opened."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.execute("ALTER TABLE ask_account ADD COLUMN counted_items INTEGER NOT NULL DEFAULT 0")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("ask_account", "counted_items", server_default=None)
    _create_items()
    _create_unlocks()
    op.create_table(
        "content_opening",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("unlock_id", _BIG, nullable=False),
        sa.Column("first_opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unlock_id"], ["content_unlock.id"], name="opening_of_an_unlock"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unlock_id", name="opening_once_per_unlock"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("content_opening")
    op.drop_table("content_unlock")
    op.drop_table("content_item")
    op.drop_column("ask_account", "counted_items")


def _create_items() -> None:
    op.create_table(
        "content_item",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("brand_id", _BIG, nullable=False),
        sa.Column("offer_id", _BIG, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("body", sa.String(40_000), nullable=False),
        sa.Column("file_name", sa.String(32), nullable=True),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", _BIG, nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("threshold_visits", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *_rules_of_items(),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="content_is_of_a_brand"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="content_is_in_an_offer"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="content_public_id_is_unique"),
        sa.UniqueConstraint("file_name", name="content_file_belongs_to_one_item"),
    )
    op.create_index("content_of_a_brand", "content_item", ["brand_id", "id"])
    op.create_index("content_of_an_offer", "content_item", ["offer_id", "id"])


def _rules_of_items() -> list[sa.CheckConstraint]:
    rules = {
        "content_kind_is_known": "kind IN ('markdown', 'file', 'link')",
        "content_state_is_known": "state IN ('draft', 'published', 'withdrawn')",
        "content_threshold_is_positive": "threshold_visits > 0",
        "content_file_has_its_name": "(kind = 'file') = (file_name IS NOT NULL)",
        "content_file_has_size_and_sum": (
            "(file_name IS NULL) = (size IS NULL) AND (file_name IS NULL) = (sha256 IS NULL)"
        ),
        "published_content_has_its_moment": "state <> 'published' OR published_at IS NOT NULL",
        "withdrawn_content_has_its_moment": ("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"),
    }
    return [sa.CheckConstraint(rule, name=name) for name, rule in rules.items()]


def _create_unlocks() -> None:
    op.create_table(
        "content_unlock",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("item_id", _BIG, nullable=False),
        sa.Column("participant_id", _BIG, nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reach_visits", sa.Integer(), nullable=False),
        sa.Column("needed_visits", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reach_visits >= needed_visits", name="unlock_reached_what_it_needed"),
        sa.ForeignKeyConstraint(["item_id"], ["content_item.id"], name="unlock_of_an_item"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="unlock_by_a_participant"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_content_unlock_item_id", "content_unlock", ["item_id"])
    op.create_index("unlocks_of_a_participant", "content_unlock", ["participant_id", "id"])
    op.create_index(
        "one_standing_unlock_per_participant",
        "content_unlock",
        ["participant_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("locked_at IS NULL"),
        postgresql_where=sa.text("locked_at IS NULL"),
    )
