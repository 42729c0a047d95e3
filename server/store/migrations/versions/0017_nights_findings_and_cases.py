"""Nights, findings, the cases about them, and what is said in a case."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "integrity_night",
        sa.Column("id", BIG, nullable=False),
        sa.Column("offer_id", BIG, nullable=False),
        sa.Column("night", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=100), nullable=False),
        sa.Column("examined", BIG, nullable=False),
        sa.Column("held", BIG, nullable=False),
        sa.Column("watched", BIG, nullable=False),
        sa.Column("unchecked", BIG, nullable=False),
        sa.CheckConstraint("attempts >= 0", name="attempts_are_counted_up"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="night_of_an_offer"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id", "night", name="night_once_per_offer"),
    )
    with op.batch_alter_table("integrity_night", schema=None) as batch_op:
        batch_op.create_index(
            "night_that_is_not_finished",
            ["offer_id"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "integrity_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand_id", BIG, nullable=False),
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("ground", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("ruling", sa.String(length=7), nullable=True),
        sa.Column("takes_orders", sa.Boolean(), nullable=False),
        sa.Column("reviewer_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal_ruling", sa.String(length=8), nullable=True),
        sa.Column(
            "appeal_reviewer_id",
            BIG,
            nullable=True,
        ),
        sa.Column("appeal_reason", sa.String(length=1000), nullable=False),
        sa.Column("appeal_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name="closed_case_has_its_moment"
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name="closed_case_has_its_outcome"
        ),
        sa.CheckConstraint(
            "appeal_ruling IS NULL OR (appeal_reviewer_id IS NOT NULL AND appealed_at IS NOT NULL"
            " AND appeal_decided_at IS NOT NULL AND appeal_reason <> '')",
            name="only_a_person_rules_about_an_appeal",
        ),
        sa.CheckConstraint(
            "appeal_ruling IS NULL OR appeal_ruling IN ('uphold', 'overturn')",
            name="appeal_ruling_is_known",
        ),
        sa.CheckConstraint("ground IN ('abuse')", name="integrity_case_ground_is_known"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'denied' OR (ruling IS NOT NULL AND ruling = 'deny')",
            name="only_a_person_denies",
        ),
        sa.CheckConstraint(
            "ruling IS NULL OR (reviewer_id IS NOT NULL AND decided_at IS NOT NULL"
            " AND reason <> '')",
            name="only_a_person_rules_with_a_reason",
        ),
        sa.CheckConstraint(
            "ruling IS NULL OR ruling IN ('confirm', 'release', 'deny')",
            name="integrity_case_ruling_is_known",
        ),
        sa.CheckConstraint(
            "state <> 'appealed' OR (ruling = 'deny' AND appealed_at IS NOT NULL)",
            name="only_a_denial_is_appealed",
        ),
        sa.CheckConstraint(
            "state IN ('open', 'asked', 'decided', 'appealed', 'closed')",
            name="integrity_case_state_is_known",
        ),
        sa.CheckConstraint(
            "appeal_reviewer_id IS NULL OR appeal_reviewer_id <> reviewer_id",
            name="an_appeal_goes_to_another_person",
        ),
        sa.ForeignKeyConstraint(["appeal_reviewer_id"], ["member.id"], name="appeal_decided_by"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="integrity_case_of_a_brand"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="integrity_case_about_a_participant"
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["member.id"], name="case_decided_by"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="integrity_case_id_is_unique"),
    )
    with op.batch_alter_table("integrity_case", schema=None) as batch_op:
        batch_op.create_index(
            "integrity_case_by_deadline",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.create_index(
            "integrity_cases_of_a_brand", ["brand_id", "state", "deadline_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_integrity_case_participant_id"), ["participant_id"], unique=False
        )
        batch_op.create_index(
            "one_undecided_case_per_person",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'asked')"),
            postgresql_where=sa.text("state IN ('open', 'asked')"),
        )

    op.create_table(
        "case_statement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("consent_id", BIG, nullable=True),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'question') = (consent_id IS NULL)", name="words_of_a_participant_have_consent"
        ),
        sa.CheckConstraint(
            "author_id IS NULL OR kind = 'question'", name="only_questions_name_an_author"
        ),
        sa.CheckConstraint(
            "kind IN ('question', 'answer', 'appeal')", name="statement_kind_is_known"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name="question_by_a_member"),
        sa.ForeignKeyConstraint(["case_id"], ["integrity_case.id"], name="statement_in_a_case"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="statement_has_a_consent"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "event_id", name="statement_once_per_form"),
    )
    with op.batch_alter_table("case_statement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_statement_author_id"), ["author_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_case_statement_consent_id"), ["consent_id"], unique=False
        )

    op.create_table(
        "integrity_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("participant_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("night", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing", sa.String(length=5), nullable=False),
        sa.Column("is_checked", sa.Boolean(), nullable=False),
        sa.Column("sentence", sa.String(length=200), nullable=False),
        sa.Column("anomalies", sa.JSON(), nullable=False),
        sa.Column("covers_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("covers_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR standing = 'hold'", name="only_holds_are_ended"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'denied' OR case_id IS NOT NULL",
            name="nothing_is_denied_without_a_case",
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('released', 'lapsed', 'checked', 'denied')",
            name="finding_outcome_is_known",
        ),
        sa.CheckConstraint("standing IN ('watch', 'hold')", name="finding_holds_or_watches"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name="ended_hold_has_an_outcome"
        ),
        sa.CheckConstraint("covers_from < covers_until", name="finding_covers_some_time"),
        sa.ForeignKeyConstraint(["case_id"], ["integrity_case.id"], name="finding_in_a_case"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="finding_about_a_participant"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("participant_id", "night", name="finding_once_per_person_and_night"),
    )
    with op.batch_alter_table("integrity_finding", schema=None) as batch_op:
        batch_op.create_index(
            "hold_that_has_not_ended",
            ["participant_id"],
            unique=False,
            sqlite_where=sa.text("standing = 'hold' AND ended_at IS NULL"),
            postgresql_where=sa.text("standing = 'hold' AND ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_integrity_finding_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("integrity_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integrity_finding_case_id"))
        batch_op.drop_index(
            "hold_that_has_not_ended",
            sqlite_where=sa.text("standing = 'hold' AND ended_at IS NULL"),
            postgresql_where=sa.text("standing = 'hold' AND ended_at IS NULL"),
        )

    op.drop_table("integrity_finding")
    with op.batch_alter_table("case_statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_statement_consent_id"))
        batch_op.drop_index(batch_op.f("ix_case_statement_author_id"))

    op.drop_table("case_statement")
    with op.batch_alter_table("integrity_case", schema=None) as batch_op:
        batch_op.drop_index(
            "one_undecided_case_per_person",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.drop_index(batch_op.f("ix_integrity_case_participant_id"))
        batch_op.drop_index("integrity_cases_of_a_brand")
        batch_op.drop_index(
            "integrity_case_by_deadline",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    op.drop_table("integrity_case")
    with op.batch_alter_table("integrity_night", schema=None) as batch_op:
        batch_op.drop_index(
            "night_that_is_not_finished",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.drop_table("integrity_night")
