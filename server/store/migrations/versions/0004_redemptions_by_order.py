"""An index that finds a brand's redemptions of one order."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("redemptions_of_an_order", "redemption", ["brand_id", "order_ref", "id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("redemptions_of_an_order", "redemption")
