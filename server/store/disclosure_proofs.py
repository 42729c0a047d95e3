"""Proof that friends were told, in the same place as the link, that the sharer gets a reward."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from server.store import writing
from server.store.columns import id_column, moment, reference


class DisclosureProof(SQLModel, table=True):
    """One sentence that one share was shown with in one place.  ``last_shown_at`` moves on.

    ``words`` has ``{name}`` where the share's ``shown_as`` stood, so that no person is in it.
    """

    __tablename__ = "disclosure_proof"
    __table_args__ = (
        UniqueConstraint(
            "share_id", "surface", "language", "words_hash", name="disclosure_once_per_share"
        ),
        CheckConstraint("surface IN ('text', 'card')", name="disclosure_surface_is_known"),
        CheckConstraint("last_shown_at >= first_shown_at", name="disclosure_shown_first_then_last"),
    )

    id: int | None = id_column()
    share_id: int = reference("share.id", name="disclosure_of_a_share")
    surface: str = Field(max_length=10)
    language: str = Field(max_length=5)
    words: str = Field(max_length=200)
    words_hash: str = Field(max_length=64)
    first_shown_at: datetime = moment()
    last_shown_at: datetime = moment()


def note(
    db: Session,
    *,
    share_id: int,
    surface: str,
    language: str,
    words: str,
    words_hash: str,
    now: datetime,
) -> None:
    """Note that a share was shown with these words, for the first time or again."""
    key = {
        "share_id": share_id,
        "surface": surface,
        "language": language,
        "words_hash": words_hash,
    }
    values = {**key, "words": words, "first_shown_at": now, "last_shown_at": now}
    if writing.put_first(db, DisclosureProof, values) is None:
        db.execute(
            update(DisclosureProof)
            .filter_by(**key)
            .where(col(DisclosureProof.last_shown_at) < now)
            .values(last_shown_at=now)
        )


def of_share(db: Session, share_id: int) -> list[DisclosureProof]:
    """Return what a share was shown with, oldest first."""
    wanted = select(DisclosureProof).where(DisclosureProof.share_id == share_id)
    return list(db.exec(wanted.order_by(col(DisclosureProof.id))))
