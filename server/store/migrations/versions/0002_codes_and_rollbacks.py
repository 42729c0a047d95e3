"""Percentage and personal codes, and redemptions that can be rolled back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change.

    SQLite rebuilds a table to give it a constraint, and must not do so with one that others refer
    to; there the constraint comes with the column.
    """
    _add("offer", "code_rate_basis_points", "INTEGER", "offer_code_rate_is_a_share", _is_share)
    _add(
        "offer",
        "code_min_order_minor",
        "BIGINT NOT NULL DEFAULT 0",
        "offer_code_minimum_is_not_negative",
        lambda name: f"{name} >= 0",
    )
    _add("discount_code", "rate_basis_points", "INTEGER", "code_rate_is_a_share", _is_share)
    _add(
        "discount_code",
        "left_minor",
        "BIGINT NOT NULL DEFAULT 0",
        "code_gives_at_most_its_value",
        lambda name: f"{name} BETWEEN 0 AND value_minor",
    )
    _add(
        "discount_code",
        "min_order_minor",
        "BIGINT NOT NULL DEFAULT 0",
        "code_minimum_is_not_negative",
        lambda name: f"{name} >= 0",
    )
    op.add_column("discount_code", sa.Column("holder_hash", sa.String(length=64), nullable=True))
    op.execute("UPDATE discount_code SET left_minor = value_minor")
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (
            ("offer", "code_min_order_minor"),
            ("discount_code", "left_minor"),
            ("discount_code", "min_order_minor"),
        ):
            op.alter_column(table, column, server_default=None)
    _redemptions()
    op.create_table(
        "rollback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("redemption_id", BIG, nullable=False),
        sa.Column("rollback_ref", sa.String(length=100), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("code_state", sa.String(length=10), nullable=False),
        sa.Column("rolled_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="rollback_is_positive"),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.id"], name="rollback_of_a_redemption"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("redemption_id", "rollback_ref", name="rollback_once_per_redemption"),
    )


def _redemptions() -> None:
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_constraint("redemption_once_per_code", type_="unique")
        batch_op.alter_column("client_id", existing_type=BIG, nullable=True)
        batch_op.add_column(sa.Column("brand_id", BIG, nullable=True))
        batch_op.add_column(sa.Column("rolled_back_minor", BIG, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE redemption SET brand_id = (SELECT brand_id FROM discount_code"
        " WHERE discount_code.id = redemption.code_id)"
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.alter_column("brand_id", existing_type=BIG, nullable=False)
        batch_op.alter_column(
            "rolled_back_minor", existing_type=BIG, existing_nullable=False, server_default=None
        )
        batch_op.create_foreign_key("redemption_at_a_brand", "brand", ["brand_id"], ["id"])
        batch_op.create_unique_constraint(
            "redemption_once_per_order", ["code_id", "client_id", "order_ref"]
        )
        batch_op.create_check_constraint(
            "rollbacks_within_the_redemption", "rolled_back_minor BETWEEN 0 AND value_minor"
        )
        batch_op.create_check_constraint(
            "redemption_ends_when_nothing_is_left",
            "(ended_at IS NULL) = (rolled_back_minor < value_minor)",
        )
        batch_op.create_index("redemptions_of_a_brand", ["brand_id", "id"])
    op.create_index(
        "one_live_redemption_per_code",
        "redemption",
        ["code_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "one_redemption_per_order_without_a_partner",
        "redemption",
        ["code_id", "order_ref"],
        unique=True,
        sqlite_where=sa.text("client_id IS NULL"),
        postgresql_where=sa.text("client_id IS NULL"),
    )


def _is_share(name: str) -> str:
    return f"{name} BETWEEN 1 AND 10000"


def _add(table: str, column: str, kind: str, constraint: str, condition: object) -> None:
    """Add a column with its named constraint in one statement, which both databases know."""
    assert callable(condition)
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} {_kind(kind)}"
        f" CONSTRAINT {constraint} CHECK ({condition(column)})"
    )


def _kind(kind: str) -> str:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return kind.replace("BIGINT", "INTEGER") if is_sqlite else kind


def downgrade() -> None:
    """Take the change back; what it kept is lost."""
    op.drop_table("rollback")
    op.drop_index("one_redemption_per_order_without_a_partner", "redemption")
    op.drop_index("one_live_redemption_per_code", "redemption")
    op.execute("DELETE FROM redemption WHERE ended_at IS NOT NULL OR client_id IS NULL")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index("redemptions_of_a_brand")
        batch_op.drop_constraint("redemption_ends_when_nothing_is_left", type_="check")
        batch_op.drop_constraint("rollbacks_within_the_redemption", type_="check")
        batch_op.drop_constraint("redemption_once_per_order", type_="unique")
        batch_op.drop_constraint("redemption_at_a_brand", type_="foreignkey")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("rolled_back_minor")
        batch_op.drop_column("brand_id")
        batch_op.alter_column("client_id", existing_type=BIG, nullable=False)
        batch_op.create_unique_constraint("redemption_once_per_code", ["code_id"])
    for table, column in (
        ("discount_code", "holder_hash"),
        ("discount_code", "min_order_minor"),
        ("discount_code", "left_minor"),
        ("discount_code", "rate_basis_points"),
        ("offer", "code_min_order_minor"),
        ("offer", "code_rate_basis_points"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
