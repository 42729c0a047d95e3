"""An index by which the worker finds old visits that can still lead to somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index(
        "visit_not_forgotten_yet",
        "visit",
        ["clicked_at"],
        sqlite_where=sa.text("visitor_key IS NOT NULL"),
        postgresql_where=sa.text("visitor_key IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("visit_not_forgotten_yet", "visit")
