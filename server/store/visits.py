"""Visits: the click process writes them, the worker decides which of them count."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, reference
from server.store.shares import Share


class VisitOutcome(StrEnum):
    """What the worker decided about a verified visit."""

    COUNTED = "counted"
    REPEATED = "repeated"
    OTHER_LINK_FIRST = "other_link_first"
    OWN_VISIT = "own_visit"
    SHARE_WITHDRAWN = "share_withdrawn"
    OFFER_ENDED = "offer_ended"


class Visit(SQLModel, table=True):
    """One human click on a link.

    ``verified_at`` comes with the beacon, ``outcome`` with the worker.

    ``visitor_key`` is the keyed hash of docs/ENGINE.md §7; a click with ``Sec-GPC: 1`` leaves no
    visit.
    ``credited`` says whether the visit counts in money (the budget had room) or for reach only.
    """

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("token", name="visit_token_is_unique"),
        CheckConstraint(
            "outcome IS NULL OR verified_at IS NOT NULL", name="only_verified_visits_are_decided"
        ),
        CheckConstraint(
            "vested_at IS NULL OR outcome = 'counted'", name="only_counted_visits_vest"
        ),
        Index(
            "visitor_counts_once_per_offer",
            "offer_id",
            "visitor_key",
            unique=True,
            sqlite_where=text("outcome = 'counted'"),
            postgresql_where=text("outcome = 'counted'"),
        ),
        Index(
            "visit_waiting_for_the_worker",
            "verified_at",
            sqlite_where=text("outcome IS NULL AND verified_at IS NOT NULL"),
            postgresql_where=text("outcome IS NULL AND verified_at IS NOT NULL"),
        ),
        Index(
            "visit_waiting_to_vest",
            "vests_at",
            sqlite_where=text("vested_at IS NULL AND vests_at IS NOT NULL"),
            postgresql_where=text("vested_at IS NULL AND vests_at IS NOT NULL"),
        ),
        Index("visit_by_visitor", "offer_id", "visitor_key", "clicked_at"),
    )

    id: int | None = id_column()
    token: str = Field(max_length=32)
    share_id: int = reference("share.id", name="visit_of_a_share", index=True)
    offer_id: int = reference("offer.id", name="visit_of_an_offer")
    visitor_key: bytes = Field(sa_type=LargeBinary)
    clicked_at: datetime = moment()
    nonce: str | None = Field(default=None, max_length=32)
    nonce_at: datetime | None = moment(optional=True)
    verified_at: datetime | None = moment(optional=True)
    friend_id: int | None = reference(
        "member.id", name="visit_by_a_member", index=True, optional=True
    )
    outcome: str | None = Field(default=None, max_length=20)
    credited: bool = Field(default=False)
    vests_at: datetime | None = moment(optional=True)
    vested_at: datetime | None = moment(optional=True)


def find(db: Session, visit_id: int) -> Visit | None:
    """Return the visit with this id."""
    return db.get(Visit, visit_id)


def find_by_token(db: Session, token: str) -> Visit | None:
    """Return the visit that carries this token."""
    return db.exec(select(Visit).where(Visit.token == token)).first()


def lock(db: Session, visit_id: int) -> Visit:
    """Return the visit and keep everybody else from changing it until we commit."""
    return db.exec(
        select(Visit)
        .where(Visit.id == visit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def waiting(db: Session, *, limit: int) -> list[Visit]:
    """Return verified visits that nobody decided yet, oldest first."""
    wanted = select(Visit).where(col(Visit.outcome).is_(None), col(Visit.verified_at).is_not(None))
    return list(db.exec(wanted.order_by(col(Visit.verified_at), col(Visit.id)).limit(limit)))


def first_of_visitor(db: Session, *, offer_id: int, visitor_key: bytes) -> Visit | None:
    """Return the visitor's first arrival at the offer, through whichever link."""
    wanted = select(Visit).where(Visit.offer_id == offer_id, Visit.visitor_key == visitor_key)
    return db.exec(wanted.order_by(col(Visit.clicked_at), col(Visit.id)).limit(1)).first()


def has_counted(db: Session, *, offer_id: int, visitor_key: bytes) -> bool:
    """Tell whether a visit of this visitor already counts for the offer."""
    wanted = select(Visit.id).where(
        Visit.offer_id == offer_id,
        Visit.visitor_key == visitor_key,
        Visit.outcome == VisitOutcome.COUNTED,
    )
    return db.exec(wanted).first() is not None


def due(db: Session, *, now: datetime, limit: int) -> list[Visit]:
    """Return counted visits whose return window is over, oldest first."""
    wanted = select(Visit).where(
        col(Visit.vested_at).is_(None), col(Visit.vests_at) <= now, Visit.outcome == "counted"
    )
    return list(db.exec(wanted.order_by(col(Visit.vests_at), col(Visit.id)).limit(limit)))


def count_pending(db: Session, participant_id: int) -> int:
    """Return how many counted visits through the participant's own links have not vested."""
    wanted = (
        select(func.count())
        .select_from(Visit)
        .join(Share, col(Share.id) == Visit.share_id)
        .where(
            Share.participant_id == participant_id,
            Visit.outcome == VisitOutcome.COUNTED,
            col(Visit.vested_at).is_(None),
        )
    )
    return db.exec(wanted).one()
