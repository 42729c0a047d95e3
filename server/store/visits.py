"""Visits: the click process writes them, the worker decides which of them count."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    update,
)
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.columns import id_column, moment, only, reference
from server.store.shares import Share

EVIDENCE = ("network_even", "network_odd", "device", "engaged")
"""Columns for the nightly look at visits, which are emptied long before the visit goes."""


class VisitOutcome(StrEnum):
    """What the worker decided about a verified visit; a forgotten one counted until then.

    So did a denied one: a person decided that it was made up.
    """

    COUNTED = "counted"
    REPEATED = "repeated"
    OTHER_LINK_FIRST = "other_link_first"
    OWN_VISIT = "own_visit"
    SHARE_WITHDRAWN = "share_withdrawn"
    OFFER_ENDED = "offer_ended"
    FORGOTTEN = "forgotten"
    DENIED = "denied"


class Visit(SQLModel, table=True):
    """One human click on a link.

    ``verified_at`` comes with the beacon, ``outcome`` with the worker.

    ``visitor_key`` is the keyed hash of docs/ENGINE.md §7; a click with ``Sec-GPC: 1`` leaves no
    visit.  A visit without one was forgotten: its token is one that nobody was ever told.
    ``credited`` says whether the visit counts in money (the budget had room) or for reach only.

    ``device``, ``engaged`` and the networks are for the nightly look at visits (``network_keys``
    says which network to compare); they are emptied long before the visit goes.
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
            **only("outcome = 'counted'"),
        ),
        Index(
            "visit_waiting_for_the_worker",
            "verified_at",
            **only("outcome IS NULL AND verified_at IS NOT NULL"),
        ),
        Index(
            "visit_waiting_to_vest",
            "vests_at",
            **only("vested_at IS NULL AND vests_at IS NOT NULL"),
        ),
        CheckConstraint(
            "visitor_key IS NOT NULL OR (network_even IS NULL AND network_odd IS NULL"
            " AND device IS NULL AND engaged IS NULL)",
            name="forgotten_visits_keep_no_evidence",
        ),
        Index("visit_with_evidence", "clicked_at", **only("device IS NOT NULL")),
        Index("visit_not_forgotten_yet", "clicked_at", **only("visitor_key IS NOT NULL")),
        Index("visit_by_visitor", "offer_id", "visitor_key", "clicked_at"),
    )

    id: int | None = id_column()
    token: str = Field(max_length=32)
    share_id: int = reference("share.id", name="visit_of_a_share", index=True)
    offer_id: int = reference("offer.id", name="visit_of_an_offer")
    visitor_key: bytes | None = Field(default=None, sa_type=LargeBinary)
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
    network_even: bytes | None = Field(default=None, sa_type=LargeBinary)
    network_odd: bytes | None = Field(default=None, sa_type=LargeBinary)
    device: str | None = Field(default=None, max_length=40)
    engaged: bool | None = Field(default=None)


class Arrived(NamedTuple):
    """A visit with the share that it came by."""

    id: int
    share_id: int
    offer_id: int
    participant_id: int
    sharer_id: int
    shown_as: str
    withdrawn_at: datetime | None
    """When the share was withdrawn."""
    clicked_at: datetime
    friend_id: int | None


_VISIT: Table = Visit.__table__  # type: ignore[attr-defined]
_SHARE: Table = Share.__table__  # type: ignore[attr-defined]
_BY_TOKEN = select(Visit).where(Visit.token == bindparam("token"))
_THESE = _VISIT.c.id.in_(bindparam("visit_ids", expanding=True))


ARRIVED = (
    rows_of(
        _VISIT.c.id,
        _VISIT.c.share_id,
        _VISIT.c.offer_id,
        _SHARE.c.participant_id,
        _SHARE.c.member_id,
        _SHARE.c.shown_as,
        _SHARE.c.withdrawn_at,
        _VISIT.c.clicked_at,
        _VISIT.c.friend_id,
    )
    .join(_SHARE, _SHARE.c.id == _VISIT.c.share_id)
    .where(_VISIT.c.token == bindparam("token"))
)

_SAVE = update(_VISIT).where(_VISIT.c.id == bindparam("row_id"))


def find(db: Session, visit_id: int) -> Visit | None:
    """Return the visit with this id."""
    return db.get(Visit, visit_id)


def find_by_token(db: Session, token: str) -> Visit | None:
    """Return the visit that carries this token."""
    return db.exec(_BY_TOKEN, params={"token": token}).first()


def arrived(db: Session, token: str) -> Arrived | None:
    """Return the visit that carries this token, with its share."""
    row = db.connection().execute(ARRIVED, {"token": token}).first()
    return Arrived(*row) if row else None


def befriend(db: Session, visit_id: int, friend_id: int) -> None:
    """Note who the visitor was."""
    save(db, [{"row_id": visit_id, "friend_id": friend_id}])


def add(db: Session, rows: list[dict[str, Any]]) -> None:
    """Write visits as the click process leaves them; every row has the same columns."""
    if rows:
        db.connection().execute(insert(_VISIT), rows)


def waiting(db: Session, *, limit: int, offer_id: int | None = None) -> list[tuple[int, int]]:
    """Return offer and id of verified visits that nobody decided yet, oldest first."""
    wanted = rows_of(_VISIT.c.offer_id, _VISIT.c.id).where(
        _VISIT.c.outcome.is_(None), _VISIT.c.verified_at.is_not(None)
    )
    return some(db, wanted.order_by(_VISIT.c.verified_at, _VISIT.c.id), limit, offer_id)


def save(db: Session, rows: list[dict[str, Any]]) -> None:
    """Write changed columns; each row has a ``row_id`` and the same columns."""
    if rows:
        db.connection().execute(_SAVE, rows)


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


def some(
    db: Session, wanted: Select[Any], limit: int, offer_id: int | None
) -> list[tuple[int, int]]:
    """Return offer and id of the first visits of a query, of one offer or of all."""
    if offer_id is not None:  # + 0, or SQLite reads all visits of the offer, not those that wait
        wanted = wanted.where(_VISIT.c.offer_id + 0 == offer_id)
    return [(row[0], row[1]) for row in db.connection().execute(wanted.limit(limit))]
