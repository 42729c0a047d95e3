"""What the click process keeps besides visits: salts, keys of networks, and counts of the rest."""

from datetime import date

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from server.store.columns import BIG, whole


class VisitorSalt(SQLModel, table=True):
    """The random salt of one UTC day; destroyed after 48 hours, and the day's keys with it."""

    __tablename__ = "visitor_salt"

    day: date = Field(primary_key=True)
    salt: bytes = Field(sa_type=LargeBinary)


class NetworkKey(SQLModel, table=True):
    """The random key under which networks are hashed for 28 days from ``began``, then destroyed.

    Keys overlap (``rewards.networks``), so that any 14 days share one.
    """

    __tablename__ = "network_key"

    began: date = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


class ClickCount(SQLModel, table=True):
    """How many requests a link saw on one UTC day that left no visit, by why."""

    __tablename__ = "click_count"

    share_id: int = Field(
        sa_column=Column(BIG, ForeignKey("share.id", name="clicks_of_a_share"), primary_key=True)
    )
    day: date = Field(primary_key=True)
    reason: str = Field(primary_key=True, max_length=20)
    clicks: int = whole(0)
