"""The life of a code, step by step: the engine says what follows, and this writes all of it.

``rewards/grants.py`` returns the code as it stands after a step and the facts for the offer's
money, so that code and money cannot disagree.  The state changes by one conditional update: whoever
comes second changes nothing.
"""

from datetime import datetime

from sqlmodel import Session

from rewards import grants
from server.services import events, forests, stripe_codes
from server.services.validations import discount_of
from server.store import codes as store
from server.store import offers
from server.store.codes import OUT, CodeState


def as_held(row: store.DiscountCode) -> grants.Code:
    """Return a code as the engine knows it."""
    state = grants.CodeState.OUT if row.state in OUT else grants.CodeState.ENDED
    redeemed = row.state == CodeState.REDEEMED
    return grants.Code(
        event_id=f"grant:{row.event_id}",
        participant=row.participant_id,
        discount=discount_of(row),
        state=grants.CodeState.REDEEMED if redeemed else state,
        redeemed_minor=row.left_minor if redeemed else 0,
    )


def take(
    db: Session,
    row: store.DiscountCode,
    step: grants.Step,
    opened: forests.Opened,
    *,
    now: datetime,
    ended_as: CodeState = CodeState.EXPIRED,
) -> None:
    """Write one step of a locked code and what it does to the offer's money."""
    code, facts = step
    if not facts:
        return
    for fact in facts:
        forests.decide(opened, fact)
    forests.save(db, opened, now=now)
    before = CodeState(row.state)
    state = {
        grants.CodeState.OUT: CodeState.ISSUED,
        grants.CodeState.REDEEMED: CodeState.REDEEMED,
        grants.CodeState.ENDED: ended_as,
    }[code.state]
    left = code.redeemed_minor if state == CodeState.REDEEMED else code.discount.face_minor
    changed = store.change(
        db,
        row,
        before=before,
        state=state,
        left_minor=left,
        rate_basis_points=code.discount.rate_basis_points,
        ended_at=None if state == CodeState.ISSUED else now,
    )
    assert changed, "the code is locked, so nobody else can have changed it"
    assert row.id is not None
    stripe_codes.follow(db, brand_id=row.brand_id, code_id=row.id, now=now)


def tell_end(db: Session, row: store.DiscountCode, offer: offers.Offer, *, now: datetime) -> None:
    """Tell the brand's endpoints that a code has ended unused."""
    kind = events.CodeExpired if row.state == CodeState.EXPIRED else events.CodeRevoked
    ended = kind(offer.public_id, row.code, row.left_minor, row.currency)
    events.publish(db, brand_id=row.brand_id, event=ended, now=now)
