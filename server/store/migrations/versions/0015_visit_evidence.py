"""What the nightly look at visits needs: network, device, engagement, and the networks' keys."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

EVIDENCE = ("network_even", "network_odd", "device", "engaged")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "network_key",
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("began"),
    )
    bytes_ = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    op.execute(f"ALTER TABLE visit ADD COLUMN network_even {bytes_}")
    op.execute(f"ALTER TABLE visit ADD COLUMN network_odd {bytes_}")
    op.execute("ALTER TABLE visit ADD COLUMN device VARCHAR(40)")
    op.execute(
        "ALTER TABLE visit ADD COLUMN engaged BOOLEAN"
        " CONSTRAINT forgotten_visits_keep_no_evidence CHECK (visitor_key IS NOT NULL"
        " OR (network_even IS NULL AND network_odd IS NULL AND device IS NULL AND engaged IS NULL))"
    )
    op.create_index(
        "visit_with_evidence",
        "visit",
        ["clicked_at"],
        sqlite_where=sa.text("device IS NOT NULL"),
        postgresql_where=sa.text("device IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("visit_with_evidence", "visit")
    for column in reversed(EVIDENCE):  # the last one carries the constraint
        op.execute(f"ALTER TABLE visit DROP COLUMN {column}")
    op.drop_table("network_key")
