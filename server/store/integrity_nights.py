"""Nights: which offers were checked, and which check waits to be finished."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.columns import id_column, moment, only, reference, whole


class IntegrityNight(SQLModel, table=True):
    """The check of one offer after one UTC day; finished once, by whoever holds it.

    ``night`` is the midnight at which the checked period ends.  While a night is not finished,
    nothing of the offer vests.
    """

    __tablename__ = "integrity_night"
    __table_args__ = (
        UniqueConstraint("offer_id", "night", name="night_once_per_offer"),
        CheckConstraint("attempts >= 0", name="attempts_are_counted_up"),
        Index("night_that_is_not_finished", "offer_id", **only("finished_at IS NULL")),
    )

    id: int | None = id_column()
    offer_id: int = reference("offer.id", name="night_of_an_offer")
    night: datetime = moment()
    begun_at: datetime = moment()
    free_at: datetime = moment()
    finished_at: datetime | None = moment(optional=True)
    attempts: int = Field(default=0)
    last_error: str = Field(default="", max_length=100)
    examined: int = whole(0)
    held: int = whole(0)
    watched: int = whole(0)
    unchecked: int = whole(0)
