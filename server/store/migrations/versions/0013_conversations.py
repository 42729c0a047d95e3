"""Conversations of customers with brands, and what was said in them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "conversation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("brand_id", BIG, nullable=False),
        sa.Column("share_id", BIG, nullable=True),
        sa.Column("consent_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("shown_as", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_from", sa.String(length=6), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_by", sa.String(length=6), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("member_read", sa.Integer(), nullable=False),
        sa.Column("brand_read", sa.Integer(), nullable=False),
        sa.Column("member_unread", sa.Integer(), nullable=False),
        sa.Column("brand_unread", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('question', 'complaint', 'review')", name="conversation_kind_is_known"
        ),
        sa.CheckConstraint("state IN ('open', 'solved')", name="conversation_state_is_known"),
        sa.CheckConstraint("last_from IN ('member', 'brand')", name="last_word_is_of_a_side"),
        sa.CheckConstraint(
            "(state = 'solved') = (solved_at IS NOT NULL)",
            name="solved_conversation_has_its_moment",
        ),
        sa.CheckConstraint(
            "(state = 'solved') = (solved_by <> '')", name="solved_conversation_has_its_side"
        ),
        sa.CheckConstraint(
            "member_unread >= 0 AND brand_unread >= 0", name="unread_is_never_below_nothing"
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="conversation_with_a_brand"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="conversation_has_a_consent"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="conversation_of_a_member"),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="conversation_about_a_share"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "event_id", name="conversation_once_per_form"),
        sa.UniqueConstraint("public_id", name="conversation_id_is_unique"),
    )
    op.create_index("ix_conversation_consent_id", "conversation", ["consent_id"])
    op.create_index("ix_conversation_share_id", "conversation", ["share_id"])
    op.create_index(
        "conversations_of_a_brand", "conversation", ["brand_id", "state", "last_message_at"]
    )
    for side in ("member", "brand"):
        op.create_index(
            f"conversations_that_a_{side}_reads",
            "conversation",
            [f"{side}_id"],
            sqlite_where=sa.text(f"{side}_unread > 0"),
            postgresql_where=sa.text(f"{side}_unread > 0"),
        )
    op.create_table(
        "message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("consent_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("side", sa.String(length=6), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_role", sa.String(length=10), nullable=False),
        sa.Column("shown_as", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=4000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('member', 'brand')", name="message_side_is_known"),
        sa.CheckConstraint(
            "side = 'brand' OR (author_id IS NULL AND author_role = '')",
            name="only_brands_have_authors",
        ),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 4000", name="message_says_something_short"),
        sa.CheckConstraint("number > 0", name="messages_count_from_one"),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name="message_by_an_author"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="message_has_a_consent"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="message_in_a_conversation"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_id", "event_id", name="message_once_per_form"),
        sa.UniqueConstraint("conversation_id", "number", name="message_number_is_unique"),
    )
    op.create_index("ix_message_author_id", "message", ["author_id"])
    op.create_index("ix_message_consent_id", "message", ["consent_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("message")
    op.drop_table("conversation")
