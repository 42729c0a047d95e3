"""A customer's points with a brand, kept between two asks (docs/ENGINE.md §10)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from rewards import asks as engine
from server.services import question_worth
from server.store import asks as store
from server.store import brands, content_unlocks, redemptions, writing


@dataclass(frozen=True, slots=True)
class Given:
    """What a brand delivered to a customer: what codes took off orders, and content opened."""

    minor: int = 0
    items: int = 0


def given_by_brand(db: Session, *, member_id: int) -> dict[int, Given]:
    """Return what was delivered to a member, by brand; nothing where nothing was."""
    taken_off = redemptions.given_by_brand(db, member_id)
    opened = content_unlocks.opened_by_brand(db, member_id)
    return {
        brand_id: Given(taken_off.get(brand_id, 0), opened.get(brand_id, 0))
        for brand_id in sorted(taken_off.keys() | opened.keys())
    }


def current(
    db: Session, *, brand_id: int, member_id: int, given: Given, now: datetime
) -> engine.Account:
    """Return a customer's account as of now, with everything delivered so far; write nothing.

    ``given`` is all that was ever delivered and not taken back; what was counted before is not
    counted again.
    """
    now_s = seconds(now)
    row = store.account(db, brand_id=brand_id, member_id=member_id)
    account = engine.opened(now_s) if row is None else _kept(db, row)
    account = engine.passed(account, max(now_s, account.at_s))  # another clock may be ahead
    counted = Given(row.counted_minor, row.counted_items) if row else Given()
    return engine.delivered(
        account,
        redeemed_minor=max(0, given.minor - counted.minor),
        items_opened=max(0, given.items - counted.items),
        value_per_point_minor=_value_per_point(db, brand_id),
    )


def keep(
    db: Session, account: engine.Account, *, brand_id: int, member_id: int, given: Given
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
                "counted_minor": given.minor,
                "counted_items": given.items,
                **columns,
            },
        )
    assert row.id is not None
    row.counted_minor = max(row.counted_minor, given.minor)
    row.counted_items = max(row.counted_items, given.items)
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
