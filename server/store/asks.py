"""What customers were asked, and the points that it cost."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from server.errors import NotSignedIn
from server.store.columns import BIG, id_column, moment, reference, whole
from server.store.members import GONE, Member


class AskAccount(SQLModel, table=True):
    """One customer's points with one brand, as the engine keeps them (docs/ENGINE.md).

    ``counted_minor`` is how much of what was redeemed has become points, ``counted_items`` how many
    items of content that were opened; neither falls.
    Whoever changes it locks the member for asking first.
    """

    __tablename__ = "ask_account"
    __table_args__ = (
        UniqueConstraint("brand_id", "member_id", name="one_ask_account_per_customer"),
        CheckConstraint("time_parts >= 0 AND value_parts >= 0", name="points_are_not_negative"),
        CheckConstraint("delivered_parts >= value_parts", name="points_came_from_what_was_given"),
    )

    id: int | None = id_column()
    brand_id: int = reference("brand.id", name="ask_account_with_a_brand")
    member_id: int = reference("member.id", name="ask_account_of_a_member", index=True)
    began_at: datetime = moment()
    at: datetime = moment()
    time_parts: int = whole()
    value_parts: int = whole()
    delivered_parts: int = whole()
    counted_minor: int = whole(0)
    counted_items: int = Field(default=0)


class Ask(SQLModel, table=True):
    """One question that was put to a customer.  Only the reply is ever written later.

    ``session`` names the browser's session of one day, as a hash.
    """

    __tablename__ = "ask"
    __table_args__ = (
        UniqueConstraint("public_id", name="ask_id_is_unique"),
        UniqueConstraint("member_id", "session", name="one_ask_per_browser_session"),
        CheckConstraint(
            "reply IN ('answered', 'not_now', 'never')", name="reply_to_an_ask_is_known"
        ),
        CheckConstraint(
            "(reply IS NULL) = (replied_at IS NULL)", name="reply_to_an_ask_has_its_moment"
        ),
        CheckConstraint("cost_parts > 0", name="every_ask_costs_something"),
        Index("asks_of_an_account", "account_id", "id"),
    )

    id: int | None = id_column()
    public_id: str = Field(max_length=12)
    account_id: int = reference("ask_account.id", name="ask_of_an_account")
    member_id: int = reference("member.id", name="ask_of_a_member")
    question_id: int = reference("question.id", name="ask_of_a_question", index=True)
    field: str = Field(max_length=40)
    is_coarse: bool = Field(default=False)
    session: str = Field(max_length=64)
    cost_parts: int = Field(sa_type=BIG)
    asked_at: datetime = moment()
    reply: str | None = Field(default=None, max_length=10)
    replied_at: datetime | None = moment(optional=True)


def lock_member(db: Session, member_id: int) -> None:
    """Let nobody else ask this member, or note a reply of theirs, until we commit.

    Raises:
        NotSignedIn: the member was erased.

    """
    living = select(Member.id).where(Member.id == member_id, col(Member.erased_at).is_(None))
    if db.exec(living.with_for_update(key_share=True)).first() is None:
        raise NotSignedIn(GONE)


def account(db: Session, *, brand_id: int, member_id: int) -> AskAccount | None:
    """Return a customer's account with a brand."""
    return db.exec(
        select(AskAccount)
        .where(AskAccount.brand_id == brand_id, AskAccount.member_id == member_id)
        .execution_options(populate_existing=True)
    ).first()


def accounts(db: Session, member_id: int) -> list[AskAccount]:
    """Return a customer's accounts, oldest first."""
    wanted = select(AskAccount).where(AskAccount.member_id == member_id)
    return list(db.exec(wanted.order_by(col(AskAccount.id))))


def of_account(db: Session, account_id: int) -> list[Ask]:
    """Return everything that was ever asked from an account, oldest first."""
    wanted = select(Ask).where(Ask.account_id == account_id)
    return list(db.exec(wanted.order_by(col(Ask.id)).execution_options(populate_existing=True)))


def of_session(db: Session, *, member_id: int, session: str) -> Ask | None:
    """Return what was asked in a browser's session."""
    return db.exec(select(Ask).where(Ask.member_id == member_id, Ask.session == session)).first()


def find(db: Session, *, member_id: int, public_id: str) -> Ask | None:
    """Return a member's ask with this id."""
    return db.exec(
        select(Ask).where(Ask.member_id == member_id, Ask.public_id == public_id)
    ).first()


def newest(db: Session, member_id: int) -> Ask | None:
    """Return what a member was asked last, whoever asked."""
    wanted = select(Ask).where(Ask.member_id == member_id)
    return db.exec(wanted.order_by(col(Ask.id).desc())).first()


def reply(db: Session, ask_id: int, *, said: str, now: datetime) -> bool:
    """Note the reply to an ask, unless it has one; tell whether it was the first."""
    done = db.execute(
        update(Ask)
        .where(col(Ask.id) == ask_id, col(Ask.reply).is_(None))
        .values(reply=said, replied_at=now)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def replies(db: Session, question_id: int) -> dict[str | None, int]:
    """Return how often a version of a question was asked, by reply; None where none came."""
    wanted = select(Ask.reply, func.count()).where(Ask.question_id == question_id)
    return dict(db.exec(wanted.group_by(col(Ask.reply))).all())
