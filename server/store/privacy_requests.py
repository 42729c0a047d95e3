"""What people ask for by the law of data protection, with the clock that runs for the answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, or_, text, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.store.brands import Brand
from server.store.columns import id_column, moment, reference

BY_THE_PERSON = "the person"
"""Who answered what a person did by themselves, or what ended because they were erased."""


class RequestKind(StrEnum):
    """What a person can ask for; the numbers are articles of the GDPR."""

    ACCESS = "access"
    """Art. 15: to know what is held."""
    CORRECTION = "correction"
    """Art. 16."""
    ERASURE = "erasure"
    """Art. 17."""
    RESTRICTION = "restriction"
    """Art. 18: to keep it without using it."""
    OBJECTION = "objection"
    """Art. 21."""
    OTHER = "other"


class RequestState(StrEnum):
    """How far a request is."""

    OPEN = "open"
    ANSWERED = "answered"
    REFUSED = "refused"


class PrivacyRequest(SQLModel, table=True):
    """One request of one person to a brand, or without a brand to whoever runs this server.

    ``due_at`` is a calendar month after it came; ``extended_until`` at most two months later, with
    a reason.  What a person did by themselves stands here as answered at once.  An erased person's
    request keeps its kind and its times, and no words.
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        UniqueConstraint("public_id", name="privacy_request_id_is_unique"),
        UniqueConstraint("member_id", "event_id", name="privacy_request_once_per_form"),
        CheckConstraint(
            "kind IN ('access', 'correction', 'erasure', 'restriction', 'objection', 'other')",
            name="privacy_request_kind_is_known",
        ),
        CheckConstraint(
            "state IN ('open', 'answered', 'refused')", name="privacy_request_state_is_known"
        ),
        CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name="answered_request_has_its_moment"
        ),
        CheckConstraint("due_at > received_at", name="request_is_due_after_it_came"),
        CheckConstraint("extended_until > due_at", name="extension_gives_more_time"),
        Index(
            "privacy_requests_by_their_end",
            "due_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=16)
    event_id: str = Field(max_length=36)
    member_id: int = reference("member.id", name="privacy_request_of_a_member")
    brand_id: int | None = reference(
        "brand.id", name="privacy_request_to_a_brand", index=True, optional=True
    )
    kind: str = Field(max_length=12)
    words: str = Field(default="", max_length=2000)
    received_at: datetime = moment()
    due_at: datetime = moment()
    extended_until: datetime | None = moment(optional=True)
    extension_reason: str = Field(default="", max_length=500)
    state: str = Field(default=RequestState.OPEN, max_length=10)
    answer: str = Field(default="", max_length=2000)
    answered_at: datetime | None = moment(optional=True)
    answered_by: str = Field(default="", max_length=60)
    warned_at: datetime | None = moment(optional=True)


_ENDS_AT = func.coalesce(col(PrivacyRequest.extended_until), col(PrivacyRequest.due_at))
_IS_OPEN = col(PrivacyRequest.state) == RequestState.OPEN


def of_member(db: Session, member_id: int) -> list[tuple[PrivacyRequest, str | None]]:
    """Return what a person asked for with the name of the brand, newest first."""
    wanted = (
        select(PrivacyRequest, Brand.name)
        .join(Brand, col(Brand.id) == PrivacyRequest.brand_id, isouter=True)
        .where(PrivacyRequest.member_id == member_id)
    )
    return list(db.exec(wanted.order_by(col(PrivacyRequest.id).desc())))


def find_by_event(db: Session, *, member_id: int, event_id: str) -> PrivacyRequest | None:
    """Return the request that the person sent with this form."""
    return db.exec(
        select(PrivacyRequest).where(
            PrivacyRequest.member_id == member_id, PrivacyRequest.event_id == event_id
        )
    ).first()


def count_open(db: Session, member_id: int) -> int:
    """Return how many requests of a person wait for an answer."""
    wanted = select(func.count()).where(PrivacyRequest.member_id == member_id, _IS_OPEN)
    return db.exec(wanted).one()


def open_of(db: Session, brand_id: int | None) -> list[PrivacyRequest]:
    """Return what waits for a brand's answer, or the operator's; what is due first first."""
    wanted = select(PrivacyRequest).where(_to(brand_id), _IS_OPEN)
    return list(db.exec(wanted.order_by(_ENDS_AT, col(PrivacyRequest.id))))


def closed_of(db: Session, brand_id: int | None, *, limit: int) -> list[PrivacyRequest]:
    """Return what a brand or the operator answered, newest first."""
    wanted = select(PrivacyRequest).where(_to(brand_id), ~_IS_OPEN)
    return list(db.exec(wanted.order_by(col(PrivacyRequest.answered_at).desc()).limit(limit)))


def lock(db: Session, *, brand_id: int | None, public_id: str) -> PrivacyRequest | None:
    """Return a request to this brand, or to the operator; nobody else answers it meanwhile."""
    return db.exec(
        select(PrivacyRequest)
        .where(PrivacyRequest.public_id == public_id, _to(brand_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def overdue(db: Session, *, now: datetime, warned_before: datetime) -> list[PrivacyRequest]:
    """Return open requests whose time is over and that nobody was warned of since a moment."""
    wanted = select(PrivacyRequest).where(
        _IS_OPEN,
        PrivacyRequest.due_at < now,
        now > _ENDS_AT,
        or_(col(PrivacyRequest.warned_at).is_(None), col(PrivacyRequest.warned_at) < warned_before),
    )
    return list(db.exec(wanted.order_by(_ENDS_AT, col(PrivacyRequest.id))))


def warn(db: Session, request_id: int, *, now: datetime, warned_before: datetime) -> bool:
    """Note that somebody is warned of a request now; tell whether nobody was since a moment."""
    done = db.execute(
        update(PrivacyRequest)
        .where(
            col(PrivacyRequest.id) == request_id,
            _IS_OPEN,
            or_(
                col(PrivacyRequest.warned_at).is_(None),
                col(PrivacyRequest.warned_at) < warned_before,
            ),
        )
        .values(warned_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def count_ended(db: Session, brand_id: int | None, *, before: datetime) -> int:
    """Return how many open requests end before a moment: a brand's, or the operator's."""
    wanted = select(func.count()).select_from(PrivacyRequest)
    return db.exec(
        wanted.where(_to(brand_id), _IS_OPEN, PrivacyRequest.due_at < before, before > _ENDS_AT)
    ).one()


def count_all_ended(db: Session, *, before: datetime) -> int:
    """Return how many open requests end before a moment, whoever must answer them."""
    wanted = select(func.count()).select_from(PrivacyRequest)
    return db.exec(wanted.where(_IS_OPEN, PrivacyRequest.due_at < before, before > _ENDS_AT)).one()


def _to(brand_id: int | None) -> ColumnElement[bool]:
    addressed = col(PrivacyRequest.brand_id)
    return addressed.is_(None) if brand_id is None else addressed == brand_id
