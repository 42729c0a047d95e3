"""Stripe and cases: accounts, codes, events and payments there; held matters."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "stripe_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_ref", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("is_live_mode", sa.Boolean(), nullable=False),
        sa.Column("sealed_key", sa.String(length=1000), nullable=True),
        sa.Column("sealed_hook_secret", sa.String(length=1000), nullable=True),
        sa.Column("hook_ref", sa.String(length=100), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaving_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disconnected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disconnected_why", sa.String(length=20), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconcile_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("how IN ('connect', 'key')", name="stripe_account_way_is_known"),
        sa.CheckConstraint(
            "(disconnected_at IS NULL) = (disconnected_why IS NULL)",
            name="disconnected_account_says_why",
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="stripe_account_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "account_ref", name="stripe_account_once_per_brand"),
        sa.UniqueConstraint("public_id", name="stripe_account_id_is_unique"),
    )
    with op.batch_alter_table("stripe_account", schema=None) as batch_op:
        batch_op.create_index(
            "one_brand_per_live_stripe_account",
            ["account_ref"],
            unique=True,
            sqlite_where=sa.text("disconnected_at IS NULL"),
            postgresql_where=sa.text("disconnected_at IS NULL"),
        )
        batch_op.create_index(
            "one_live_stripe_account_per_brand",
            ["brand_id"],
            unique=True,
            sqlite_where=sa.text("disconnected_at IS NULL"),
            postgresql_where=sa.text("disconnected_at IS NULL"),
        )

    op.create_table(
        "stripe_coupon",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("coupon_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("rate_basis_points", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(value_minor IS NULL) <> (rate_basis_points IS NULL)",
            name="coupon_is_an_amount_or_a_share",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["stripe_account.id"], name="coupon_of_an_account"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "coupon_ref", name="one_coupon_per_value"),
    )
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("event_ref", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("payment_ref", sa.String(length=100), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_fetched", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'ignored')", name="stripe_event_state_is_known"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["stripe_account.id"], name="event_of_an_account"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "event_ref", name="stripe_event_once_per_account"),
    )
    with op.batch_alter_table("stripe_event", schema=None) as batch_op:
        batch_op.create_index(
            "stripe_events_of_a_payment", ["account_id", "payment_ref"], unique=False
        )

    op.create_table(
        "stripe_reconciliation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.CheckConstraint("finished_at >= began_at", name="reconciliation_ends_after_it_begins"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["stripe_account.id"], name="reconciliation_of_an_account"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("stripe_reconciliation", schema=None) as batch_op:
        batch_op.create_index("reconciliations_of_an_account", ["account_id", "id"], unique=False)

    op.create_table(
        "stripe_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("heard_generation", sa.Integer(), nullable=False),
        sa.Column("promotion_ref", sa.String(length=100), nullable=True),
        sa.Column("coupon_ref", sa.String(length=100), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(length=200), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["stripe_account.id"], name="mirror_at_an_account"),
        sa.ForeignKeyConstraint(["code_id"], ["discount_code.id"], name="mirror_of_a_code"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "code_id", name="one_mirror_per_code_and_account"),
        sa.UniqueConstraint("account_id", "promotion_ref", name="promotion_code_is_of_one_code"),
    )
    with op.batch_alter_table("stripe_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stripe_code_code_id"), ["code_id"], unique=False)

    op.create_table(
        "review_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "conversion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND outcome IS NOT NULL)",
            name="closed_case_has_an_outcome",
        ),
        sa.CheckConstraint("kind IN ('dispute')", name="case_kind_is_known"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="case_state_is_known"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="case_of_a_brand"),
        sa.ForeignKeyConstraint(
            ["conversion_id"], ["conversion.id"], name="case_about_a_conversion"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "kind", "source_ref", name="case_once_per_source"),
        sa.UniqueConstraint("public_id", name="case_id_is_unique"),
    )
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_review_case_conversion_id"), ["conversion_id"], unique=False
        )

    op.create_table(
        "stripe_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("session_ref", sa.String(length=255), nullable=False),
        sa.Column("payment_ref", sa.String(length=100), nullable=True),
        sa.Column(
            "paid_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "conversion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "redemption_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "refunded_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "lost_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "reversed_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("difference", sa.String(length=200), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("paid_minor >= 0", name="payment_is_not_negative"),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND lost_minor >= 0 AND reversed_minor >= 0",
            name="payment_sums_are_not_negative",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["stripe_account.id"], name="payment_at_an_account"
        ),
        sa.ForeignKeyConstraint(
            ["conversion_id"], ["conversion.id"], name="payment_of_a_conversion"
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name="payment_with_a_redemption"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "payment_ref", name="one_checkout_per_payment"),
        sa.UniqueConstraint("account_id", "session_ref", name="one_payment_per_checkout"),
    )
    with op.batch_alter_table("stripe_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stripe_payment_conversion_id"), ["conversion_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stripe_payment_redemption_id"), ["redemption_id"], unique=False
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("stripe_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stripe_payment_redemption_id"))
        batch_op.drop_index(batch_op.f("ix_stripe_payment_conversion_id"))

    op.drop_table("stripe_payment")
    with op.batch_alter_table("review_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_case_conversion_id"))

    op.drop_table("review_case")
    with op.batch_alter_table("stripe_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stripe_code_code_id"))

    op.drop_table("stripe_code")
    with op.batch_alter_table("stripe_reconciliation", schema=None) as batch_op:
        batch_op.drop_index("reconciliations_of_an_account")

    op.drop_table("stripe_reconciliation")
    with op.batch_alter_table("stripe_event", schema=None) as batch_op:
        batch_op.drop_index("stripe_events_of_a_payment")

    op.drop_table("stripe_event")
    op.drop_table("stripe_coupon")
    with op.batch_alter_table("stripe_account", schema=None) as batch_op:
        batch_op.drop_index(
            "one_live_stripe_account_per_brand",
            sqlite_where=sa.text("disconnected_at IS NULL"),
            postgresql_where=sa.text("disconnected_at IS NULL"),
        )
        batch_op.drop_index(
            "one_brand_per_live_stripe_account",
            sqlite_where=sa.text("disconnected_at IS NULL"),
            postgresql_where=sa.text("disconnected_at IS NULL"),
        )

    op.drop_table("stripe_account")
