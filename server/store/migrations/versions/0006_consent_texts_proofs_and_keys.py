"""Texts of consents, proof of disclosures, and keys that sign receipts.

What people agreed to so far was version 1; its words move from the code into the table.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIRST_TEXTS = {
    ("share", "en"): (
        "I share this offer with a link of my own. Fanfare records that I shared it, when, "
        "and through which channel, counts the visits and orders that come through my link, "
        "and rewards me for them. Friends who open my link are told that I get a reward if "
        "they buy, and see the name that I enter here, if I enter one. I can withdraw this at "
        "any time: my link then stops working, and what I earned before stays mine."
    ),
    ("share", "de"): (
        "Ich teile diese Aktion mit einem eigenen Link. Fanfare hält fest, dass ich sie "
        "geteilt habe, wann und über welchen Kanal, zählt die Besuche und Bestellungen, die "
        "über meinen Link kommen, und belohnt mich dafür. Freunde, die meinen Link öffnen, "
        "erfahren, dass ich eine Belohnung bekomme, wenn sie kaufen, und sehen den Namen, den "
        "ich hier eingebe, falls ich einen eingebe. Ich kann das jederzeit zurückziehen: Mein "
        "Link funktioniert dann nicht mehr, und was ich bis dahin verdient habe, bleibt "
        "meines."
    ),
    ("share", "fr"): (
        "Je partage cette offre avec mon propre lien. Fanfare enregistre que je l'ai "
        "partagée, quand et par quel canal, compte les visites et les commandes qui viennent "
        "par mon lien, et m'en récompense. Les amis qui ouvrent mon lien apprennent que je "
        "reçois une récompense s'ils achètent, et voient le nom que je saisis ici, si j'en "
        "saisis un. Je peux retirer cela à tout moment : mon lien cesse alors de fonctionner, "
        "et ce que j'ai gagné avant reste à moi."
    ),
    ("referral", "en"): (
        "I confirm that this person brought me to this offer. Fanfare records it once, so "
        "that what I buy or set in motion counts for them as well. They see a number, not my "
        "name and not what I buy. It changes nothing in what I pay or earn. I can withdraw "
        "this at any time: from then on nothing new is counted for them through me."
    ),
    ("referral", "de"): (
        "Ich bestätige, dass diese Person mich zu dieser Aktion gebracht hat. Fanfare hält "
        "das einmal fest, damit das, was ich kaufe oder in Gang setze, auch für sie zählt. "
        "Sie sieht eine Zahl, nicht meinen Namen und nicht, was ich kaufe. Es ändert nichts "
        "daran, was ich zahle oder verdiene. Ich kann das jederzeit zurückziehen: Von da an "
        "zählt durch mich nichts Neues mehr für sie."
    ),
    ("referral", "fr"): (
        "Je confirme que cette personne m'a amené à cette offre. Fanfare l'enregistre une "
        "fois, afin que ce que j'achète ou mets en mouvement compte aussi pour elle. Elle "
        "voit un nombre, ni mon nom ni ce que j'achète. Cela ne change rien à ce que je paie "
        "ou gagne. Je peux retirer cela à tout moment : dès lors, rien de nouveau ne compte "
        "pour elle par moi."
    ),
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "consent_text",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    for (purpose, language), words in FIRST_TEXTS.items():
        _keep(purpose, language, words)
    op.create_table(
        "disclosure_proof",
        sa.Column("id", BIG, nullable=False),
        sa.Column("share_id", BIG, nullable=False),
        sa.Column("surface", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("words_hash", sa.String(length=64), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("surface IN ('text', 'card')", name="disclosure_surface_is_known"),
        sa.CheckConstraint(
            "last_shown_at >= first_shown_at", name="disclosure_shown_first_then_last"
        ),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name="disclosure_of_a_share"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "share_id", "surface", "language", "words_hash", name="disclosure_once_per_share"
        ),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("public_jwk", sa.String(length=500), nullable=False),
        sa.Column("sealed_private", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(retired_at IS NULL) = (sealed_private IS NOT NULL)",
            name="retired_key_signs_no_more",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kid", name="signing_key_name_is_unique"),
    )
    op.create_index(
        "one_signing_key_at_a_time",
        "signing_key",
        ["algorithm"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("signing_key")
    op.drop_table("disclosure_proof")
    op.drop_table("consent_text")


def _keep(purpose: str, language: str, words: str) -> None:
    """Keep the words of version 1, where somebody agreed to them."""
    op.get_bind().execute(
        sa.text(
            "INSERT INTO consent_text (hash, purpose, version, language, words, first_used_at)"
            " SELECT text_hash, :purpose, '1', :language, :words, MIN(given_at) FROM consent"
            " WHERE text_hash = :hash GROUP BY text_hash"
        ),
        {
            "purpose": purpose,
            "language": language,
            "words": words,
            "hash": hashlib.sha256(words.encode()).hexdigest(),
        },
    )
