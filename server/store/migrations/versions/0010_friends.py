"""Friends: an offer may lead to a card first, and a visit may lose its key."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.execute(
        "ALTER TABLE offer ADD COLUMN landing VARCHAR(4) NOT NULL DEFAULT 'page'"
        " CONSTRAINT offer_landing_is_known CHECK (landing IN ('page', 'card'))"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("offer", "landing", server_default=None)
        op.alter_column("visit", "visitor_key", existing_type=sa.LargeBinary(), nullable=True)
    else:
        _make_the_key_anew("BLOB")
    for table in ("conversion", "referral"):
        op.create_index(f"ix_{table}_visit_id", table, ["visit_id"])


def downgrade() -> None:
    """Take the change back; visits whose visitors were forgotten get a key that means nothing."""
    for table in ("conversion", "referral"):
        op.drop_index(f"ix_{table}_visit_id", table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "UPDATE visit SET visitor_key = decode(md5(token), 'hex') WHERE visitor_key IS NULL"
        )
        op.alter_column("visit", "visitor_key", existing_type=sa.LargeBinary(), nullable=False)
    else:
        op.execute("UPDATE visit SET visitor_key = randomblob(16) WHERE visitor_key IS NULL")
        _make_the_key_anew("BLOB NOT NULL DEFAULT x'00'")
    op.execute("ALTER TABLE offer DROP COLUMN landing")


def _make_the_key_anew(kind: str) -> None:
    """Replace a column of SQLite, which rebuilds a whole table to change one.

    Others refer to the table, so it must stay.
    """
    op.drop_index("visitor_counts_once_per_offer", "visit")
    op.drop_index("visit_by_visitor", "visit")
    op.execute(f"ALTER TABLE visit ADD COLUMN new_key {kind}")
    op.execute("UPDATE visit SET new_key = visitor_key")
    op.execute("ALTER TABLE visit DROP COLUMN visitor_key")
    op.execute("ALTER TABLE visit RENAME COLUMN new_key TO visitor_key")
    op.create_index(
        "visitor_counts_once_per_offer",
        "visit",
        ["offer_id", "visitor_key"],
        unique=True,
        sqlite_where=sa.text("outcome = 'counted'"),
    )
    op.create_index("visit_by_visitor", "visit", ["offer_id", "visitor_key", "clicked_at"])
