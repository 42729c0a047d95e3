"""A customer's points with a brand, kept between two asks (docs/ENGINE.md §10)."""

from datetime import UTC, datetime

from sqlmodel import Session

from rewards import asks as engine
from server.services import question_worth
from server.store import asks as store
from server.store import brands, redemptions, writing


def given_by_brand(db: Session, *, member_id: int) -> dict[int, int]:
    """Return how much was delivered to a member, by brand: what their codes took off orders."""
    return redemptions.given_by_brand(db, member_id)


def current(
    db: Session, *, brand_id: int, member_id: int, given_minor: int, now: datetime
) -> engine.Account:
    """Return a customer's account as of now, with everything delivered so far; write nothing.

    ``given_minor`` is all that was ever delivered and not taken back; what was counted before is
    not counted again.
    """
    now_s = seconds(now)
    row = store.account(db, brand_id=brand_id, member_id=member_id)
    account = engine.opened(now_s) if row is None else _kept(db, row)
    account = engine.passed(account, max(now_s, account.at_s))  # another clock may be ahead
    counted = row.counted_minor if row else 0
    return engine.delivered(
        account,
        redeemed_minor=max(0, given_minor - counted),
        value_per_point_minor=_value_per_point(db, brand_id),
    )


def keep(
    db: Session, account: engine.Account, *, brand_id: int, member_id: int, given_minor: int
) -> int:
    """Write an account, not its history, and return its row's id; the member is locked."""
    columns = {
        "at": moment(account.at_s),
        "time_parts": account.time_parts,
        "value_parts": account.value_parts,
        "delivered_parts": account.delivered_parts,
    }
    row = store.account(db, brand_id=brand_id, member_id=member_id)
    if row is None:
        return writing.put(
            db,
            store.AskAccount,
            {
                "brand_id": brand_id,
                "member_id": member_id,
                "began_at": moment(account.began_s),
                "counted_minor": given_minor,
                **columns,
            },
        )
    assert row.id is not None
    row.counted_minor = max(row.counted_minor, given_minor)
    for name, value in columns.items():
        setattr(row, name, value)
    db.flush()
    return row.id


def seconds(at: datetime) -> int:
    """Return a moment as the engine counts it: whole seconds since 1970."""
    return int(at.timestamp())


def moment(at_s: int) -> datetime:
    """Return a moment of the engine as the store keeps it."""
    return datetime.fromtimestamp(at_s, UTC)


def _kept(db: Session, row: store.AskAccount) -> engine.Account:
    assert row.id is not None
    return engine.Account(
        at_s=seconds(row.at),
        began_s=seconds(row.began_at),
        time_parts=row.time_parts,
        value_parts=row.value_parts,
        delivered_parts=row.delivered_parts,
        history=tuple(_asked(ask) for ask in store.of_account(db, row.id)),
    )


def _asked(row: store.Ask) -> engine.Asked:
    return engine.Asked(
        at_s=seconds(row.asked_at),
        field=row.field,
        session=row.session,
        cost_parts=row.cost_parts,
        reply=engine.Reply(row.reply) if row.reply else None,
    )


def _value_per_point(db: Session, brand_id: int) -> int:
    brand = brands.find(db, brand_id)
    assert brand is not None
    return question_worth.value_per_point(brand.currency)
