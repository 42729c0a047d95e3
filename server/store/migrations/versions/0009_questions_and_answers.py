"""Questions, what customers were asked, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "ask_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "time_parts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "value_parts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "delivered_parts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "counted_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint(
            "delivered_parts >= value_parts", name="points_came_from_what_was_given"
        ),
        sa.CheckConstraint("time_parts >= 0 AND value_parts >= 0", name="points_are_not_negative"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="ask_account_with_a_brand"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="ask_account_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "member_id", name="one_ask_account_per_customer"),
    )
    with op.batch_alter_table("ask_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_account_member_id"), ["member_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("choice_count", sa.Integer(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR published_at IS NOT NULL", name="published_question_has_its_moment"
        ),
        sa.CheckConstraint("state IN ('draft', 'live', 'ended')", name="question_state_is_known"),
        sa.CheckConstraint(
            "choice_count BETWEEN 2 AND 12", name="question_has_two_to_twelve_choices"
        ),
        sa.CheckConstraint("retention_days > 0", name="question_keeps_answers_some_days"),
        sa.CheckConstraint("version > 0", name="question_version_is_positive"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="question_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", "version", name="question_version_is_unique"),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(
            "one_draft_version_per_question",
            ["public_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.create_index(
            "one_live_version_per_question",
            ["public_id"],
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )
        batch_op.create_index("questions_of_a_brand", ["brand_id", "id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("is_coarse", sa.Boolean(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice BETWEEN 0 AND 11", name="answer_is_a_choice"),
        sa.CheckConstraint("expires_at > answered_at", name="answer_ends_after_it_begins"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="answer_has_a_consent"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="answer_of_a_member"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="answer_to_a_question"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("question_id", "member_id", name="one_answer_per_member_and_question"),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index("answers_by_their_end", ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_consent_id"), ["consent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_member_id"), ["member_id"], unique=False)

    op.create_table(
        "ask",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("is_coarse", sa.Boolean(), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column(
            "cost_parts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.String(length=10), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reply IN ('answered', 'not_now', 'never')", name="reply_to_an_ask_is_known"
        ),
        sa.CheckConstraint(
            "(reply IS NULL) = (replied_at IS NULL)", name="reply_to_an_ask_has_its_moment"
        ),
        sa.CheckConstraint("cost_parts > 0", name="every_ask_costs_something"),
        sa.ForeignKeyConstraint(["account_id"], ["ask_account.id"], name="ask_of_an_account"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="ask_of_a_member"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="ask_of_a_question"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "session", name="one_ask_per_browser_session"),
        sa.UniqueConstraint("public_id", name="ask_id_is_unique"),
    )
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.create_index("asks_of_an_account", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ask_question_id"), ["question_id"], unique=False)

    op.create_table(
        "offer_topic",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.CheckConstraint("choice BETWEEN 0 AND 11", name="topic_is_for_a_choice"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="topic_of_an_offer"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="topic_of_a_question"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("question_id", "choice", "offer_id", name="topic_once_per_answer"),
    )
    with op.batch_alter_table("offer_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_topic_offer_id"), ["offer_id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("offer_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_topic_offer_id"))

    op.drop_table("offer_topic")
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_question_id"))
        batch_op.drop_index("asks_of_an_account")

    op.drop_table("ask")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_member_id"))
        batch_op.drop_index(batch_op.f("ix_answer_consent_id"))
        batch_op.drop_index("answers_by_their_end")

    op.drop_table("answer")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index("questions_of_a_brand")
        batch_op.drop_index(
            "one_live_version_per_question",
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )
        batch_op.drop_index(
            "one_draft_version_per_question",
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )

    op.drop_table("question")
    with op.batch_alter_table("ask_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ask_account_member_id"))

    op.drop_table("ask_account")
