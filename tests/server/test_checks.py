"""The nightly check finds what does not match."""

from sqlmodel import Session, select

from server.services import codes
from server.store.codes import DiscountCode
from tests.server import town as towns


def test_every_issued_code_has_exactly_one_grant(db: Session):
    town = towns.found(db)
    town.shares("Ada")
    town.orders("330.00", through="Ada")
    town.time_passes()
    codes.take(
        db,
        member_id=town.member("Ada"),
        offer_public_id=town.offer.public_id,
        event_id="e-1",
        value_minor=10_00,
        now=town.now,
    )
    assert town.wrong() == []
    row = db.exec(select(DiscountCode)).one()
    row.event_id = "e-2"
    db.flush()
    of_ada = f"for participant {town.place('Ada').participant_id}"
    assert town.wrong() == [
        f"The code of 1000 by grant:e-1 {of_ada} was issued 0 times and granted 1 times.",
        f"The code of 1000 by grant:e-2 {of_ada} was issued 1 times and granted 0 times.",
    ]
