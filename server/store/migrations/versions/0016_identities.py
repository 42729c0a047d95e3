"""Keyed hashes by which buyers are known, under keys that go; they replace the lasting one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KNOWN = "kind IN ('buyer', 'stripe_buyer', 'payment', 'delivery')"


def upgrade() -> None:
    """Apply the change; the hashes so far were all under one key, and are not carried over."""
    op.create_table(
        "identity_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("brand_id", BIG, nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="identity_key_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "period", name="identity_key_once_per_period"),
    )
    op.create_table(
        "own_identity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key_id", BIG, nullable=False),
        sa.Column("member_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KNOWN, name="own_identity_kind_is_known"),
        sa.ForeignKeyConstraint(["key_id"], ["identity_key.id"], name="own_identity_under_a_key"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="own_identity_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("member_id", "hash", name="own_identity_once_per_person"),
    )
    op.create_index("ix_own_identity_key_id", "own_identity", ["key_id"])
    op.create_index("own_identities_by_hash", "own_identity", ["hash"])
    op.create_table(
        "order_identity",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key_id", BIG, nullable=False),
        sa.Column("conversion_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(KNOWN, name="order_identity_kind_is_known"),
        sa.ForeignKeyConstraint(
            ["conversion_id"], ["conversion.id"], name="order_identity_of_an_order"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["identity_key.id"], name="order_identity_under_a_key"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversion_id", "hash", name="order_identity_once_per_order"),
    )
    op.create_index("ix_order_identity_key_id", "order_identity", ["key_id"])
    op.create_index("order_identities_by_hash", "order_identity", ["hash"])
    with op.batch_alter_table("conversion") as batch_op:
        batch_op.drop_index("conversion_by_buyer")
        batch_op.drop_column("buyer_hash")
    op.execute("UPDATE conversion SET reason = 'own_order' WHERE reason = 'ancestor_order'")


def downgrade() -> None:
    """Take the change back, without the hashes."""
    with op.batch_alter_table("conversion") as batch_op:
        batch_op.add_column(sa.Column("buyer_hash", sa.String(length=64), nullable=True))
        batch_op.create_index("conversion_by_buyer", ["offer_id", "buyer_hash"], unique=False)
    op.drop_table("order_identity")
    op.drop_table("own_identity")
    op.drop_table("identity_key")
