"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""

    op.create_table(
        "brand",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name="brand_currency_is_iso_4217"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name="brand_slug_is_unique"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer", "subject", name="member_identity_is_unique"),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "outbox_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "visitor_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="audit_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_brand_id"), ["brand_id"], unique=False)

    op.create_table(
        "brand_domain",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="domain_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("host", name="domain_belongs_to_one_brand"),
    )
    with op.batch_alter_table("brand_domain", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_brand_domain_brand_id"), ["brand_id"], unique=False)

    op.create_table(
        "browser_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="session_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="session_token_is_unique"),
    )
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_browser_session_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="consent_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="consent_id_is_unique"),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_member_id"), ["member_id"], unique=False)

    op.create_table(
        "oauth_client",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(secret_hash IS NULL) = (brand_id IS NULL)", name="partner_has_a_secret_and_a_brand"
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="client_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", name="client_id_is_unique"),
    )
    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_client_brand_id"), ["brand_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("page_url", sa.String(length=500), nullable=False),
        sa.Column("share_text", sa.String(length=280), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column(
            "budget_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pot", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("vest", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debt", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status = 'draft' OR published_at IS NOT NULL", name="published_offer_has_its_moment"
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'ended')", name="offer_status_is_known"
        ),
        sa.CheckConstraint("budget_minor >= 0", name="offer_budget_is_not_negative"),
        sa.CheckConstraint("debt >= 0", name="debt_is_not_negative"),
        sa.CheckConstraint(
            "pot + debt <= budget_minor * 10000", name="liability_within_the_budget"
        ),
        sa.CheckConstraint("vest <= pot AND vest >= 0", name="vested_is_part_of_the_pot"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="offer_of_a_brand"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="offer_public_id_is_unique"),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_brand_id"), ["brand_id"], unique=False)

    op.create_table(
        "team_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'manager', 'reviewer', 'analyst')", name="role_is_known"
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="team_of_a_brand"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="team_member_is_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "member_id", name="one_role_per_member_and_brand"),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_member_id"), ["member_id"], unique=False)

    op.create_table(
        "answered_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_client.id"], name="request_by_a_partner"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", "key", name="idempotency_key_once_per_partner"),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debit", sa.String(length=40), nullable=False),
        sa.Column("credit", sa.String(length=40), nullable=False),
        sa.Column(
            "amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("undoes", sa.String(length=160), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="transfer_is_positive"),
        sa.CheckConstraint("debit <> credit", name="transfer_has_two_accounts"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="transfer_in_an_offer"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.create_index("ledger_of_an_offer", ["offer_id", "id"], unique=False)

    op.create_table(
        "oauth_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("redirect_uri", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("family", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_client.id"], name="code_of_a_client"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="code_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash", name="authorization_code_is_unique"),
    )
    with op.batch_alter_table("oauth_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_code_member_id"), ["member_id"], unique=False)

    op.create_table(
        "oauth_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("access_hash", sa.String(length=64), nullable=False),
        sa.Column("refresh_hash", sa.String(length=64), nullable=True),
        sa.Column("family", sa.String(length=36), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_client.id"], name="token_of_a_client"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="token_of_a_member"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("access_hash", name="access_token_is_unique"),
        sa.UniqueConstraint("refresh_hash", name="refresh_token_is_unique"),
    )
    with op.batch_alter_table("oauth_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oauth_token_family"), ["family"], unique=False)
        batch_op.create_index(batch_op.f("ix_oauth_token_member_id"), ["member_id"], unique=False)

    op.create_table(
        "participant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "pot_value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "pot_orders", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "pot_visits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "pot_credit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "pot_branch_credit",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "pot_children_reward",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "vest_value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "vest_orders", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "vest_visits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "vest_credit", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "vest_branch_credit",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "vest_children_reward",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("reach", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "granted_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "redeemed_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.CheckConstraint("(parent_id IS NULL) = (depth = 0)", name="only_roots_have_no_parent"),
        sa.CheckConstraint("depth BETWEEN 0 AND 64", name="depth_is_at_most_64"),
        sa.CheckConstraint(
            "redeemed_minor BETWEEN 0 AND granted_minor", name="redeemed_is_part_of_granted"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="participant_is_a_member"),
        sa.ForeignKeyConstraint(
            ["offer_id", "parent_id"],
            ["participant.offer_id", "participant.id"],
            name="parent_is_in_the_same_offer",
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="participant_of_an_offer"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id", "id", name="participant_in_its_offer"),
        sa.UniqueConstraint("offer_id", "member_id", name="participant_once_per_offer"),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_participant_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "discount_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "participant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=1000), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('issued', 'reserved', 'redeemed', 'expired', 'revoked')",
            name="code_state_is_known",
        ),
        sa.CheckConstraint("expires_at > issued_at", name="code_ends_after_it_begins"),
        sa.CheckConstraint("value_minor > 0", name="code_value_is_positive"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="code_of_a_brand"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="code_of_an_offer"),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name="code_granted_to"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name="discount_code_is_unique"),
        sa.UniqueConstraint("participant_id", "event_id", name="code_once_per_event"),
    )
    with op.batch_alter_table("discount_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_discount_code_brand_id"), ["brand_id"], unique=False)

    op.create_table(
        "share",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "participant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("shown_as", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code) = 10", name="link_code_has_ten_characters"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="share_has_a_consent"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name="share_by_a_member"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="share_of_an_offer"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="share_by_a_participant"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name="link_code_is_unique"),
        sa.UniqueConstraint("member_id", "event_id", name="share_once_per_event"),
    )
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_share_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "click_count",
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("clicks", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="clicks_of_a_share"),
        sa.PrimaryKeyConstraint("share_id", "day", "reason"),
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "order_total_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.id"], name="reservation_by_a_partner"
        ),
        sa.ForeignKeyConstraint(["code_id"], ["discount_code.id"], name="reservation_of_a_code"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id", name="reservation_id_is_unique"),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index(
            "one_live_per_code",
            ["code_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visitor_key", sa.LargeBinary(), nullable=False),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=True),
        sa.Column("nonce_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("friend_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("credited", sa.Boolean(), nullable=False),
        sa.Column("vests_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "vested_at IS NULL OR outcome = 'counted'", name="only_counted_visits_vest"
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR verified_at IS NOT NULL", name="only_verified_visits_are_decided"
        ),
        sa.ForeignKeyConstraint(["friend_id"], ["member.id"], name="visit_by_a_member"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="visit_of_an_offer"),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="visit_of_a_share"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token", name="visit_token_is_unique"),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_friend_id"), ["friend_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_share_id"), ["share_id"], unique=False)
        batch_op.create_index(
            "visit_by_visitor", ["offer_id", "visitor_key", "clicked_at"], unique=False
        )
        batch_op.create_index(
            "visit_waiting_for_the_worker",
            ["verified_at"],
            unique=False,
            sqlite_where=sa.text("outcome IS NULL AND verified_at IS NOT NULL"),
            postgresql_where=sa.text("outcome IS NULL AND verified_at IS NOT NULL"),
        )
        batch_op.create_index(
            "visit_waiting_to_vest",
            ["vests_at"],
            unique=False,
            sqlite_where=sa.text("vested_at IS NULL AND vests_at IS NOT NULL"),
            postgresql_where=sa.text("vested_at IS NULL AND vests_at IS NOT NULL"),
        )
        batch_op.create_index(
            "visitor_counts_once_per_offer",
            ["offer_id", "visitor_key"],
            unique=True,
            sqlite_where=sa.text("outcome = 'counted'"),
            postgresql_where=sa.text("outcome = 'counted'"),
        )

    op.create_table(
        "conversion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_ref", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "net_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "participant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("buyer_hash", sa.String(length=64), nullable=True),
        sa.Column("weight_basis_points", sa.Integer(), nullable=False),
        sa.Column(
            "admitted_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "credited_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "refunded_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vests_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vested_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "credited_minor = 0 OR participant_id IS NOT NULL", name="credit_has_a_participant"
        ),
        sa.CheckConstraint(
            "credited_minor BETWEEN 0 AND net_minor", name="credit_within_the_order"
        ),
        sa.CheckConstraint("net_minor > 0", name="order_value_is_positive"),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND net_minor", name="refunds_within_the_order"
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name="conversion_of_a_brand"),
        sa.ForeignKeyConstraint(["buyer_id"], ["member.id"], name="conversion_bought_by"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="conversion_of_an_offer"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="conversion_earned_by"
        ),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="conversion_by_a_share"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="conversion_after_a_visit"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "order_ref", name="order_once_per_brand"),
        sa.UniqueConstraint("public_id", name="conversion_id_is_unique"),
    )
    with op.batch_alter_table("conversion", schema=None) as batch_op:
        batch_op.create_index("conversion_by_buyer", ["offer_id", "buyer_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversion_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversion_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conversion_participant_id"), ["participant_id"], unique=False
        )

    op.create_table(
        "redemption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "reservation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("order_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "order_total_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "value_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value_minor > 0", name="redemption_value_is_positive"),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_client.id"], name="redemption_by_a_partner"),
        sa.ForeignKeyConstraint(["code_id"], ["discount_code.id"], name="redemption_of_a_code"),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservation.id"], name="redemption_of_a_reservation"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_id", name="redemption_once_per_code"),
        sa.UniqueConstraint("public_id", name="redemption_id_is_unique"),
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redemption_client_id"), ["client_id"], unique=False)

    op.create_table(
        "referral",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "friend_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "consent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="referral_has_a_consent"),
        sa.ForeignKeyConstraint(["friend_id"], ["member.id"], name="referral_of_a_friend"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="referral_of_an_offer"),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="referral_by_a_share"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="referral_after_a_visit"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("friend_id", "event_id", name="referral_once_per_event"),
        sa.UniqueConstraint("offer_id", "friend_id", name="friend_is_referred_once_per_offer"),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_share_id"), ["share_id"], unique=False)

    op.create_table(
        "reversal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "conversion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reversal_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "amount_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "credited_before_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "credited_after_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="reversal_is_positive"),
        sa.ForeignKeyConstraint(
            ["conversion_id"], ["conversion.id"], name="reversal_of_a_conversion"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversion_id", "reversal_ref", name="reversal_once_per_order"),
    )


def downgrade() -> None:
    """Take the change back."""

    op.drop_table("reversal")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_share_id"))

    op.drop_table("referral")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redemption_client_id"))

    op.drop_table("redemption")
    with op.batch_alter_table("conversion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversion_participant_id"))
        batch_op.drop_index(batch_op.f("ix_conversion_offer_id"))
        batch_op.drop_index(batch_op.f("ix_conversion_buyer_id"))
        batch_op.drop_index("conversion_by_buyer")

    op.drop_table("conversion")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(
            "visitor_counts_once_per_offer",
            sqlite_where=sa.text("outcome = 'counted'"),
            postgresql_where=sa.text("outcome = 'counted'"),
        )
        batch_op.drop_index(
            "visit_waiting_to_vest",
            sqlite_where=sa.text("vested_at IS NULL AND vests_at IS NOT NULL"),
            postgresql_where=sa.text("vested_at IS NULL AND vests_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "visit_waiting_for_the_worker",
            sqlite_where=sa.text("outcome IS NULL AND verified_at IS NOT NULL"),
            postgresql_where=sa.text("outcome IS NULL AND verified_at IS NOT NULL"),
        )
        batch_op.drop_index("visit_by_visitor")
        batch_op.drop_index(batch_op.f("ix_visit_share_id"))
        batch_op.drop_index(batch_op.f("ix_visit_friend_id"))

    op.drop_table("visit")
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.drop_index(
            "one_live_per_code",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("reservation")
    op.drop_table("click_count")
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_share_participant_id"))
        batch_op.drop_index(batch_op.f("ix_share_offer_id"))

    op.drop_table("share")
    with op.batch_alter_table("discount_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_discount_code_brand_id"))

    op.drop_table("discount_code")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_parent_id"))
        batch_op.drop_index(batch_op.f("ix_participant_member_id"))

    op.drop_table("participant")
    with op.batch_alter_table("oauth_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_token_member_id"))
        batch_op.drop_index(batch_op.f("ix_oauth_token_family"))

    op.drop_table("oauth_token")
    with op.batch_alter_table("oauth_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_code_member_id"))

    op.drop_table("oauth_code")
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.drop_index("ledger_of_an_offer")

    op.drop_table("ledger_transfer")
    op.drop_table("answered_request")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_member_member_id"))

    op.drop_table("team_member")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_brand_id"))

    op.drop_table("offer")
    with op.batch_alter_table("oauth_client", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oauth_client_brand_id"))

    op.drop_table("oauth_client")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_member_id"))

    op.drop_table("consent")
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_browser_session_member_id"))

    op.drop_table("browser_session")
    with op.batch_alter_table("brand_domain", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_brand_domain_brand_id"))

    op.drop_table("brand_domain")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_brand_id"))

    op.drop_table("audit_entry")
    op.drop_table("visitor_salt")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "outbox_waiting",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("outbox_message")
    op.drop_table("member")
    op.drop_table("heartbeat")
    op.drop_table("brand")
